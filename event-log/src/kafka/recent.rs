//! What became durable lately, in memory: most reading is of what was just written.
//!
//! It comes from two sides: the consumer of the tail brings everything, and what this process wrote itself is known
//! as soon as it is acknowledged at the very place that comes next. Each record is told once, in its shard's order.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::stream::Shard;
use tokio::sync::broadcast;

use super::TAIL_GROUPS_MAX;
use crate::port::Record;

/// What a record weighs beside its payload.
const RECORD_BYTES: usize = 512;

type Group = Arc<[Arc<Record>]>;

/// Recent records of all shards, up to a number of bytes; the oldest leave first.
pub(super) struct Recent {
    state: Mutex<State>,
    bytes_max: usize,
    tail: broadcast::Sender<Group>,
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
    /// Nothing yet; these offsets come next.
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
            tail: broadcast::Sender::new(TAIL_GROUPS_MAX),
        }
    }

    /// Everything that becomes known from now on.
    pub(super) fn tail(&self) -> broadcast::Receiver<Group> {
        self.tail.subscribe()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn knows(&self, shard: Shard) -> bool {
        self.state().places.contains_key(&shard)
    }

    /// The offset that comes next.
    pub(super) fn next(&self, shard: Shard) -> i64 {
        self.state().next(shard).unwrap_or_default()
    }

    pub(super) fn nexts(&self) -> BTreeMap<Shard, i64> {
        let state = self.state();
        state.places.iter().map(|(shard, place)| (*shard, place.next)).collect()
    }

    /// The newest record of a shard.
    pub(super) fn last(&self, shard: Shard) -> Option<Arc<Record>> {
        self.state().places.get(&shard)?.records.back().cloned()
    }

    /// Takes in and tells what the consumer brought, but for what is known. A record further on begins anew: what is
    /// kept has no holes.
    pub(super) fn bring(&self, mut records: Vec<Arc<Record>>) {
        let mut state = self.state();
        records.retain(|record| {
            let Some(next) = state.next(record.shard).filter(|next| *next <= record.offset) else {
                return false;
            };
            if next < record.offset {
                state.begin_anew(record.shard, record.offset);
            }
            state.push(record, self.bytes_max);
            true
        });
        self.tell(records.into());
    }

    /// Takes in and tells what was acknowledged here, if nothing that is not known yet comes before it.
    pub(super) fn acknowledge(&self, record: Arc<Record>) {
        let mut state = self.state();
        if state.next(record.shard) == Some(record.offset) {
            state.push(&record, self.bytes_max);
            self.tell([record].into());
        }
    }

    /// Under the lock, so that what is told keeps its order.
    fn tell(&self, group: Group) {
        if !group.is_empty() {
            // Nobody may be listening.
            let _ = self.tail.send(group);
        }
    }

    /// Tells that reading will show what cannot be told.
    pub(super) fn tell_to_read(&self) {
        let _ = self.tail.send(Arc::new([]));
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
    fn next(&self, shard: Shard) -> Option<i64> {
        self.places.get(&shard).map(|place| place.next)
    }

    fn push(&mut self, record: &Arc<Record>, bytes_max: usize) {
        let Some(place) = self.places.get_mut(&record.shard) else {
            return;
        };
        place.next = record.offset + 1;
        place.records.push_back(Arc::clone(record));
        self.order.push_back(record.shard);
        self.bytes += weight(record);
        while self.bytes > bytes_max && self.drop_oldest() {}
    }

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
