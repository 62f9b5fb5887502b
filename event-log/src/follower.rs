//! The follower: one reader per process. It reads, folds and decodes each record once, as it becomes
//! durable, and hands it to all who want it.
//!
//! A live subscriber takes what it wants from a window of recent records in memory. One that starts in the
//! past, or lags behind the window, reads the log itself from where it is and joins the window again, without
//! gap or repeat. So a slow subscriber costs nobody else anything.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::JoinHandle;

use domain::stream::{Shard, Topic};
use domain::value::Timestamp;
use domain::{Decided, Event};
use thiserror::Error;

use crate::checkpoint::Checkpoint;
use crate::envelope::{Claim, Envelope};
use crate::fold::{Fold, Halt, Void};
use crate::port::{EventLog, Record};

mod back;
mod live;
mod places;
mod reading;
mod subscription;
mod window;

pub use back::BACK_BYTES_MAX;
pub use places::{Place, PlaceError};
pub use subscription::Subscription;
use window::Window;

/// Most records in one batch of a live subscription.
pub const BATCH_RECORDS_MAX: usize = 512;
/// Most bytes of payload in one batch of a live subscription, but for a larger record that comes alone.
pub const BATCH_BYTES_MAX: usize = 1024 * 1024;
/// Most records in one batch of a subscription that is behind: what is written together costs less than what is
/// written one after the other, and nobody waits for the first of them.
pub const BEHIND_RECORDS_MAX: usize = 4_096;
/// Most bytes of payload in such a batch, but for a larger record that comes alone.
pub const BEHIND_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Most records that wait in memory for the slowest live subscriber; behind that, it reads the log.
pub const WINDOW_RECORDS_MAX: usize = 16_384;
/// Most bytes of payload that wait in memory for the slowest live subscriber.
pub const WINDOW_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Turns a payload into events.
pub trait Decode: Send + Sync + 'static {
    /// The events in `payload`, in their order.
    ///
    /// # Errors
    /// Why not, for the operator.
    fn decode(&self, topic: Topic, payload: &[u8]) -> Result<Vec<Event>, String>;

    /// Whether an operator has decided that this commit, which cannot be read, counts as if nothing had happened in it.
    fn is_skipped(&self, shard: Shard, offset: i64) -> bool {
        let _ = (shard, offset);
        false
    }

    /// Whether all is at hand that decoding this payload takes. Never blocks.
    fn is_ready(&self, payload: &[u8]) -> bool {
        let _ = payload;
        true
    }

    /// Sees to it that all is at hand that decoding this payload takes, as far as anybody knows it. May block.
    ///
    /// # Errors
    /// What is not available for now: the record must be read again later, and parks nothing.
    fn prepare(&self, payload: &[u8]) -> Result<(), String> {
        let _ = payload;
        Ok(())
    }
}

/// A commit whose payload cannot be read: it parks the streams that its envelope names, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the payload cannot be decoded: {0}")]
pub struct Undecodable(pub String);

/// A commit or a barrier that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Whose.
    pub shard: Shard,
    /// Where.
    pub offset: i64,
    /// When; never earlier than the commit before.
    pub at: Timestamp,
    /// Its number.
    pub seq: u64,
    /// Its events with their streams; none in a barrier.
    pub events: Result<Vec<Decided>, Undecodable>,
    /// What the log holds.
    pub record: Arc<Record>,
    /// What is known of the shard after it.
    pub fold: Fold,
}

/// A claim that was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// Of which shard.
    pub shard: Shard,
    /// Where.
    pub offset: i64,
    /// When.
    pub at: Timestamp,
    /// What the log holds.
    pub record: Arc<Record>,
    /// What is known of the shard after it: its term and owner.
    pub fold: Fold,
}

/// A record that did not happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voided {
    /// Whose.
    pub shard: Shard,
    /// Where.
    pub offset: i64,
    /// When.
    pub at: Timestamp,
    /// Why not.
    pub why: Void,
    /// What the log holds.
    pub record: Arc<Record>,
    /// What is known of the shard after it.
    pub fold: Fold,
}

/// What a subscriber is told of one record, or of a shard's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Followed {
    /// A commit or a barrier happened.
    Commit(Arc<Commit>),
    /// Somebody took the shard over.
    Claimed(Arc<Claimed>),
    /// A record that did not happen.
    Void(Arc<Voided>),
    /// The shard's log is not intact: nothing more is told of it.
    Halted {
        /// Which.
        shard: Shard,
        /// Why.
        halt: Halt,
    },
}

