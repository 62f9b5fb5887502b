//! A log in memory, for tests. It behaves like Kafka: it takes any record at the end of its partition, checks
//! no term, and cannot say who owns a shard; the fold decides.
//!
//! A [`MemoryLog::plain`] one takes and answers at once. A [`MemoryLog::held`] one does nothing by itself: the
//! test, or a seeded [`Scheduler`], says what becomes of each record in flight.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::stream::Shard;
use domain::value::Timestamp;
use tokio::sync::broadcast;
use uuid::Uuid;

use crate::port::{Append, Delivered, Deliveries, EventLog, LogError, Record, Scan, shards_of, stored_envelope};

mod partitions;
mod scheduler;

pub use partitions::{Flight, Partitions};
pub use scheduler::{Faults, Scheduler};

/// Most groups that a receiver of the tail may lag behind.
const TAIL_GROUPS_MAX: usize = 128;

/// A log in memory. Clones share it.
#[derive(Clone)]
pub struct MemoryLog {
    inner: Arc<Inner>,
}

struct Inner {
    partitions: u32,
    mode: Mode,
    queue_records_max: usize,
    state: Mutex<Partitions>,
    deliveries: Deliveries,
    tail: broadcast::Sender<Arc<[Arc<Record>]>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Plain,
    Held,
}

impl MemoryLog {
    /// One that takes every record at once and answers at once.
    #[must_use]
    pub fn plain(partitions: u32, deliveries: Deliveries) -> Self {
        Self::new(Mode::Plain, partitions, deliveries, usize::MAX)
    }

    /// As [`MemoryLog::plain`], taking so many records in one call at most.
    #[must_use]
    pub fn plain_with_room(partitions: u32, deliveries: Deliveries, queue_records_max: usize) -> Self {
        Self::new(Mode::Plain, partitions, deliveries, queue_records_max)
    }

    /// One where everything appended stays in flight until told otherwise.
    #[must_use]
    pub fn held(partitions: u32, deliveries: Deliveries) -> Self {
        Self::new(Mode::Held, partitions, deliveries, usize::MAX)
    }

    /// As [`MemoryLog::held`], with room for so many records in flight.
    #[must_use]
    pub fn held_with_room(partitions: u32, deliveries: Deliveries, queue_records_max: usize) -> Self {
        Self::new(Mode::Held, partitions, deliveries, queue_records_max)
    }

    fn new(mode: Mode, partitions: u32, deliveries: Deliveries, queue_records_max: usize) -> Self {
        Self {
            inner: Arc::new(Inner {
                partitions,
                mode,
                queue_records_max,
                state: Mutex::new(Partitions::new(partitions)),
                deliveries,
                tail: broadcast::Sender::new(TAIL_GROUPS_MAX),
            }),
        }
    }

    /// The same log opened again: what landed is there, what was in flight is forgotten. The old handles go on
    /// as they were, with a log of their own.
    #[must_use]
    pub fn reopened(&self, deliveries: Deliveries) -> Self {
        let reopened = Self::new(
            self.inner.mode,
            self.inner.partitions,
            deliveries,
            self.inner.queue_records_max,
        );
        *reopened.state() = self.state().without_flights();
        reopened
    }

    /// What time it is from now on, if that is later than the last record.
    pub fn set_time(&self, now: Timestamp) {
        self.state().set_time(now);
    }

    /// What is in flight, in the order it was sent.
    #[must_use]
    pub fn flights(&self) -> Vec<Flight> {
        self.state().flights().to_vec()
    }

    /// Writes a record in flight at the end of its partition. Writing it again makes a duplicate. False when
    /// there is no such flight.
    pub fn land(&self, flight: u64) -> bool {
        let mut state = self.state();
        let landed = state.land(flight);
        let is_there = landed.is_some();
        // Under the lock, so that the tail has the order of the log.
        self.announce(landed.into_iter().collect());
        is_there
    }

    /// Answers with the place where the record landed first. False when it has not landed or is answered.
    pub fn acknowledge(&self, flight: u64) -> bool {
        let delivered = self.state().acknowledge(flight);
        self.deliver(delivered)
    }

