//! Whether rows are being written: what is compared meanwhile may be half of a batch.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts the beginnings and ends of writes, so an odd number says that one is under way. There is one writer.
#[derive(Debug, Default)]
pub(crate) struct Writes(AtomicU64);

/// A moment at which nothing was being written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stillness(u64);

impl Writes {
    /// A write is under way until what is given is dropped.
    pub(crate) fn begin(&self) -> Writing<'_> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Writing(self)
    }

    /// This moment, unless something is being written.
    pub(crate) fn stillness(&self) -> Option<Stillness> {
        let count = self.0.load(Ordering::SeqCst);
        count.is_multiple_of(2).then_some(Stillness(count))
    }
}

/// A write that is under way.
pub(crate) struct Writing<'a>(&'a Writes);

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_add(1, Ordering::SeqCst);
    }
}
