//! One reader of the log per process, and all who listen to it.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::stream::Shard;
use event_log::{Commit, Fold, Followed, Follower};
use tokio::sync::{Semaphore, mpsc, watch};

use super::interest::{Interest, Key, keys_of};
use super::{LiveCursor, LiveError};
use crate::limits::{FEED_COMMITS_MAX, LIVE_READY_MS_MAX, REPLAYS_AT_ONCE_MAX};

/// Hands each commit to those whose interest it touches. What nobody wants costs one look-up.
pub(crate) struct Hub {
    follower: Follower,
    partitions: u32,
    state: Mutex<State>,
    is_ready: watch::Sender<bool>,
    /// Who may read the log again at once; the others wait.
    pub(super) replays: Arc<Semaphore>,
}

#[derive(Default)]
struct State {
    folds: BTreeMap<Shard, Fold>,
    listeners: HashMap<u64, Listener>,
    by_key: HashMap<Key, Vec<u64>>,
    listeners_given: u64,
    is_closed: bool,
}

struct Listener {
    queue: mpsc::Sender<Arc<Commit>>,
    keys: Vec<Key>,
}

/// A listener's end of its queue; leaves the hub when dropped. The queue ends when its owner was too slow, or when the
/// hub is closed.
pub(super) struct Ear {
    hub: Arc<Hub>,
    id: u64,
    pub(super) queue: mpsc::Receiver<Arc<Commit>>,
}

impl Hub {
    /// A hub that begins to listen at once, on a task of its own.
    pub(crate) fn start(follower: Follower, partitions: u32) -> Arc<Self> {
        let hub = Arc::new(Self {
            follower,
            partitions,
            state: Mutex::default(),
            is_ready: watch::Sender::new(false),
            replays: Arc::new(Semaphore::new(REPLAYS_AT_ONCE_MAX)),
        });
        tokio::spawn(Arc::clone(&hub).listen());
        hub
    }

    async fn listen(self: Arc<Self>) {
        if let Some((mut subscription, folds)) = self.follower.subscribe_live().await {
            self.state().folds = folds;
            self.is_ready.send_replace(true);
            while let Some(batch) = subscription.next().await {
                self.publish(&batch);
            }
        }
        let mut state = self.state();
        state.is_closed = true;
        state.listeners.clear();
        state.by_key.clear();
    }

    fn publish(&self, batch: &[Followed]) {
        let mut state = self.state();
        for followed in batch {
            match followed {
                Followed::Commit(commit) => state.tell(commit),
                Followed::Claimed(claimed) => {
                    state.folds.insert(claimed.shard, claimed.fold.clone());
                }
                Followed::Void(voided) => {
                    state.folds.insert(voided.shard, voided.fold.clone());
                }
                Followed::Halted { .. } => {}
            }
        }
    }

    /// Waits until it is known where the log ends; only a shop that has just been started keeps anybody waiting.
    pub(crate) async fn folds(&self) -> Result<BTreeMap<Shard, Fold>, LiveError> {
        let mut ready = self.is_ready.subscribe();
        let wait = ready.wait_for(|is_ready| *is_ready);
        let arrived = tokio::time::timeout(Duration::from_millis(LIVE_READY_MS_MAX), wait).await;
        if !matches!(arrived, Ok(Ok(_))) {
            return Err(LiveError::Unavailable);
        }
        Ok(self.state().folds.clone())
    }

    /// Listens from now on, with what is known of each shard at this moment.
    pub(super) fn attend(self: &Arc<Self>, interest: &Interest) -> Result<(Ear, BTreeMap<Shard, Fold>), LiveError> {
        let mut state = self.state();
        if state.is_closed {
            return Err(LiveError::Unavailable);
        }
        let id = state.listeners_given;
        state.listeners_given += 1;
        let keys = interest.keys();
        for key in &keys {
            state.by_key.entry(key.clone()).or_default().push(id);
        }
        let (sender, queue) = mpsc::channel(FEED_COMMITS_MAX);
        state.listeners.insert(id, Listener { queue: sender, keys });
        let ear = Ear {
            hub: Arc::clone(self),
            id,
            queue,
        };
        Ok((ear, state.folds.clone()))
    }

    /// The text of a cursor.
    pub(crate) fn encode(&self, cursor: &LiveCursor) -> String {
        cursor.encode(&self.state().folds)
    }

    pub(super) fn follower(&self) -> &Follower {
        &self.follower
    }

    pub(super) fn partitions(&self) -> u32 {
        self.partitions
    }

    pub(super) fn is_closed(&self) -> bool {
        self.state().is_closed
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn tell(&mut self, commit: &Arc<Commit>) {
        self.folds.insert(commit.shard, commit.fold.clone());
        if self.listeners.is_empty() {
            return;
        }
        let mut told: Vec<u64> = Vec::new();
        for key in keys_of(commit) {
            told.extend(self.by_key.get(&key).into_iter().flatten());
        }
        told.sort_unstable();
        told.dedup();
        for id in told {
            let listener = self.listeners.get(&id);
            let is_heard = listener.is_some_and(|listener| listener.queue.try_send(Arc::clone(commit)).is_ok());
            if !is_heard {
                self.forget(id);
            }
        }
    }

    fn forget(&mut self, id: u64) {
        let Some(listener) = self.listeners.remove(&id) else {
            return;
        };
        for key in listener.keys {
            if let Some(ids) = self.by_key.get_mut(&key) {
                ids.retain(|other| *other != id);
                if ids.is_empty() {
                    self.by_key.remove(&key);
                }
            }
        }
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.hub.state().forget(self.id);
    }
}
