//! What runs the shards: it performs what their machines ask for, at once and in the thread that asked.
//!
//! A machine sits behind its shard's lock. A caller's thread decides and hands over to the log; what the log
//! delivers, one vector for each group commit, is taken in by one task, which answers the callers. Nothing only
//! forwards.

mod cell;
mod parked;
mod perform;
mod process;
mod replay;
mod start;
mod tasks;
mod watch;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use domain::stream::Shard;
use domain::value::Timestamp;
use event_log::{EventLog, Membership};
use tokio::sync::{Notify, oneshot};
use tokio_util::sync::CancellationToken;

use crate::codec::Codec;
use crate::error::CommandError;
use crate::reference::SharedReference;
use crate::shard::{Answer, Input, Question, Standing};
use crate::state_db::StateDb;
use cell::Cell;
pub use parked::ParkedError;
use process::Listeners;
pub use process::Process;
pub(crate) use process::is_unfinished;
pub use start::{Options, StartError, start};

/// How often the machines are told that time has passed.
pub(crate) const TICK: Duration = Duration::from_millis(100);

/// Everything that the shards of a process share.
pub(crate) struct Runner {
    /// This node's name, as claims carry it.
    node: String,
    membership: Arc<dyn Membership>,
    log: Arc<dyn EventLog>,
    /// Whether records of others can appear in the log; then every record is heard of by following it.
    has_rivals: bool,
    codec: Arc<dyn Codec>,
    state_db: StateDb,
    reference: SharedReference,
    partitions: u32,
    cells: BTreeMap<Shard, Cell>,
    listeners: Mutex<Listeners>,
    /// Told whenever a shard's standing changes.
    standing_changed: Notify,
    started: Instant,
    is_stopping: AtomicBool,
    /// Ends the tasks.
    ended: CancellationToken,
}

impl Runner {
    pub(crate) fn reference(&self) -> &SharedReference {
        &self.reference
    }

    pub(crate) fn partitions(&self) -> u32 {
        self.partitions
    }

    /// Hands a question to its shard. The answer may be there when this returns.
    pub(crate) fn ask(
        &self,
        shard: Shard,
        question: Question,
        deadline: Instant,
    ) -> Result<oneshot::Receiver<Result<Answer, CommandError>>, CommandError> {
        let cell = self.cells.get(&shard).ok_or(CommandError::Misrouted)?;
        let deadline_ms = self.clock_ms_at(deadline);
        let (sender, receiver) = oneshot::channel();
        let mut shard = cell.lock();
        let ticket = shard.callers.admit(sender);
        self.drive(cell, &mut shard, Input::Asked(ticket, question, deadline_ms));
        Ok(receiver)
    }

    /// Who decides in each shard, as far as this process knows.
    pub(crate) fn standings(&self) -> BTreeMap<Shard, Standing> {
        let standing = |(shard, cell): (&Shard, &Cell)| (*shard, cell.lock().standing.clone());
        self.cells.iter().map(standing).collect()
    }

    /// Waits until every shard that can be served is served here; false at the deadline.
    pub(crate) async fn until_serving(&self, deadline: Instant) -> bool {
        loop {
            let changed = self.standing_changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if !self
                .standings()
                .values()
                .any(|standing| *standing == Standing::Following)
            {
                return true;
            }
            if tokio::time::timeout_at(deadline.into(), changed).await.is_err() {
                return false;
            }
        }
    }

    /// Takes no more requests, lets what was begun end, writes `state.db` and ends the tasks.
    pub(crate) async fn stop(self: &Arc<Self>, deadline: Instant) {
        self.is_stopping.store(true, Ordering::Release);
        for cell in self.cells.values() {
            self.drive(cell, &mut cell.lock(), Input::Stop);
        }
        while Instant::now() < deadline && self.cells.values().any(|cell| !cell.lock().machine.is_idle()) {
            tokio::time::sleep(DRAIN_POLL).await;
        }
        self.ended.cancel();
        let runner = Arc::clone(self);
        if let Err(error) = tokio::task::spawn_blocking(move || runner.state_db.close()).await {
            tracing::error!(%error, "state.db was not closed");
        }
    }

    fn clock_ms(&self) -> u64 {
        self.clock_ms_at(Instant::now())
    }

    fn clock_ms_at(&self, moment: Instant) -> u64 {
        let elapsed = moment.saturating_duration_since(self.started);
        u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
    }
}

/// How often a stopping process looks whether its shards are idle.
const DRAIN_POLL: Duration = Duration::from_millis(2);

fn wall_clock() -> Timestamp {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX))
}
