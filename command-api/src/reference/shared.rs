//! The view as all shards of a process share it.

use std::sync::{PoisonError, RwLock, RwLockReadGuard};
use std::time::Instant;

use domain::ConsistencyToken;
use domain::stream::Shard;
use tokio::sync::Notify;

use super::{REFERENCE_TOPICS, ReferenceView};
use crate::error::CommandError;
use crate::shard::Changed;

/// One view, many readers.
#[derive(Default)]
pub(crate) struct SharedReference {
    view: RwLock<ReferenceView>,
    advanced: Notify,
}

impl SharedReference {
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, ReferenceView> {
        self.view.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in what a commit changed; shards that the view is not made from change nothing.
    pub(crate) fn take_in(&self, shard: Shard, seq: u64, changed: &[Changed]) {
        if !REFERENCE_TOPICS.contains(&shard.topic) {
            return;
        }
        {
            let mut view = self.view.write().unwrap_or_else(PoisonError::into_inner);
            for Changed { stream, state, .. } in changed {
                if let Some(state) = state {
                    view.take_in(stream, state);
                }
            }
            view.advance(shard, seq);
        }
        self.advanced.notify_waiters();
    }

    /// Waits until the view has taken in what `token` names, of the shards that it is made from.
    pub(crate) async fn after(&self, token: &ConsistencyToken, deadline: Instant) -> Result<(), CommandError> {
        if self.has_taken_in(token) {
            return Ok(());
        }
        let waiting = async {
            loop {
                let advanced = self.advanced.notified();
                tokio::pin!(advanced);
                advanced.as_mut().enable();
                if self.has_taken_in(token) {
                    return;
                }
                advanced.await;
            }
        };
        tokio::time::timeout_at(deadline.into(), waiting)
            .await
            .map_err(|_| CommandError::Behind)
    }

    fn has_taken_in(&self, token: &ConsistencyToken) -> bool {
        if token.is_empty() {
            return true;
        }
        let view = self.read();
        let mut wanted = token
            .iter()
            .filter(|(shard, _)| REFERENCE_TOPICS.contains(&shard.topic));
        wanted.all(|(shard, seq)| view.position(shard) >= seq)
    }
}
