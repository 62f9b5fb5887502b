//! Records up to a reader's limits.

use std::sync::Arc;

use crate::port::Record;

/// What one look has found.
pub(super) struct Batch {
    pub(super) records: Vec<Arc<Record>>,
    bytes: usize,
    records_max: usize,
    bytes_max: usize,
}

impl Batch {
    pub(super) fn new(records_max: usize, bytes_max: usize) -> Self {
        Self {
            records: Vec::new(),
            bytes: 0,
            records_max: records_max.max(1),
            bytes_max,
        }
    }

    /// How many records more it takes at most.
    pub(super) fn room(&self) -> usize {
        self.records_max.saturating_sub(self.records.len())
    }

    pub(super) fn is_full(&self) -> bool {
        self.room() == 0
    }

    pub(super) fn fits(&self, record: &Record) -> bool {
        let bytes = self.bytes.saturating_add(record.payload.len());
        self.records.is_empty() || (!self.is_full() && bytes <= self.bytes_max)
    }

    pub(super) fn push(&mut self, record: Arc<Record>) {
        self.bytes += record.payload.len();
        self.records.push(record);
    }
}
