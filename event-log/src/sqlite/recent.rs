//! The last records of every shard, in memory: whoever stores how far it has read asks for one of them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::port::Record;

/// Most records of one shard.
const RECORDS_MAX: usize = 128;
/// Most bytes of payload of one shard.
const BYTES_MAX: usize = 64 * 1024;

/// Durable records, by the number of their shard.
pub(super) struct Recent(Mutex<Vec<Last>>);

/// The end of one shard, without holes.
#[derive(Clone, Default)]
struct Last {
    records: VecDeque<Arc<Record>>,
    bytes: usize,
}

impl Recent {
    pub(super) fn new(shards: usize) -> Self {
        Self(Mutex::new(vec![Last::default(); shards]))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Last>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in what became durable, in the order of the log.
    pub(super) fn take_in<'a>(&self, records: impl Iterator<Item = (usize, &'a Arc<Record>)>) {
        let mut shards = self.lock();
        for (index, record) in records {
            if let Some(last) = shards.get_mut(index) {
                last.push(Arc::clone(record));
            }
        }
    }

    /// The records of a shard from an offset on, within these limits; none when that offset is not in memory.
    pub(super) fn read(
        &self,
        index: usize,
        from: i64,
        records_max: usize,
        bytes_max: usize,
    ) -> Option<Vec<Arc<Record>>> {
        let shards = self.lock();
        let records = &shards.get(index)?.records;
        let skipped = usize::try_from(from - records.front()?.offset).ok()?;
        let (mut taken, mut bytes): (Vec<Arc<Record>>, usize) = (Vec::new(), 0);
        for record in records.iter().skip(skipped).take(records_max.max(1)) {
            bytes += record.payload.len();
            if bytes > bytes_max && !taken.is_empty() {
                break;
            }
            taken.push(Arc::clone(record));
        }
        (!taken.is_empty()).then_some(taken)
    }
}

impl Last {
    fn push(&mut self, record: Arc<Record>) {
        self.bytes += record.payload.len();
        self.records.push_back(record);
        while self.records.len() > RECORDS_MAX || self.bytes > BYTES_MAX {
            let Some(oldest) = self.records.pop_front() else {
                return;
            };
            self.bytes -= oldest.payload.len();
        }
    }
}
