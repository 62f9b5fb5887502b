//! How many barriers a shard may still write: so that nobody can grow the log with refusals.

use crate::limits::{BARRIER_BURST, BARRIERS_PER_SECOND};

/// One barrier, in the unit that refills once a millisecond.
const BARRIER: u64 = 1_000;
const FULL: u64 = BARRIER_BURST * BARRIER;

/// A bucket of barriers that refills evenly.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Budget {
    left: u64,
    /// When it was refilled last; none while it is full.
    refilled_ms: Option<u64>,
}

impl Budget {
    pub(super) fn full() -> Self {
        Self {
            left: FULL,
            refilled_ms: None,
        }
    }

    /// Takes one barrier, if there is one.
    pub(super) fn take(&mut self, clock_ms: u64) -> bool {
        let elapsed_ms = self.refilled_ms.map_or(0, |at| clock_ms.saturating_sub(at));
        self.left = FULL.min(self.left + elapsed_ms * BARRIERS_PER_SECOND);
        self.refilled_ms = Some(clock_ms);
        if self.left < BARRIER {
            return false;
        }
        self.left -= BARRIER;
        true
    }
}