    /// Answers that the outcome is not known, whether it landed, lands later or never does.
    pub fn lose_acknowledgement(&self, flight: u64) -> bool {
        let delivered = self.state().lose_acknowledgement(flight);
        self.deliver(delivered)
    }

    /// Answers that the record is not in the log; it never will be. False when it has landed or is answered.
    pub fn refuse(&self, flight: u64) -> bool {
        let delivered = self.state().refuse(flight);
        self.deliver(delivered)
    }

    /// Ends a flight: it never lands (again), and nothing more is answered.
    pub fn forget(&self, flight: u64) {
        self.state().forget(flight);
    }

    /// Lands and answers everything in flight, in the order it was sent.
    pub fn deliver_all(&self) {
        for flight in self.flights() {
            if flight.landed.is_none() {
                self.land(flight.id);
            }
            self.acknowledge(flight.id);
        }
    }

    /// Loses everything from offset `end` on, as a log does whose tail was not replicated.
    pub fn truncate(&self, shard: Shard, end: i64) {
        self.state().truncate(shard, end);
    }

    fn state(&self) -> MutexGuard<'_, Partitions> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn announce(&self, landed: Vec<Arc<Record>>) {
        if !landed.is_empty() {
            // Nobody may be listening.
            let _ = self.inner.tail.send(landed.into());
        }
    }

    fn deliver(&self, delivered: Option<Delivered>) -> bool {
        let Some(delivered) = delivered else {
            return false;
        };
        // The receiver may have stopped, as a crashed process has.
        let _ = self.inner.deliveries.send(vec![delivered]);
        true
    }

    fn take_at_once(&self, records: Vec<Append>) {
        let (mut landed, mut delivered) = (Vec::new(), Vec::new());
        {
            let mut state = self.state();
            for append in records {
                let flight = state.send(append);
                landed.extend(state.land(flight));
                delivered.extend(state.acknowledge(flight));
            }
            // Under the lock, so that the tail has the order of the log.
            self.announce(landed);
        }
        let _ = self.inner.deliveries.send(delivered);
    }
}

impl EventLog for MemoryLog {
    fn shards(&self) -> Vec<Shard> {
        shards_of(self.inner.partitions)
    }

    fn partitions(&self) -> u32 {
        self.inner.partitions
    }

    fn append(&self, records: Vec<Append>) -> Result<(), LogError> {
        for append in &records {
            stored_envelope(append)?;
        }
        if self.state().flights().len() + records.len() > self.inner.queue_records_max {
            return Err(LogError::QueueFull);
        }
        if self.inner.mode == Mode::Plain {
            self.take_at_once(records);
            return Ok(());
        }
        let mut state = self.state();
        for append in records {
            state.send(append);
        }
        Ok(())
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
        let state = self.state();
        let records = state.records(shard).iter().skip(usize::try_from(from).unwrap_or(0));
        let mut bytes = 0;
        let mut taken = Vec::new();
        for record in records.take(records_max.max(1)) {
            bytes += record.payload.len();
            if bytes > bytes_max && !taken.is_empty() {
                break;
            }
            taken.push(Arc::clone(record));
        }
        Ok(taken)
    }

    fn scan(&self, from: BTreeMap<Shard, i64>) -> Box<dyn Scan> {
        Box::new(ShardByShard {
            log: self.clone(),
            from,
        })
    }

    fn end(&self, shard: Shard) -> Result<i64, LogError> {
        Ok(self.state().end(shard))
    }

    fn tail(&self) -> broadcast::Receiver<Arc<[Arc<Record>]>> {
        self.inner.tail.subscribe()
    }
}

/// Reads one shard to its end, then the next.
struct ShardByShard {
    log: MemoryLog,
    from: BTreeMap<Shard, i64>,
}

impl Scan for ShardByShard {
    fn next(&mut self, records_max: usize, bytes_max: usize) -> Result<Vec<Arc<Record>>, LogError> {
        for (shard, from) in &mut self.from {
            let records = self.log.read(*shard, *from, records_max, bytes_max)?;
            if let Some(last) = records.last() {
                *from = last.offset + 1;
                return Ok(records);
            }
        }
        Ok(Vec::new())
    }
}

#[cfg(test)]
mod tests;
