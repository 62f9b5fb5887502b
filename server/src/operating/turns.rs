//! Turns of what reads the log from its beginning for an operator: audits and repairs.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::routes::Refused;

/// Audits and repairs that go on at once: each reads on a thread of its own, and an audit holds all accounts of a shard.
const REPLAYS_AT_ONCE_MAX: usize = 2;
/// How long one waits for its turn.
const TURN_WAIT: Duration = Duration::from_secs(10);

/// Who may begin. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Turns(Arc<Semaphore>);

/// Kept by everything that goes on in this turn: it ends with the last of it.
pub(crate) type Turn = Arc<OwnedSemaphorePermit>;

impl Default for Turns {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(REPLAYS_AT_ONCE_MAX)))
    }
}

impl Turns {
    /// Waits for a turn, but not for long.
    pub(crate) async fn take(&self) -> Result<Turn, Refused> {
        let turn = tokio::time::timeout(TURN_WAIT, Arc::clone(&self.0).acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            let message = format!("{REPLAYS_AT_ONCE_MAX} audits or repairs go on already");
            return Err(Refused::new(StatusCode::SERVICE_UNAVAILABLE, "operator.busy", message));
        };
        Ok(Arc::new(turn))
    }
}

#[cfg(test)]
mod tests;
