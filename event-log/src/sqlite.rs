//! The embedded log: one SQLite file, one writer thread with group commit, readers on connections of their own.
//!
//! The writer drains its queue into one transaction. It keeps every shard's fold in memory and writes only what
//! the fold accepts at the place that was expected, so nothing in this log is ever void. A group is durable
//! (`synchronous=FULL`) before anybody hears of it; then it goes to the tail as one slice and to the senders as
//! one vector.
//!
//! What a failure means: when a statement before COMMIT fails, the group is rolled back and refused: it never was
//! in the log. When COMMIT itself fails, the group is *unknown*: this process will not see it and the next
//! commit overwrites it, but if the process dies before that, recovery may find it whole. Either way the writer
//! goes on with the next group, and the fold settles what became of the last one.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use domain::stream::Shard;
use rusqlite::Connection;
use tokio::sync::broadcast;
use uuid::Uuid;

use crate::checkpoint::Checkpoint;
use crate::port::{Append, Deliveries, EventLog, LogError, Record, Scan, stored_envelope};

mod heads;
mod lock;
mod open;
mod queue;
mod reader;
mod recent;
mod scan;
mod schema;
mod writer;

use heads::Heads;
pub use lock::{DirectoryLock, LockError};
pub use open::OpenError;
use queue::{Queue, Queued};
use recent::Recent;
use scan::SqliteScan;

/// The log's file in the data directory.
pub const FILE_NAME: &str = "log.db";
/// Most records that wait to be written; then appends are refused.
pub const QUEUE_RECORDS_MAX: usize = 16_384;
/// Most bytes of payload that wait to be written.
pub const QUEUE_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Most records in one transaction.
pub const GROUP_RECORDS_MAX: usize = 500;
/// Most bytes of payload in one transaction, but for a larger record that goes alone.
pub const GROUP_BYTES_MAX: usize = 1024 * 1024;
/// Most groups that a receiver of the tail may lag behind.
pub const TAIL_GROUPS_MAX: usize = 128;

/// How a log is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SqliteOptions {
    /// Partitions of the topics that have many; fixed when the log is created.
    pub partitions: u32,
    /// Most records that wait to be written.
    pub queue_records_max: usize,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            partitions: 16,
            queue_records_max: QUEUE_RECORDS_MAX,
        }
    }
}

/// The embedded log.
pub struct SqliteLog {
    inner: Arc<Inner>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

/// What the log, its writer and its readers share.
struct Inner {
    file: PathBuf,
    identity: Uuid,
    partitions: u32,
    queue: Queue,
    /// Where every shard's durable records end.
    heads: Mutex<Heads>,
    recent: Recent,
    readers: Mutex<Vec<Connection>>,
    tail: broadcast::Sender<Arc<[Arc<Record>]>>,
    /// Nobody else writes here while this lives.
    _lock: Arc<DirectoryLock>,
}

impl SqliteLog {
    /// Opens the log in the locked directory, creating it when there is none.
    ///
    /// # Errors
    /// [`OpenError`]: another partition count, another format, or the file cannot be used.
    pub fn open(lock: &Arc<DirectoryLock>, options: SqliteOptions, deliveries: Deliveries) -> Result<Self, OpenError> {
        open::open(lock, options, deliveries)
    }

    /// The name that this log was given when it was created.
    #[must_use]
    pub fn identity(&self) -> Uuid {
        self.inner.identity
    }

    /// Takes no more appends, writes what is queued, and ends the writer. Blocks until it has ended.
    pub fn close(&self) {
        self.inner.queue.close();
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer
            && writer.join().is_err()
        {
            tracing::error!("the log's writer has panicked");
        }
    }
}

impl Drop for SqliteLog {
    fn drop(&mut self) {
        self.close();
    }
}

impl Inner {
    fn heads(&self) -> std::sync::MutexGuard<'_, Heads> {
        self.heads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EventLog for SqliteLog {
    fn shards(&self) -> Vec<Shard> {
        self.inner.heads().shards().to_vec()
    }

    fn partitions(&self) -> u32 {
        self.inner.partitions
    }

    fn append(&self, records: Vec<Append>) -> Result<(), LogError> {
        // Encoded here, outside the lock and off the writer's thread.
        let mut queued = Vec::with_capacity(records.len());
        for append in records {
            let envelope = stored_envelope(&append)?;
            queued.push(Queued::new(append, envelope));
        }
        self.inner.queue.push(queued)
    }

    fn owns(&self, shard: Shard, claim: Uuid) -> Option<bool> {
        Some(
            self.inner
                .heads()
                .fold(shard)
                .is_some_and(|fold| fold.owner == Some(claim)),
        )
    }

    fn read(
        &self,
        shard: Shard,
        from: i64,
        records_max: usize,
        bytes_max: usize,
    ) -> Result<Vec<Arc<Record>>, LogError> {
        reader::read(&self.inner, shard, from, records_max, bytes_max)
    }

    fn scan(&self, from: BTreeMap<Shard, i64>) -> Box<dyn Scan> {
        Box::new(SqliteScan::new(Arc::clone(&self.inner), from))
    }

    fn end(&self, shard: Shard) -> Result<i64, LogError> {
        Ok(self.inner.heads().fold(shard).map_or(0, crate::fold::Fold::next))
    }

    fn head(&self, shard: Shard) -> Result<Option<Checkpoint>, LogError> {
        let fold = self.inner.heads().fold(shard).cloned();
        let Some(fold) = fold.filter(|fold| fold.offset >= 0) else {
            return Ok(None);
        };
        let last = self.read(shard, fold.offset, 1, 0)?;
        Ok(last.first().map(|record| Checkpoint::after(&fold, record.at, record)))
    }

    fn tail(&self) -> broadcast::Receiver<Arc<[Arc<Record>]>> {
        self.inner.tail.subscribe()
    }
}

#[cfg(test)]
mod tests;
