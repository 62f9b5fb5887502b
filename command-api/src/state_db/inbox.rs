//! What waits for the writer. It is woken once for each batch, not once for each commit.

use std::sync::mpsc::Sender;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::stream::Shard;

use super::writer::BATCH_RECORDS_MAX;
use crate::shard::Committed;

/// What waits for the writer.
#[derive(Default)]
pub(super) struct Inbox {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

/// What the writer takes out at once.
#[derive(Default)]
pub(super) struct Waiting {
    pub(super) committed: Vec<(Shard, Committed)>,
    /// Those who want to know when everything before is written.
    pub(super) flushes: Vec<Sender<()>>,
    /// Whether the file is to be made again at the next start.
    pub(super) is_distrusted: bool,
    pub(super) is_closed: bool,
}

impl Waiting {
    fn is_urgent(&self) -> bool {
        self.is_closed || self.is_distrusted || !self.flushes.is_empty()
    }
}

impl Inbox {
    pub(super) fn keep(&self, shard: Shard, committed: Committed) {
        let mut waiting = self.lock();
        waiting.committed.push((shard, committed));
        let wakes = matches!(waiting.committed.len(), 1 | BATCH_RECORDS_MAX);
        drop(waiting);
        if wakes {
            self.changed.notify_one();
        }
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut Waiting)) {
        change(&mut self.lock());
        self.changed.notify_one();
    }

    /// Takes what there is once that is worth writing: a while after the first record, or a full batch, or at
    /// once when somebody asks for it.
    pub(super) fn take(&self, linger: Duration) -> Waiting {
        let mut waiting = self.lock();
        while waiting.committed.is_empty() && !waiting.is_urgent() {
            waiting = self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        let is_enough = |waiting: &Waiting| waiting.committed.len() >= BATCH_RECORDS_MAX || waiting.is_urgent();
        waiting = self.wait(waiting, linger, is_enough);
        taken(&mut waiting)
    }

    /// Takes what there is after a pause, or at once when somebody asks for it.
    pub(super) fn take_after(&self, pause: Duration) -> Waiting {
        let mut waiting = self.wait(self.lock(), pause, Waiting::is_urgent);
        taken(&mut waiting)
    }

    fn wait<'a>(
        &self,
        waiting: MutexGuard<'a, Waiting>,
        longest: Duration,
        is_enough: impl Fn(&Waiting) -> bool,
    ) -> MutexGuard<'a, Waiting> {
        let waited = self
            .changed
            .wait_timeout_while(waiting, longest, |waiting| !is_enough(waiting));
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn taken(waiting: &mut Waiting) -> Waiting {
    let is_closed = waiting.is_closed;
    let taken = std::mem::take(waiting);
    // Closed is closed.
    waiting.is_closed = is_closed;
    taken
}
