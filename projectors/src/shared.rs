//! What the projectors' threads and handles share.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use domain::stream::Shard;
use event_log::{Decode, EventLog, Follower, Halt};
use read_store::{ActiveGenerations, Generation, ReadStore, StoreError};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use crate::generation_log::GenerationLog;
use crate::generations::KnownGenerations;
use crate::limits::{RETRY_PAUSE_MAX, RETRY_PAUSE_MIN, STOP_GRACE};
use crate::outage::{Outage, Waiting};
use crate::projector::{AnyProjector, Retried};
use crate::rebuild::Rebuilds;
use crate::registry::PROJECTIONS;
use crate::repair;
use crate::retold::Retold;
use crate::writes::Writes;

/// What projectors work with.
#[derive(Clone)]
pub struct ProjectorsParts {
    /// Where rows go.
    pub store: Arc<dyn ReadStore>,
    /// What is projected.
    pub log: Arc<dyn EventLog>,
    /// Reads its payloads.
    pub decoder: Arc<dyn Decode>,
    /// Reads it once for all.
    pub follower: Follower,
    /// Takes the commands of generations.
    pub generation_log: Arc<dyn GenerationLog>,
    /// What queries are told to read.
    pub active: ActiveGenerations,
}

/// What the runner is asked for.
pub(crate) enum Command {
    /// Keep a generation up from now on.
    Follow {
        projector: Box<dyn AnyProjector>,
        /// Told when it has read everything that was in the log when it came; dropped when it stops before.
        caught_up: oneshot::Sender<()>,
    },
    /// Keep a generation up no longer, and take its tables away.
    Leave {
        projection: &'static str,
        generation: Generation,
        drops_tables: bool,
    },
    /// Make the rows of one view again.
    Repair {
        retold: Box<Retold>,
        /// Whether rows that claim to be younger are told as they are.
        insists: bool,
        reply: oneshot::Sender<repair::Answer>,
    },
    /// Read parked commits again.
    RetryParked {
        projection: &'static str,
        reply: oneshot::Sender<Result<Retried, StoreError>>,
    },
}

/// What an operator should know of a projection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Condition {
    pub(crate) parked_views: usize,
    pub(crate) stopped: Option<String>,
    /// Shards whose log is not intact, and why.
    pub(crate) halted: BTreeMap<Shard, String>,
}

pub(crate) struct Shared {
    pub(crate) parts: ProjectorsParts,
    pub(crate) commands: mpsc::UnboundedSender<Command>,
    pub(crate) generations: watch::Sender<KnownGenerations>,
    /// Whether every projection has once held all that was in the log at the start.
    pub(crate) caught_up: watch::Sender<bool>,
    pub(crate) stopping: CancellationToken,
    stopped_at: OnceLock<Instant>,
    pub(crate) rebuilds: Rebuilds,
    /// Whether the read store answers.
    pub(crate) outage: Outage,
    /// Whether the runner is writing rows.
    pub(crate) writes: Writes,
    followed: Mutex<BTreeSet<(&'static str, Generation)>>,
    conditions: Mutex<BTreeMap<&'static str, Condition>>,
}

impl Shared {
    pub(crate) fn new(parts: ProjectorsParts, commands: mpsc::UnboundedSender<Command>) -> Self {
        Self {
            parts,
            commands,
            generations: watch::Sender::new(KnownGenerations::default()),
            caught_up: watch::Sender::new(false),
            stopping: CancellationToken::new(),
            stopped_at: OnceLock::new(),
            rebuilds: Rebuilds::default(),
            outage: Outage::default(),
            writes: Writes::default(),
            followed: Mutex::default(),
            conditions: Mutex::default(),
        }
    }

    /// The generations that the runner keeps up.
    pub(crate) fn followed(&self) -> MutexGuard<'_, BTreeSet<(&'static str, Generation)>> {
        self.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn conditions(&self) -> MutexGuard<'_, BTreeMap<&'static str, Condition>> {
        self.conditions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says that everything should end.
    pub(crate) fn stop(&self) {
        self.stopped_at.get_or_init(Instant::now);
        self.stopping.cancel();
    }

    /// Does something to its end, but no longer than the projectors may take to stop: none then.
    pub(crate) async fn until_stopped<T>(&self, what: impl Future<Output = T>) -> Option<T> {
        let too_long = async {
            self.stopping.cancelled().await;
            let stopped_at = *self.stopped_at.get_or_init(Instant::now);
            tokio::time::sleep_until((stopped_at + STOP_GRACE).into()).await;
        };
        tokio::select! {
            biased;
            done = what => Some(done),
            () = too_long => None,
        }
    }

    /// Says that a projection stands still, and why: nothing else does.
    pub(crate) fn stopped(&self, projection: &'static str, error: &StoreError) {
        tracing::error!(projection, %error, "a projection has stopped; the others go on");
        self.conditions().entry(projection).or_default().stopped = Some(error.to_string());
    }

    /// Says that a projection serves, whatever has stopped it before.
    pub(crate) fn goes_on(&self, projection: &'static str) {
        self.conditions().entry(projection).or_default().stopped = None;
    }

    /// Says that a shard's log is not intact: what is projected of it stands still.
    pub(crate) fn halted(&self, shard: Shard, halt: &Halt) {
        tracing::error!(%shard, %halt, "a shard's log is not intact: what is projected of it stands still");
        let mut conditions = self.conditions();
        for registered in PROJECTIONS
            .iter()
            .filter(|registered| registered.topics.contains(&shard.topic))
        {
            conditions
                .entry(registered.name)
                .or_default()
                .halted
                .insert(shard, halt.to_string());
        }
    }

    /// Asks the store until it answers, as long as asking again may help and nobody stops the projectors.
    pub(crate) async fn retrying<T, F: AsyncFnMut() -> Result<T, StoreError>>(
        &self,
        mut ask: F,
    ) -> Result<T, StoreError> {
        let mut pause = RETRY_PAUSE_MIN;
        let mut waiting: Option<Waiting<'_>> = None;
        loop {
            let error = match ask().await {
                Err(error) if error.is_retryable() => error,
                answer => return answer,
            };
            match &waiting {
                Some(waiting) => waiting.goes_on(&error),
                None => waiting = Some(self.outage.begin(&error)),
            }
            tokio::select! {
                () = self.stopping.cancelled() => return Err(error),
                () = tokio::time::sleep(pause) => pause = RETRY_PAUSE_MAX.min(pause * 2),
            }
        }
    }
}
