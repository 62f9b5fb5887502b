//! How the threads of a log tell its guard that it should look.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What the guard is told; clones share it.
#[derive(Clone, Default)]
pub(super) struct Signal {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    told: Mutex<Told>,
    changed: Condvar,
}

/// What has been told since the guard looked last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// A client had trouble: the log may be another one, or gone.
    pub(super) is_suspect: bool,
    /// A consumer lost its place: it hears nothing of at least one partition.
    pub(super) is_astray: bool,
    /// The log is being closed. Once told, always told.
    pub(super) is_closing: bool,
}

impl Told {
    fn is_anything(self) -> bool {
        self != Self::default()
    }
}

impl Signal {
    fn told(&self) -> MutexGuard<'_, Told> {
        self.shared.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, tell: impl FnOnce(&mut Told)) {
        tell(&mut self.told());
        self.shared.changed.notify_all();
    }

    pub(super) fn suspect(&self) {
        self.tell(|told| told.is_suspect = true);
    }

    pub(super) fn astray(&self) {
        self.tell(|told| told.is_astray = true);
    }

    pub(super) fn close(&self) {
        self.tell(|told| told.is_closing = true);
    }

    pub(super) fn is_closing(&self) -> bool {
        self.told().is_closing
    }

    /// Waits until something is told, or for so long; gives it and forgets it.
    pub(super) fn wait(&self, timeout: Duration) -> Told {
        let deadline = Instant::now() + timeout;
        let mut told = self.told();
        while !told.is_anything() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let waited = self.shared.changed.wait_timeout(told, left);
            told = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        let taken = *told;
        *told = Told {
            is_closing: taken.is_closing,
            ..Told::default()
        };
        taken
    }
}
