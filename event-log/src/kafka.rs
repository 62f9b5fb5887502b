//! The log on Kafka.
use std::collections::BTreeMap;
use std::sync::Arc;

use domain::stream::Shard;
use tokio::sync::broadcast;
use uuid::Uuid;

use crate::port::{Append, Deliveries, EventLog, LogError, Record, Scan, shards_of};

mod membership;
mod options;

pub use membership::KafkaMembership;
pub use options::{KafkaError, KafkaOptions, PREFIX_CHARS_MAX, WrongTopic};

/// The log on Kafka.
pub struct KafkaLog {
    partitions: u32,
}

impl KafkaLog {
    /// Connects to the brokers, creates the topics that are not there, and compares those that are.
    ///
    /// Blocks.
    ///
    /// # Errors
    /// [`KafkaError`].
    pub fn open(options: KafkaOptions, _deliveries: Deliveries) -> Result<Self, KafkaError> {
        options.check()?;
        Err(KafkaError::Client("not yet".to_owned()))
    }

    /// Takes no more appends, waits a moment for those on their way, and lets the brokers go. Blocks.
    pub fn close(&self) {}
}

impl EventLog for KafkaLog {
    fn shards(&self) -> Vec<Shard> {
        shards_of(self.partitions)
    }
    fn partitions(&self) -> u32 {
        self.partitions
    }
    fn append(&self, _records: Vec<Append>) -> Result<(), LogError> {
        Err(LogError::QueueFull)
    }
    fn owns(&self, _shard: Shard, _claim: Uuid) -> Option<bool> {
        None
    }
    fn read(&self, _: Shard, _: i64, _: usize, _: usize) -> Result<Vec<Arc<Record>>, LogError> {
        Err(LogError::QueueFull)
    }
    fn scan(&self, _from: BTreeMap<Shard, i64>) -> Box<dyn Scan> {
        unimplemented!()
    }
    fn end(&self, _shard: Shard) -> Result<i64, LogError> {
        Err(LogError::QueueFull)
    }
    fn tail(&self) -> broadcast::Receiver<Arc<[Arc<Record>]>> {
        unimplemented!()
    }
}
