//! What every log can do.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use domain::stream::{Shard, Topic};
use domain::value::Timestamp;
use sha2::{Digest, Sha256};
use strum::IntoEnumIterator;
use thiserror::Error;
use tokio::sync::{broadcast, mpsc};
use uuid::Uuid;

use crate::checkpoint::Checkpoint;
use crate::envelope::Envelope;

/// Most bytes of one record's payload; the topics of a Kafka log allow as much.
pub const PAYLOAD_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A record that is in the log.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Record {
    /// Which partition.
    pub shard: Shard,
    /// Where in it, from 0, without holes.
    pub offset: i64,
    /// When the log took it; never earlier than the record before, but where brokers with clocks of their own take
    /// turns. So who reads takes the largest so far.
    pub at: Timestamp,
    /// All but the payload.
    pub envelope: Envelope,
    /// Events in the registry's wire format; empty in claims and barriers.
    pub payload: Bytes,
}

impl Record {
    /// What a checkpoint remembers of it: the first eight bytes of the SHA-256 of envelope and payload.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        // An envelope that was read or written has bytes.
        let envelope = self.envelope.encode().unwrap_or_default();
        let digest = Sha256::new()
            .chain_update(envelope)
            .chain_update(&self.payload)
            .finalize();
        digest.first_chunk().map_or(0, |head| u64::from_be_bytes(*head))
    }
}

/// A record to be written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Append {
    /// Which partition.
    pub shard: Shard,
    /// Where it must come to lie. A log that can check this refuses any other place; the others report
    /// where it came to lie. Nothing is expected of a claim: it may come to lie anywhere and is found by reading.
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
    /// A record that no log can take: nothing was taken in, and asking again will not help.
    #[error("the record cannot be stored: {0}")]
    Unstorable(String),
    /// For now; asking again may help.
    #[error("the log is not available: {0}")]
    Unavailable(String),
    /// A record that is stored otherwise than it was written; asking again will not help.
    #[error("the log is damaged at offset {offset} of {shard}: {why}")]
    Damaged {
        /// Whose record.
        shard: Shard,
        /// Where.
        offset: i64,
        /// What is wrong with it.
        why: String,
    },
}

impl LogError {
    /// Whether asking again may help.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::QueueFull | Self::Unavailable(_))
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
    /// [`LogError::QueueFull`], [`LogError::Unavailable`] or [`LogError::Unstorable`]: none of them was taken.
    fn append(&self, records: Vec<Append>) -> Result<(), LogError>;

    /// Whether `claim` owns the shard now, where the log itself can tell at once; none where only a record
    /// can tell.
    fn owns(&self, shard: Shard, claim: Uuid) -> Option<bool>;

    /// Records of one shard from `from` on, in order: at least one, if there is any, and never more than
    /// `records_max` or, but for the first, than `bytes_max` of payload. There may be more than it gives. May block.
    ///
    /// # Errors
    /// [`LogError::Unavailable`]; [`LogError::Damaged`] when the record at `from` cannot be given back.
    fn read(&self, shard: Shard, from: i64, records_max: usize, bytes_max: usize)
    -> Result<Vec<Arc<Record>>, LogError>;

    /// As [`EventLog::read`], but of what is known here, without asking anybody: never blocks for long. Where the log
    /// is elsewhere, the newest records may be missing (the tail tells of them), and so may all that came long ago.
    ///
    /// # Errors
    /// As [`EventLog::read`].
    fn read_known(
        &self,
        shard: Shard,
        from: i64,
        records_max: usize,
        bytes_max: usize,
    ) -> Result<Vec<Arc<Record>>, LogError> {
        self.read(shard, from, records_max, bytes_max)
    }

    /// Reads several shards at once, each from its own offset: how a reader catches up with a whole log.
    fn scan(&self, from: BTreeMap<Shard, i64>) -> Box<dyn Scan>;

    /// The offset after the last durable record. May block.
    ///
    /// # Errors
    /// [`LogError::Unavailable`].
    fn end(&self, shard: Shard) -> Result<i64, LogError>;

    /// The offset after the last record that is known here, without asking anybody: at least all that was there when
    /// the log was opened, and all that was delivered or told since. Never blocks for long.
    ///
    /// # Errors
    /// As [`EventLog::end`].
    fn known_end(&self, shard: Shard) -> Result<i64, LogError> {
        self.end(shard)
    }

    /// Where a shard ends, from a log that keeps its folds itself: who wants only what comes from now on starts
    /// there instead of folding everything. None where only reading tells. May block.
    ///
    /// # Errors
    /// As [`EventLog::read`].
    fn head(&self, shard: Shard) -> Result<Option<Checkpoint>, LogError> {
        let _ = shard;
        Ok(None)
    }

    /// Everything that becomes durable from now on, in each partition's order. A receiver that lags
    /// (`tokio::sync::broadcast`) loses nothing: it reads again from where it was. So it does after an empty group,
    /// which tells that something cannot be told this way: something is there that is no record, or is gone.
    fn tail(&self) -> broadcast::Receiver<Arc<[Arc<Record>]>>;
}

/// A pass over several shards, each shard's records in their order.
pub trait Scan: Send {
    /// The next records, of any of the shards; none when there are no more for now. May block.
    ///
    /// # Errors
    /// [`LogError::Unavailable`], after which it may be asked again; [`LogError::Damaged`], after which it
    /// goes on behind that record.
    fn next(&mut self, records_max: usize, bytes_max: usize) -> Result<Vec<Arc<Record>>, LogError>;
}

/// The shards of a log whose topics of many partitions have `partitions` of them.
#[must_use]
pub fn shards_of(partitions: u32) -> Vec<Shard> {
    let partitions_of = |topic: Topic| if topic.is_single_shard() { 1 } else { partitions };
    Topic::iter()
        .flat_map(|topic| (0..partitions_of(topic)).map(move |partition| Shard { topic, partition }))
        .collect()
}

/// The stored form of an append's envelope.
///
/// # Errors
/// [`LogError::Unstorable`] when the record is larger than a log takes.
pub fn stored_envelope(append: &Append) -> Result<Vec<u8>, LogError> {
    if append.payload.len() > PAYLOAD_BYTES_MAX {
        let bytes = append.payload.len();
        let why = format!("its payload has {bytes} bytes, more than {PAYLOAD_BYTES_MAX}");
        return Err(LogError::Unstorable(why));
    }
    let stored = append.envelope.encode();
    stored.map_err(|error| LogError::Unstorable(error.to_string()))
}
