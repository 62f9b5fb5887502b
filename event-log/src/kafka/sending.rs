//! Records on their way: bounded, and each answered once, whatever becomes of the producer that took it.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::stream::Shard;

use crate::port::{Append, Delivered, Deliveries, Delivery, LogError, Record};

/// Most bytes of records that are on their way at once.
const BYTES_MAX: usize = 64 * 1024 * 1024;

/// What is on its way.
pub(super) struct Sending {
    state: Mutex<State>,
    /// Told when nothing is on its way any more.
    idle: Condvar,
    deliveries: Deliveries,
    records_max: usize,
}

#[derive(Default)]
struct State {
    /// By the number that the library carries along.
    waiting: HashMap<usize, Waiting>,
    last_number: usize,
    bytes: usize,
    /// The offset after the last record that was acknowledged, of each shard.
    answered_ends: HashMap<Shard, i64>,
    is_closed: bool,
}

/// A record that is not answered.
struct Waiting {
    append: Append,
    bytes: usize,
    /// Which producer has it.
    producer: u64,
}

impl Waiting {
    fn answer(&self, delivery: Delivery) -> Delivered {
        Delivered {
            shard: self.append.shard,
            claim: self.append.envelope.claim,
            seq: self.append.envelope.seq,
            delivery,
        }
    }

    /// As it lies in the log, when it was acknowledged.
    fn record(self, delivery: &Delivery) -> Option<Arc<Record>> {
        let Delivery::At { offset, at } = delivery else {
            return None;
        };
        Some(Arc::new(Record {
            shard: self.append.shard,
            offset: *offset,
            at: *at,
            envelope: self.append.envelope,
            payload: self.append.payload,
        }))
    }
}

impl Sending {
    pub(super) fn new(deliveries: Deliveries, records_max: usize) -> Self {
        Self {
            state: Mutex::default(),
            idle: Condvar::new(),
            deliveries,
            records_max,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in all of the records, given with their sizes, or none; the number of the first, the others follow.
    pub(super) fn begin(&self, records: Vec<(Append, usize)>, producer: u64) -> Result<usize, LogError> {
        let bytes: usize = records.iter().map(|(_, bytes)| bytes).sum();
        let mut state = self.state();
        if state.is_closed {
            return Err(LogError::Unavailable("the log is closed".to_owned()));
        }
        let is_full = state.waiting.len() + records.len() > self.records_max;
        if is_full || (state.bytes > 0 && state.bytes + bytes > BYTES_MAX) {
            return Err(LogError::QueueFull);
        }
        let first = state.last_number + 1;
        state.last_number += records.len();
        state.bytes += bytes;
        for (number, (append, bytes)) in (first..).zip(records) {
            let waiting = Waiting {
                append,
                bytes,
                producer,
            };
            state.waiting.insert(number, waiting);
        }
        Ok(first)
    }

    /// It is as if these had never been taken in.
    pub(super) fn take_back(&self, numbers: impl Iterator<Item = usize>) {
        let mut state = self.state();
        for number in numbers {
            state.end(number);
        }
        self.tell_if_idle(&state);
    }

    /// Answers one; an answer that comes twice is given once. Under the lock, so that answers keep their order. Gives
    /// the record, when it was acknowledged.
    pub(super) fn answer(&self, number: usize, delivery: Delivery) -> Option<Arc<Record>> {
        let mut state = self.state();
        let waiting = state.end(number)?;
        if let Delivery::At { offset, .. } = &delivery {
            let end = state.answered_ends.entry(waiting.append.shard).or_default();
            *end = (*end).max(offset + 1);
        }
        // The receiver may have stopped before the log has.
        let _ = self.deliveries.send(vec![waiting.answer(delivery.clone())]);
        self.tell_if_idle(&state);
        waiting.record(&delivery)
    }

    pub(super) fn answered_end(&self, shard: Shard) -> i64 {
        self.state().answered_ends.get(&shard).copied().unwrap_or_default()
    }

    /// Answers what a producer has left behind: nobody will say what became of it.
    pub(super) fn abandon(&self, producer: u64, why: &str) {
        let mut state = self.state();
        let of_producer = state.waiting.iter().filter(|(_, waiting)| waiting.producer == producer);
        let mut numbers: Vec<usize> = of_producer.map(|(number, _)| *number).collect();
        numbers.sort_unstable();
        let ended = numbers.into_iter().filter_map(|number| state.end(number));
        let answers: Vec<Delivered> = ended
            .map(|waiting| waiting.answer(Delivery::Unknown(why.to_owned())))
            .collect();
        if !answers.is_empty() {
            let _ = self.deliveries.send(answers);
        }
        self.tell_if_idle(&state);
    }

    pub(super) fn is_closed(&self) -> bool {
        self.state().is_closed
    }

    /// Takes nothing more in, and waits until nothing is on its way, or for so long.
    pub(super) fn close(&self, timeout: Duration) {
        let deadline = Instant::now() + timeout;
        let mut state = self.state();
        state.is_closed = true;
        while !state.waiting.is_empty() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            let waited = self.idle.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn tell_if_idle(&self, state: &State) {
        if state.waiting.is_empty() {
            self.idle.notify_all();
        }
    }
}

impl State {
    fn end(&mut self, number: usize) -> Option<Waiting> {
        let ended = self.waiting.remove(&number)?;
        self.bytes -= ended.bytes;
        Some(ended)
    }
}

#[cfg(test)]
mod tests;
