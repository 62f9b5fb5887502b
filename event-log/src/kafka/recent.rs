//! What the tail brought lately, in memory: most reading is of what was just written.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::stream::Shard;

use crate::port::Record;

/// What a record weighs beside its payload.
const RECORD_BYTES: usize = 512;

/// Recent records of all shards, up to a number of bytes; the oldest leave first.
pub(super) struct Recent {
    state: Mutex<State>,
    bytes_max: usize,
}

#[derive(Default)]
struct State {
    places: BTreeMap<Shard, Place>,
    /// Whose records came, the oldest first.
    order: VecDeque<Shard>,
    bytes: usize,
}

struct Place {
    /// Without holes, up to `next`.
    records: VecDeque<Arc<Record>>,
    /// The offset to come.
    next: i64,
}

impl Recent {
    /// Nothing yet; the tail begins at these offsets.
    pub(super) fn new(begins: &BTreeMap<Shard, i64>, bytes_max: usize) -> Self {
        let place = |next: i64| Place {
            records: VecDeque::new(),
            next,
        };
        let places = begins.iter().map(|(shard, next)| (*shard, place(*next))).collect();
        Self {
            state: Mutex::new(State {
                places,
                ..State::default()
            }),
            bytes_max,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn knows(&self, shard: Shard) -> bool {
        self.state().places.contains_key(&shard)
    }

    /// The offset that the tail gives next.
    pub(super) fn next(&self, shard: Shard) -> i64 {
        self.state().places.get(&shard).map_or(0, |place| place.next)
    }

    pub(super) fn nexts(&self) -> BTreeMap<Shard, i64> {
        let state = self.state();
        state.places.iter().map(|(shard, place)| (*shard, place.next)).collect()
    }

    /// The newest record of a shard.
    pub(super) fn last(&self, shard: Shard) -> Option<Arc<Record>> {
        self.state().places.get(&shard)?.records.back().cloned()
    }

    /// Takes the next record of its shard in. A record further on begins anew: what is kept has no holes.
    pub(super) fn push(&self, record: &Arc<Record>) {
        let mut state = self.state();
        if state
            .places
            .get(&record.shard)
            .is_some_and(|place| place.next != record.offset)
        {
            state.begin_anew(record.shard, record.offset);
        }
        let Some(place) = state.places.get_mut(&record.shard) else {
            return;
        };
        place.next = record.offset + 1;
        place.records.push_back(Arc::clone(record));
        state.order.push_back(record.shard);
        state.bytes += weight(record);
        while state.bytes > self.bytes_max && state.drop_oldest() {}
    }

    /// Forgets a shard's records: the tail goes on at `next`.
    pub(super) fn begin_anew(&self, shard: Shard, next: i64) {
        self.state().begin_anew(shard, next);
    }

    /// The records from `from` on that are kept; none when that one is not.
    pub(super) fn from(&self, shard: Shard, from: i64, records_max: usize) -> Vec<Arc<Record>> {
        let state = self.state();
        let Some(place) = state.places.get(&shard) else {
            return Vec::new();
        };
        let Some(first) = place.records.front().filter(|first| first.offset <= from) else {
            return Vec::new();
        };
        let skip = usize::try_from(from - first.offset).unwrap_or(usize::MAX);
        place.records.iter().skip(skip).take(records_max).cloned().collect()
    }
}

impl State {
    fn begin_anew(&mut self, shard: Shard, next: i64) {
        let Some(place) = self.places.get_mut(&shard) else {
            return;
        };
        place.next = next;
        let forgotten = std::mem::take(&mut place.records);
        self.bytes -= forgotten.iter().map(|record| weight(record)).sum::<usize>();
        self.order.retain(|other| *other != shard);
    }

    fn drop_oldest(&mut self) -> bool {
        let Some(shard) = self.order.pop_front() else {
            return false;
        };
        let oldest = self.places.get_mut(&shard).and_then(|place| place.records.pop_front());
        self.bytes -= oldest.map_or(0, |record| weight(&record));
        true
    }
}

fn weight(record: &Record) -> usize {
    record.payload.len() + RECORD_BYTES
}

#[cfg(test)]
mod tests;
