//! What the threads and the handle of the feed share.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::stream::Shard;
use event_log::{Checkpoint, EventLog, Follower};
use read_store::{ActiveGenerations, Generation, ReadStore};
use search::{ParkedAt, SearchError, SearchFiles, SearchIndex};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::fed::Fed;
use super::feeding::Order;
use crate::limits::{RETRY_PAUSE_MAX, RETRY_PAUSE_MIN};
use crate::rebuild::Rebuilds;

/// What the threads of the feed share.
pub(super) struct Shared {
    pub(super) log: Arc<dyn EventLog>,
    pub(super) follower: Follower,
    pub(super) store: Arc<dyn ReadStore>,
    pub(super) active: ActiveGenerations,
    pub(super) files: SearchFiles,
    pub(super) index: SearchIndex,
    pub(super) caught_up: watch::Sender<bool>,
    pub(super) stopping: CancellationToken,
    pub(super) rebuilds: Rebuilds,
    /// Asks the thread that feeds what is answered from.
    pub(super) orders: mpsc::UnboundedSender<Order>,
    pub(super) state: Mutex<State>,
}

/// What an operator should know of the index.
#[derive(Debug, Default)]
pub(super) struct State {
    /// The file that is answered from.
    pub(super) front: Generation,
    /// The newest file that was ever begun.
    pub(super) newest: Generation,
    /// Where each file stands that is being fed.
    pub(super) files: BTreeMap<Generation, Stand>,
    /// Why nothing can be written.
    pub(super) stopped: Option<String>,
    /// Shards whose log is not intact, and why.
    pub(super) halted: BTreeMap<Shard, String>,
}

/// Where a file stands.
#[derive(Clone, Debug, Default)]
pub(super) struct Stand {
    pub(super) reached: BTreeMap<Shard, Checkpoint>,
    pub(super) parked: BTreeMap<String, ParkedAt>,
}

impl Shared {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes where a file stands.
    pub(super) fn stands(&self, fed: &Fed) {
        let mut state = self.state();
        let stand = state.files.entry(fed.writer.generation()).or_default();
        stand.reached.clone_from(fed.reached());
        if stand.parked.len() != fed.parked().len() {
            stand.parked.clone_from(fed.parked());
        }
    }

    /// Does something until it is done, as long as asking again may help and nobody stops the feed.
    pub(super) async fn retrying<T>(&self, mut ask: impl FnMut() -> Result<T, SearchError>) -> Result<T, SearchError> {
        let mut pause = RETRY_PAUSE_MIN;
        loop {
            let error = match ask() {
                Err(error) if error.is_retryable() => error,
                answer => {
                    if pause > RETRY_PAUSE_MIN {
                        self.state().stopped = None;
                    }
                    return answer;
                }
            };
            if self.state().stopped.replace(error.to_string()).is_none() {
                tracing::warn!(%error, "the search index cannot be written, trying again");
            }
            tokio::select! {
                () = self.stopping.cancelled() => return Err(error),
                () = tokio::time::sleep(pause) => pause = RETRY_PAUSE_MAX.min(pause * 2),
            }
        }
    }
}