impl Commit {
    /// All but the payload.
    #[must_use]
    pub fn envelope(&self) -> &Envelope {
        &self.record.envelope
    }

    /// Where to go on after it. Hashes the record: ask once per batch, not for each commit.
    #[must_use]
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint::after(&self.fold, self.at, &self.record)
    }
}

impl Claimed {
    /// What the claim says of its node; an accepted claim says something.
    #[must_use]
    pub fn claim(&self) -> Option<&Claim> {
        self.record.envelope.claimed.as_ref()
    }
}

impl Followed {
    /// Which shard it is about.
    #[must_use]
    pub fn shard(&self) -> Shard {
        match self {
            Self::Commit(commit) => commit.shard,
            Self::Claimed(claimed) => claimed.shard,
            Self::Void(voided) => voided.shard,
            Self::Halted { shard, .. } => *shard,
        }
    }
}

/// The events of a commit with their streams: the first events to the first touched stream, and so on. None of one
/// that is skipped, whatever its envelope promises: versions go on as it says.
///
/// # Errors
/// [`Undecodable`], also when the envelope promises another number of events.
pub fn decode_commit(decoder: &dyn Decode, record: &Record) -> Result<Vec<Decided>, Undecodable> {
    if record.payload.is_empty() && record.envelope.streams.iter().all(|touched| touched.events == 0) {
        return Ok(Vec::new());
    }
    if decoder.is_skipped(record.shard, record.offset) {
        return Ok(Vec::new());
    }
    let events = decoder
        .decode(record.shard.topic, &record.payload)
        .map_err(Undecodable)?;
    let promised: usize = record
        .envelope
        .streams
        .iter()
        .map(|touched| touched.events as usize)
        .sum();
    if promised != events.len() {
        let found = events.len();
        return Err(Undecodable(format!(
            "{found} events, but its envelope names {promised}"
        )));
    }
    let streams = record
        .envelope
        .streams
        .iter()
        .flat_map(|touched| std::iter::repeat_n(&touched.stream, touched.events as usize));
    Ok(streams
        .zip(events)
        .map(|(stream, event)| Decided {
            stream: stream.clone(),
            event,
        })
        .collect())
}

/// A handle of the one follower; clones share it. It stops with its last handle.
#[derive(Clone)]
pub struct Follower {
    shared: Arc<Shared>,
    running: Arc<Running>,
}

/// What the follower's thread and its subscribers share.
struct Shared {
    log: Arc<dyn EventLog>,
    decoder: Arc<dyn Decode>,
    window: Window,
}

/// Stops the thread when dropped.
struct Running {
    shared: Arc<Shared>,
    stop: tokio::sync::watch::Sender<bool>,
    thread: std::sync::Mutex<Option<JoinHandle<()>>>,
}

impl Follower {
    /// Starts to follow all shards of `log` on a thread of its own. Folding begins at the checkpoints in `from`;
    /// for shards without, at their end where the log keeps its folds, else at the beginning. Nothing is decoded
    /// before the end of the log is reached.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        log: Arc<dyn EventLog>,
        decoder: Arc<dyn Decode>,
        from: &BTreeMap<Shard, Checkpoint>,
    ) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            log,
            decoder,
            window: Window::default(),
        });
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let thread = live::spawn(Arc::clone(&shared), from, stopped)?;
        let running = Arc::new(Running {
            shared: Arc::clone(&shared),
            stop,
            thread: std::sync::Mutex::new(Some(thread)),
        });
        Ok(Self { shared, running })
    }

    /// Tells of every record of `shards` after the checkpoints in `from`; of those without, from the beginning.
    #[must_use]
    pub fn subscribe(&self, shards: &[Shard], from: &BTreeMap<Shard, Checkpoint>) -> Subscription {
        Subscription::new(Arc::clone(&self.shared), shards, from)
    }

    /// Number of the last commit that the follower has folded, of each shard.
    #[must_use]
    pub fn positions(&self) -> BTreeMap<Shard, u64> {
        self.shared.window.positions()
    }

    /// Whether it has reached the end of the log once and follows it live since.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.shared.window.is_live()
    }

    /// Ends the thread and every subscription. Blocks until it has ended.
    pub fn stop(&self) {
        self.running.stop();
    }
}

impl Running {
    fn stop(&self) {
        self.stop.send_replace(true);
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the follower's thread has panicked");
        }
        self.shared.window.close();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

#[cfg(test)]
mod tests;
