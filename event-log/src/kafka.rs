//! The log on Kafka: a partition for each shard, a message for each record.
//!
//! Kafka appends whatever it is given, and nothing in it fences one writer from another: who owns a shard and what
//! happened is for the fold to say. So this adapter promises little about writing, and much about reading. What is
//! acknowledged lies at its offset on enough brokers. What is not acknowledged is *unknown*: it may be in the log,
//! now or later, once or more often. And a log that is not what it was (a hole, a trimmed head, a topic deleted and
//! created again, records of somebody else) is named and never passed over.
//!
//! The threads of a log: the producer's, which answers appends and hands on what was acknowledged where it was to
//! lie; the tail's, which hands on every other record; the guard's, which looks after both and after the log itself. Readers share a few consumers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use domain::stream::Shard;
use tokio::sync::broadcast;
use uuid::Uuid;

use crate::port::{Append, Deliveries, EventLog, LogError, PAYLOAD_BYTES_MAX, Record, Scan};

mod asker;
mod batch;
mod client;
mod dispose;
mod guard;
mod known;
mod membership;
mod names;
mod open;
mod options;
mod place;
mod producer;
mod readers;
mod recent;
mod record;
mod scan;
mod sending;
mod signal;
mod tail;
mod topics;

use asker::Asker;
use batch::Batch;
use dispose::dispose;
use known::{Births, Damage};
pub use membership::KafkaMembership;
use names::Names;
pub use options::{KafkaError, KafkaOptions, PREFIX_CHARS_MAX, WrongTopic};
use producer::Producer;
use readers::Readers;
use recent::Recent;
use scan::KafkaScan;
use signal::Signal;
use tail::TailConsumer;

/// Most bytes of one message: a payload, an envelope, and what Kafka adds. The topics and all clients agree on it.
pub const RECORD_BYTES_MAX: usize = PAYLOAD_BYTES_MAX + record::ENVELOPE_BYTES_MAX + 64 * 1024;
/// Most groups that a receiver of the tail may lag behind; what was acknowledged comes one by one.
pub const TAIL_GROUPS_MAX: usize = 8_192;

/// The log on Kafka.
pub struct KafkaLog {
    inner: Arc<Inner>,
    running: Mutex<Option<Running>>,
}

/// What the log, its threads and its readers share.
struct Inner {
    shards: Vec<Shard>,
    partitions: u32,
    names: Names,
    signal: Signal,
    asker: Asker,
    readers: Readers,
    recent: Arc<Recent>,
    births: Arc<Births>,
    damage: Damage,
    producer: Producer,
}

/// What runs until the log is closed.
struct Running {
    tail: JoinHandle<()>,
    guard: JoinHandle<()>,
    consumer: Arc<TailConsumer>,
}

impl KafkaLog {
    /// Connects to the brokers, creates the topics that are not there, and compares those that are. Blocks.
    ///
    /// # Errors
    /// [`KafkaError`]: no broker in time, or topics that are not as a log needs them; each that is wrong is named.
    pub fn open(options: KafkaOptions, deliveries: Deliveries) -> Result<Self, KafkaError> {
        open::open(&options, deliveries)
    }

    /// Takes no more appends, waits a moment for those on their way, and lets the brokers go. Blocks.
    pub fn close(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(running) = running else {
            return;
        };
        self.inner.producer.close();
        self.inner.signal.close();
        self.inner.readers.close();
        dispose([Box::new(move || running.end()) as Box<dyn FnOnce() + Send>]);
    }
}

impl Running {
    fn end(self) {
        for thread in [self.tail, self.guard] {
            if thread.join().is_err() {
                tracing::error!("a thread of the log has panicked");
            }
        }
        drop(self.consumer);
    }
}

impl Drop for KafkaLog {
    fn drop(&mut self) {
        self.close();
    }
}

impl Inner {
    /// Remembers damage, and wakes those who follow the log, so that they meet it.
    fn damaged(&self, shard: Shard, offset: i64, why: String) {
        if self.damage.found(shard, offset, why) {
            self.recent.tell_to_read();
        }
    }
}

impl EventLog for KafkaLog {
    fn shards(&self) -> Vec<Shard> {
        self.inner.shards.clone()
    }

    fn partitions(&self) -> u32 {
        self.inner.partitions
    }

    fn append(&self, records: Vec<Append>) -> Result<(), LogError> {
        if let Some(damage) = records.iter().find_map(|append| self.inner.damage.of(append.shard)) {
            return Err(damage);
        }
        self.inner.producer.append(records)
    }

    fn owns(&self, _shard: Shard, _claim: Uuid) -> Option<bool> {
        None
    }

    fn read(
        &self,
        shard: Shard,
        from: i64,
        records_max: usize,
        bytes_max: usize,
    ) -> Result<Vec<Arc<Record>>, LogError> {
        KafkaScan::new(Arc::clone(&self.inner), BTreeMap::from([(shard, from)])).next(records_max, bytes_max)
    }

    fn read_known(
        &self,
        shard: Shard,
        from: i64,
        records_max: usize,
        bytes_max: usize,
    ) -> Result<Vec<Arc<Record>>, LogError> {
        if let Some(damage) = self.inner.damage.of(shard) {
            return Err(damage);
        }
        let mut batch = Batch::new(records_max, bytes_max);
        for record in self.inner.recent.from(shard, from, batch.room()) {
            if !batch.fits(&record) {
                break;
            }
            batch.push(record);
        }
        Ok(batch.records)
    }

    fn scan(&self, from: BTreeMap<Shard, i64>) -> Box<dyn Scan> {
        Box::new(KafkaScan::new(Arc::clone(&self.inner), from))
    }

    fn end(&self, shard: Shard) -> Result<i64, LogError> {
        if let Some(damage) = self.inner.damage.of(shard) {
            return Err(damage);
        }
        let ends = self.inner.asker.ends([shard])?;
        let end = ends.get(&shard).copied();
        end.ok_or_else(|| LogError::Unavailable(format!("no end of {shard} is known")))
    }

    fn known_end(&self, shard: Shard) -> Result<i64, LogError> {
        // An answer to an append may be here before the tail tells of its record.
        let answered = self.inner.producer.answered_end(shard);
        Ok(self.inner.recent.next(shard).max(answered))
    }

    fn tail(&self) -> broadcast::Receiver<Arc<[Arc<Record>]>> {
        self.inner.recent.tail()
    }
}
