//! The handle that endpoints and reactors use.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Instant;

use domain::stream::{Shard, StreamId};
use domain::{ConsistencyToken, Reference, State};
use tokio::sync::mpsc;

use crate::error::CommandError;
use crate::request::{Outcome, Request};

/// A state that was true at some moment after it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The stream's state; the initial one when it has no events.
    pub state: Arc<State>,
    /// How many events it had; 0: there is no such thing.
    pub version: u64,
    /// What a later question must have seen to be no older than this.
    pub token: ConsistencyToken,
}

/// A process manager's stream in a shard that this process serves, and its committed state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Which shard owns it.
    pub shard: Shard,
    /// Which process.
    pub stream: StreamId,
    /// Its state after its last event.
    pub state: Arc<State>,
    /// How many events it had.
    pub version: u64,
}

/// Runs commands. Cheap to clone.
#[derive(Clone)]
pub struct Commands {
    inner: Arc<()>,
}

impl Commands {
    /// Decides the request and, when it succeeds, returns once what happened is durable.
    ///
    /// A caller that stops waiting changes nothing: what was begun goes on.
    ///
    /// # Errors
    /// See [`CommandError`].
    pub async fn execute(&self, request: Request) -> Result<Outcome, CommandError> {
        let _ = (request, &self.inner);
        Err(CommandError::NotExecuted)
    }

    /// The state of a stream, confirmed: no older than the call.
    ///
    /// # Errors
    /// See [`CommandError`]: the shard is moving, halted or busy, or the deadline passed.
    pub async fn state(&self, stream: &StreamId, deadline: Instant) -> Result<Seen, CommandError> {
        let _ = (stream, deadline);
        Err(CommandError::NotExecuted)
    }

    /// Waits until the committed state of a stream is `accepted`, or for the deadline; either way, what is known then.
    ///
    /// # Errors
    /// See [`CommandError`]: the shard is moving or halted.
    pub async fn wait_for(
        &self,
        stream: &StreamId,
        accepted: impl Fn(&State) -> bool + Send + Sync + 'static,
        deadline: Instant,
    ) -> Result<Seen, CommandError> {
        let _ = accepted;
        self.state(stream, deadline).await
    }

    /// Facts from other shards, as folded so far. Holds back the fold while it is alive: drop it before waiting.
    #[must_use]
    pub fn reference(&self) -> impl Deref<Target = dyn Reference> + '_ {
        Box::<dyn Reference>::from(Box::new(Nothing))
    }

    /// Waits until the reference view has folded what `token` names, as far as it reads those shards.
    ///
    /// # Errors
    /// [`CommandError::Behind`] when the deadline passes.
    pub async fn reference_after(&self, token: &ConsistencyToken, deadline: Instant) -> Result<(), CommandError> {
        let _ = (token, deadline);
        Ok(())
    }

    /// Partitions of the topics that have many.
    #[must_use]
    pub fn partitions(&self) -> u32 {
        1
    }

    /// The unfinished processes of all shards that this process serves, as committed so far.
    #[must_use]
    pub fn unfinished(&self) -> Vec<Process> {
        Vec::new()
    }

    /// Every change of a process in a shard that this process serves, once committed, from now on.
    #[must_use]
    pub fn processes(&self) -> mpsc::UnboundedReceiver<Process> {
        mpsc::unbounded_channel().1
    }
}

struct Nothing;

impl Reference for Nothing {
    fn offer(&self, _sku: &domain::value::Sku) -> Option<domain::VariantOffer> {
        None
    }

    fn has_sku(&self, sku: &domain::value::Sku) -> bool {
        self.offer(sku).is_some()
    }

    fn settings(&self) -> &domain::shop::settings::Settings {
        static SETTINGS: std::sync::LazyLock<domain::shop::settings::Settings> =
            std::sync::LazyLock::new(domain::shop::settings::Settings::default);
        &SETTINGS
    }

    fn catalog_seq(&self) -> u64 {
        0
    }
}
