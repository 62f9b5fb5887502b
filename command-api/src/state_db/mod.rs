//! `state.db`: the committed states of all streams, the answers to keyed requests, and how far into the log
//! they reach.
//!
//! Nothing in it is true by itself: it is what folding the log gave, so it is thrown away and made again
//! whenever it was made by another program or cannot be trusted. One thread writes it, from committed records
//! only; states, answers and checkpoint of a batch are one transaction. The log holds what a crash takes.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use domain::stream::{Shard, StreamId};
use domain::value::{CommandId, Timestamp};
use event_log::{Checkpoint, EventLog};
use rusqlite::Connection;
use thiserror::Error;

use crate::planted;
use crate::shard::{Committed, Loaded, Versioned};

mod batch;
mod fill;
mod filter;
mod inbox;
mod reader;
mod row;
mod schema;
mod writer;

use filter::Filter;
use inbox::Inbox;
use writer::Writer;

/// Its name in the data directory.
pub const FILE_NAME: &str = "state.db";

/// Why `state.db` cannot be used.
#[derive(Debug, Error)]
pub enum StateDbError {
    /// SQLite says so.
    #[error("state.db: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A row is not what was written.
    #[error("state.db is damaged at {0}: it is made again at the next start")]
    Damaged(String),
    /// The file cannot be removed or the thread not be started.
    #[error("state.db: {0}")]
    Io(#[from] std::io::Error),
}

/// A handle of the one `state.db`; clones share it.
#[derive(Clone)]
pub(crate) struct StateDb {
    shared: Arc<Shared>,
    writer: Arc<WriterThread>,
}

/// Number of the last commit of one shard that is in the file.
#[derive(Clone, Default)]
pub(crate) struct Written(Arc<AtomicU64>);

impl Written {
    pub(crate) fn seq(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

/// The thread that writes. It ends, with everything written, when the last handle goes.
struct WriterThread {
    shared: Arc<Shared>,
    running: Mutex<Option<JoinHandle<()>>>,
}

impl Drop for WriterThread {
    fn drop(&mut self) {
        self.shared.inbox.change(|waiting| waiting.is_closed = true);
    }
}

/// What the writer and the readers share.
struct Shared {
    file: std::path::PathBuf,
    readers: Mutex<Vec<Connection>>,
    /// Number of the last commit that is in the file, of each shard.
    written: BTreeMap<Shard, Arc<AtomicU64>>,
    inbox: Inbox,
    /// The streams that may be in the file, by name.
    streams: Filter,
    /// The ids under which an answer may be in the file.
    answers: Filter,
}

impl StateDb {
    /// Opens the file in the data directory, and empties it when another program made it or it is damaged.
    pub(crate) fn open(directory: &Path, log: Arc<dyn EventLog>) -> Result<Self, StateDbError> {
        let file = directory.join(FILE_NAME);
        let connection = schema::open(&file)?;
        if planted::forgets_keys_at_restart() {
            connection.execute("DELETE FROM answers", [])?;
        }
        let checkpoints = reader::checkpoints(&connection)?;
        let shards = log.shards().into_iter();
        let written = shards.map(|shard| {
            let seq = checkpoints.get(&shard).map_or(0, |found| found.seq);
            (shard, Arc::new(AtomicU64::new(seq)))
        });
        let shared = Arc::new(Shared {
            file,
            readers: Mutex::new(Vec::new()),
            written: written.collect(),
            inbox: Inbox::default(),
            streams: Filter::default(),
            answers: Filter::default(),
        });
        let writer = Writer::new(connection, log, Arc::clone(&shared), checkpoints);
        let thread = std::thread::Builder::new()
            .name("state-db".to_owned())
            .spawn(move || writer.run())?;
        let filled = Arc::clone(&shared);
        std::thread::Builder::new()
            .name("state-db-filter".to_owned())
            .spawn(move || fill::fill(&filled))?;
        let writer = Arc::new(WriterThread {
            shared: Arc::clone(&shared),
            running: Mutex::new(Some(thread)),
        });
        Ok(Self { shared, writer })
    }

    /// How far each shard's log is in it.
    pub(crate) fn checkpoints(&self) -> Result<BTreeMap<Shard, Checkpoint>, StateDbError> {
        self.shared.with_reader(reader::checkpoints)
    }

    /// Takes in what a folded record changed. It is written soon.
    pub(crate) fn keep(&self, shard: Shard, committed: Committed) {
        self.shared.inbox.keep(shard, committed);
    }

    /// Number of the last commit of a shard that is in the file.
    pub(crate) fn written(&self, shard: Shard) -> u64 {
        self.written_by_now(shard).seq()
    }

    /// The same, for whoever asks again and again.
    pub(crate) fn written_by_now(&self, shard: Shard) -> Written {
        Written(self.shared.written.get(&shard).cloned().unwrap_or_default())
    }

    /// The states of these streams, and the answer kept under this id. Blocks for microseconds.
    pub(crate) fn load(
        &self,
        shard: Shard,
        streams: Vec<StreamId>,
        command: Option<CommandId>,
    ) -> Result<Loaded, StateDbError> {
        let command = command.filter(|command| self.shared.answers.may_hold(command));
        let mut found = Vec::with_capacity(streams.len());
        let mut perhaps = Vec::new();
        for stream in streams {
            if self.shared.streams.may_hold(&stream) {
                perhaps.push(stream);
            } else {
                let initial = Versioned::initial(&stream);
                found.push((stream, initial));
            }
        }
        if perhaps.is_empty() && command.is_none() {
            return Ok(Loaded {
                streams: found,
                kept: None,
            });
        }
        let mut loaded = self
            .shared
            .with_reader(|connection| reader::load(connection, shard, perhaps, command));
        if let Ok(loaded) = &mut loaded {
            loaded.streams.append(&mut found);
        }
        self.distrust_if_damaged(loaded)
    }

    /// The streams of a shard that are due until then, the earliest first, so many at most.
    pub(crate) fn due(
        &self,
        shard: Shard,
        until: Timestamp,
        streams_max: usize,
    ) -> Result<Vec<(Timestamp, StreamId)>, StateDbError> {
        let due = self
            .shared
            .with_reader(|connection| reader::due(connection, shard, until, streams_max));
        self.distrust_if_damaged(due)
    }

    /// The process managers of a shard that are not finished.
    pub(crate) fn unfinished(&self, shard: Shard) -> Result<Vec<(StreamId, Versioned)>, StateDbError> {
        let unfinished = self
            .shared
            .with_reader(|connection| reader::unfinished(connection, shard));
        self.distrust_if_damaged(unfinished)
    }

    /// Shows every state of a shard whose stream's name begins so.
    pub(crate) fn scan(
        &self,
        shard: Shard,
        prefix: &str,
        mut seen: impl FnMut(StreamId, Versioned),
    ) -> Result<(), StateDbError> {
        let scanned = self
            .shared
            .with_reader(|connection| reader::scan(connection, shard, prefix, &mut seen));
        self.distrust_if_damaged(scanned)
    }

    /// Returns once everything taken in so far is in the file, or could not be written. Blocks.
    pub(crate) fn flush(&self) {
        let (done, waits) = std::sync::mpsc::channel();
        self.shared.inbox.change(|waiting| {
            if !waiting.is_closed {
                waiting.flushes.push(done);
            }
        });
        // An error means that the writer has ended, and it writes everything before it does.
        let _ = waits.recv();
    }

    /// Writes what was taken in and ends the writer. Blocks.
    pub(crate) fn close(&self) {
        self.shared.inbox.change(|waiting| waiting.is_closed = true);
        let thread = self
            .writer
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the writer of state.db has panicked");
        }
    }

    fn distrust_if_damaged<T>(&self, result: Result<T, StateDbError>) -> Result<T, StateDbError> {
        if let Err(error) = &result {
            tracing::error!(%error, "state.db cannot be trusted: it is made again at the next start");
            self.shared.inbox.change(|waiting| waiting.is_distrusted = true);
        }
        result
    }
}

impl Shared {
    fn with_reader<T>(&self, read: impl FnOnce(&Connection) -> Result<T, StateDbError>) -> Result<T, StateDbError> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => schema::reader(&self.file)?,
        };
        let result = read(&connection);
        self.readers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(connection);
        result
    }
}

#[cfg(test)]
mod tests;
