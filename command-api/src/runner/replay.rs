//! Catching up with the log.

use std::time::Duration;

use event_log::Subscription;

use super::Runner;
use super::start::StartError;
use crate::limits::UNWRITTEN_COMMITS_MAX;

/// How long one look at the log may take before it is asked again whether it is the end.
const LOOK: Duration = Duration::from_millis(20);

impl Runner {
    /// Folds what the log holds beyond `state.db`. Blocks.
    pub(super) fn catch_up(&self, subscription: &mut Subscription) -> Result<(), StartError> {
        while !subscription.is_caught_up() {
            let batch = subscription.next_within(LOOK).ok_or(StartError::FollowerStopped)?;
            self.take_followed(batch);
            if self.is_ahead_of_state_db(UNWRITTEN_COMMITS_MAX) {
                self.state_db.flush();
            }
        }
        Ok(())
    }

    /// Whether more than so many commits of a shard wait to be written. A halted shard waits for an operator only.
    pub(super) fn is_ahead_of_state_db(&self, commits: u64) -> bool {
        self.cells.iter().any(|(shard, cell)| {
            let inner = cell.lock();
            let unwritten = inner.machine.fold().seq.saturating_sub(self.state_db.written(*shard));
            unwritten > commits && inner.machine.halted().is_none()
        })
    }
}
