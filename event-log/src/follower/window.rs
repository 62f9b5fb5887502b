//! Recent records in memory, for live subscribers.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use domain::stream::Shard;
use tokio::sync::watch;

use super::{BATCH_BYTES_MAX, BATCH_RECORDS_MAX, Followed, WINDOW_BYTES_MAX, WINDOW_RECORDS_MAX};
use crate::fold::{Fold, Halt};

/// What the follower has told lately, and how far each live subscriber has heard it.
///
/// An entry is kept until every live subscriber has passed it, or until there are too many.
pub(super) struct Window {
    state: Mutex<State>,
    changed: Condvar,
    /// Counts changes, for those who wait in a runtime.
    version: watch::Sender<u64>,
}

#[derive(Default)]
struct State {
    /// Number of the first entry.
    base: u64,
    entries: VecDeque<Entry>,
    bytes: usize,
    /// Live subscriber → number of the entry it has to hear next.
    cursors: BTreeMap<u64, u64>,
    cursors_given: u64,
    is_live: bool,
    is_closed: bool,
    folds: BTreeMap<Shard, Fold>,
    halted: BTreeMap<Shard, Halt>,
}

struct Entry {
    followed: Followed,
    bytes: usize,
}

/// What a live subscriber finds.
pub(super) enum Taken {
    /// Entries of its shards; maybe none of those that it passed.
    Some(Vec<Followed>),
    /// Nothing new.
    Nothing,
    /// It was too slow: entries it has not heard are gone.
    Lost,
    /// There will be no more.
    Closed,
}

impl Default for Window {
    fn default() -> Self {
        Self {
            state: Mutex::default(),
            changed: Condvar::new(),
            version: watch::Sender::new(0),
        }
    }
}

impl Window {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state and wakes all who wait for a change.
    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state();
        change(&mut state);
        // Before the lock is given back: who looks at the version and then waits holds the lock all the while.
        self.version.send_modify(|version| *version += 1);
        drop(state);
        self.changed.notify_all();
    }

    /// Adds what was read, and where that leaves the follower in the shards it was about.
    pub(super) fn push(&self, batch: Vec<Followed>, folds: Vec<(Shard, Fold)>) {
        self.change(|state| {
            state.folds.extend(folds);
            for followed in batch {
                if let Followed::Halted { shard, halt } = &followed {
                    state.halted.insert(*shard, halt.clone());
                }
                let bytes = weight(&followed);
                state.bytes += bytes;
                state.entries.push_back(Entry { followed, bytes });
            }
            state.trim();
        });
    }

    /// From now on everything is told.
    pub(super) fn go_live(&self) {
        self.change(|state| state.is_live = true);
    }

    pub(super) fn close(&self) {
        self.change(|state| state.is_closed = true);
    }

    pub(super) fn is_live(&self) -> bool {
        self.state().is_live
    }

    pub(super) fn positions(&self) -> BTreeMap<Shard, u64> {
        let state = self.state();
        state.folds.iter().map(|(shard, fold)| (*shard, fold.seq)).collect()
    }

    /// Offset of the last record that the follower has read of a shard.
    pub(super) fn offset(&self, shard: Shard) -> Option<i64> {
        self.state().folds.get(&shard).map(|fold| fold.offset)
    }

    /// What the follower knows of each shard.
    pub(super) fn folds(&self) -> BTreeMap<Shard, Fold> {
        self.state().folds.clone()
    }

    /// Changes as they come, for those who wait in a runtime.
    pub(super) fn watch(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }

    /// Waits for a change after `seen`, until `deadline` if there is one.
    pub(super) fn wait(&self, seen: u64, deadline: Option<Instant>) {
        let mut state = self.state();
        while *self.version.borrow() == seen {
            state = match deadline {
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return;
                    }
                    let waited = self.changed.wait_timeout(state, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    pub(super) fn version(&self) -> u64 {
        *self.version.borrow()
    }

    /// Keeps everything that comes from now on for a subscriber that is about to join; none before the
    /// follower is live.
    pub(super) fn reserve(&self) -> Option<u64> {
        self.state().reserve()
    }

    /// As [`Window::reserve`], with what the follower knows of each shard at that moment.
    pub(super) fn reserve_here(&self) -> Option<(u64, BTreeMap<Shard, Fold>)> {
        let mut state = self.state();
        let cursor = state.reserve()?;
        Some((cursor, state.folds.clone()))
    }

    pub(super) fn release(&self, cursor: u64) {
        let mut state = self.state();
        state.cursors.remove(&cursor);
        state.trim();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.state().is_closed
    }

    /// Why the follower stopped following a shard.
    pub(super) fn halted(&self, shard: Shard) -> Option<Halt> {
        self.state().halted.get(&shard).cloned()
    }

    /// The next entries about shards that `wants` says yes to.
    pub(super) fn take(&self, cursor: u64, wants: impl Fn(Shard) -> bool) -> Taken {
        let mut state = self.state();
        let Some(&next) = state.cursors.get(&cursor) else {
            return Taken::Lost;
        };
        if next == state.end() {
            return if state.is_closed { Taken::Closed } else { Taken::Nothing };
        }
        let skip = usize::try_from(next - state.base).unwrap_or(usize::MAX);
        let (mut taken, mut bytes, mut passed) = (Vec::new(), 0, 0);
        for entry in state.entries.iter().skip(skip) {
            if taken.len() >= BATCH_RECORDS_MAX || (bytes > 0 && bytes + entry.bytes > BATCH_BYTES_MAX) {
                break;
            }
            passed += 1;
            if wants(entry.followed.shard()) {
                bytes += entry.bytes;
                taken.push(entry.followed.clone());
            }
        }
        state.cursors.insert(cursor, next + passed);
        state.trim();
        Taken::Some(taken)
    }
}

impl State {
    fn reserve(&mut self) -> Option<u64> {
        if !self.is_live {
            return None;
        }
        let id = self.cursors_given;
        let end = self.end();
        self.cursors_given += 1;
        self.cursors.insert(id, end);
        Some(id)
    }

    fn end(&self) -> u64 {
        self.base + self.entries.len() as u64
    }

    fn trim(&mut self) {
        let needed = self.cursors.values().min().copied().unwrap_or_else(|| self.end());
        while self.base < needed || self.entries.len() > WINDOW_RECORDS_MAX || self.bytes > WINDOW_BYTES_MAX {
            let Some(entry) = self.entries.pop_front() else {
                break;
            };
            self.base += 1;
            self.bytes -= entry.bytes;
        }
        // Who has lost entries reads the log, and must not keep the rest here meanwhile.
        let base = self.base;
        self.cursors.retain(|_, next| *next >= base);
    }
}

fn weight(followed: &Followed) -> usize {
    match followed {
        Followed::Commit(commit) => commit.record.payload.len(),
        Followed::Claimed(_) | Followed::Void(_) | Followed::Halted { .. } => 0,
    }
}
