//! Whether the read store answers: told once when it no longer does, and once when it does again.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use read_store::StoreError;

/// The outage of the moment, if there is one.
#[derive(Debug, Default)]
pub(crate) struct Outage(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// How many ask again and again.
    waiting: usize,
    /// The last thing that was said to one of them.
    why: Option<String>,
}

impl Outage {
    /// Somebody begins to ask again and again, until what is given is dropped.
    pub(crate) fn begin(&self, error: &StoreError) -> Waiting<'_> {
        let mut state = self.lock();
        if state.waiting == 0 {
            tracing::warn!(%error, "the read store does not answer: nothing is projected until it does");
        }
        state.waiting += 1;
        state.why = Some(error.to_string());
        let since = Instant::now();
        Waiting { outage: self, since }
    }

    /// What the store says; none while it does what it is asked.
    pub(crate) fn why(&self) -> Option<String> {
        self.lock().why.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody who asks again and again.
pub(crate) struct Waiting<'a> {
    outage: &'a Outage,
    since: Instant,
}

impl Waiting<'_> {
    /// Still no answer.
    pub(crate) fn goes_on(&self, error: &StoreError) {
        self.outage.lock().why = Some(error.to_string());
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut state = self.outage.lock();
        state.waiting -= 1;
        if state.waiting == 0 {
            state.why = None;
            let seconds = self.since.elapsed().as_secs();
            tracing::info!(seconds, "nobody waits for the read store any more");
        }
    }
}
