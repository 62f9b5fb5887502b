//! What every log can do.

use std::sync::Arc;

use bytes::Bytes;
use domain::stream::Shard;
use domain::value::Timestamp;
use thiserror::Error;
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::envelope::Envelope;

/// A record that is in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Which partition.
    pub shard: Shard,
    /// Where in it, from 0, without holes.
    pub offset: i64,
    /// When the log took it; never earlier than the record before.
    pub at: Timestamp,
    /// All but the payload.
    pub envelope: Envelope,
    /// Events in the registry's wire format; empty in claims and barriers.
    pub payload: Bytes,
}

/// A record to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Append {
    /// Which partition.
    pub shard: Shard,
    /// Where it must come to lie. A log that can check this refuses any other place; the others report
    /// where it came to lie.
    pub expected_offset: i64,
    /// All but the payload.
    pub envelope: Envelope,
    /// Events in the registry's wire format.
    pub payload: Bytes,
}

/// What became of an append, as far as the log can say.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// It is in the log, durable, at this offset. Whether it *happened* is the fold's to say.
    At {
        /// Where.
        offset: i64,
        /// When.
        at: Timestamp,
    },
    /// It is not in the log and never will be.
    Refused(String),
    /// It may be in the log, now or later, once or more often.
    Unknown(String),
}

/// The answer to one append. Answers to the appends of one shard may come in any order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Delivered {
    /// Which partition.
    pub shard: Shard,
    /// The claim under which it was appended (or that it makes).
    pub claim: Uuid,
    /// Its number; 0 for a claim.
    pub seq: u64,
    /// What became of it.
    pub delivery: Delivery,
}

/// Where deliveries go: one vector per group commit, so that one wake serves many callers.
pub type Deliveries = mpsc::UnboundedSender<Vec<Delivered>>;

/// Why the log cannot do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LogError {
    /// The queue of appends is full: nothing was taken in.
    #[error("the log's queue is full")]
    QueueFull,
    /// For now; asking again may help.
    #[error("the log is not available: {0}")]
    Unavailable(String),
    /// What is stored is not what was written; asking again will not help.
    #[error("the log is damaged: {0}")]
    Damaged(String),
}

impl LogError {
    /// Whether asking again may help.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        !matches!(self, Self::Damaged(_))
    }
}

/// A log of partitions, each a sequence of records without holes.
///
/// Appends are pipelined: [`EventLog::append`] only hands over, and the [`Deliveries`] channel that the
/// log was opened with tells what became of each. Records are durable before they are delivered or read.
pub trait EventLog: Send + Sync + 'static {
    /// The shards it holds: one for each partition of each topic.
    fn shards(&self) -> Vec<Shard>;

    /// Partitions of the topics that have many.
    fn partitions(&self) -> u32;

    /// Hands records over to be written, in this order; never waits.
    ///
    /// # Errors
    /// [`LogError::QueueFull`] or [`LogError::Unavailable`]: none of them was taken.
    fn append(&self, records: Vec<Append>) -> Result<(), LogError>;

    /// Whether `claim` owns the shard now, where the log itself can tell at once; none where only a record
    /// can tell.
    fn owns(&self, shard: Shard, claim: Uuid) -> Option<bool>;

    /// Records from `from` on, in order, until a limit is reached (at least one, if there is any). May block.
    ///
    /// # Errors
    /// [`LogError::Unavailable`], [`LogError::Damaged`].
    fn read(&self, shard: Shard, from: i64, records_max: usize, bytes_max: usize)
    -> Result<Vec<Arc<Record>>, LogError>;

    /// The offset after the last durable record. May block.
    ///
    /// # Errors
    /// [`LogError::Unavailable`].
    fn end(&self, shard: Shard) -> Result<i64, LogError>;

    /// Everything that becomes durable from now on, in each partition's order. A receiver that lags
    /// (`tokio::sync::broadcast`) loses nothing: it reads again from where it was.
    fn tail(&self) -> tokio::sync::broadcast::Receiver<Arc<[Arc<Record>]>>;
}
