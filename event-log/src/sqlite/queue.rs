//! What waits to be written.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::QUEUE_BYTES_MAX;
use crate::port::{Append, LogError};

/// A record that waits, with its envelope as it will be stored.
pub(super) struct Queued {
    pub(super) append: Append,
    pub(super) envelope: Vec<u8>,
    /// Over envelope and payload; the writer adds where and when.
    pub(super) checksum: crc32fast::Hasher,
}

impl Queued {
    pub(super) fn new(append: Append, envelope: Vec<u8>) -> Self {
        let mut checksum = crc32fast::Hasher::new();
        checksum.update(&envelope);
        checksum.update(&append.payload);
        Self {
            append,
            envelope,
            checksum,
        }
    }
}

/// A bounded queue with one taker. The taker is woken only when it sleeps.
pub(super) struct Queue {
    state: Mutex<State>,
    arrived: Condvar,
    records_max: usize,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Queued>,
    bytes: usize,
    is_taker_asleep: bool,
    is_closed: bool,
}

impl Queue {
    pub(super) fn new(records_max: usize) -> Self {
        Self {
            state: Mutex::default(),
            arrived: Condvar::new(),
            records_max,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds all of the records or none.
    pub(super) fn push(&self, records: Vec<Queued>) -> Result<(), LogError> {
        let bytes: usize = records.iter().map(|queued| queued.append.payload.len()).sum();
        let mut state = self.state();
        if state.is_closed {
            return Err(LogError::Unavailable("the log is closed".to_owned()));
        }
        let is_full = state.waiting.len() + records.len() > self.records_max;
        if is_full || (state.bytes > 0 && state.bytes + bytes > QUEUE_BYTES_MAX) {
            return Err(LogError::QueueFull);
        }
        state.bytes += bytes;
        state.waiting.extend(records);
        let wake = std::mem::take(&mut state.is_taker_asleep);
        drop(state);
        if wake {
            self.arrived.notify_one();
        }
        Ok(())
    }

    /// Moves all that waits into `taken`, which is empty; waits for something. False when the queue is closed
    /// and empty.
    pub(super) fn take(&self, taken: &mut VecDeque<Queued>) -> bool {
        let mut state = self.state();
        while state.waiting.is_empty() {
            if state.is_closed {
                return false;
            }
            state.is_taker_asleep = true;
            state = self.arrived.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.is_taker_asleep = false;
        state.bytes = 0;
        std::mem::swap(&mut state.waiting, taken);
        true
    }

    pub(super) fn close(&self) {
        self.state().is_closed = true;
        self.arrived.notify_one();
    }
}
