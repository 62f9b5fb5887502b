//! The handle that endpoints and reactors use.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Instant;

use domain::stream::{Shard, StreamId};
use domain::{Command, ConsistencyToken, Reference, State};
use tokio::sync::mpsc;

use crate::error::CommandError;
use crate::reference::ReferenceView;
use crate::request::{Outcome, Request};
use crate::runner::{ParkedError, Process, Runner};
use crate::shard::{Answer, Intent, Question, Standing, Versioned};

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

/// Runs commands. Cheap to clone.
#[derive(Clone)]
pub struct Commands {
    runner: Arc<Runner>,
}

impl Commands {
    pub(crate) fn new(runner: Arc<Runner>) -> Self {
        Self { runner }
    }

    /// Decides the request and, when it succeeds, returns once what happened is durable.
    ///
    /// A caller that stops waiting changes nothing: what was begun goes on.
    ///
    /// # Errors
    /// See [`CommandError`].
    pub async fn execute(&self, request: Request) -> Result<Outcome, CommandError> {
        fail::fail_point!("parsed", |_| std::process::abort());
        let shard = self.shard_of(&request.commands)?;
        let deadline = request.deadline;
        if !request.after.is_empty() {
            self.runner.reference().after(&request.after, deadline).await?;
        }
        let intent = Box::new(Intent::from(request));
        let answer = self.runner.ask(shard, Question::Do(intent), deadline)?;
        match answer.await {
            Ok(Ok(Answer::Done(outcome))) => Ok(outcome),
            Ok(Ok(Answer::State { .. })) => Err(CommandError::Misrouted),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(CommandError::OutcomeUnknown),
        }
    }

    /// The state of a stream, confirmed: no older than the call.
    ///
    /// # Errors
    /// See [`CommandError`]: the shard is moving, halted or busy, or the deadline passed.
    pub async fn state(&self, stream: &StreamId, deadline: Instant) -> Result<Seen, CommandError> {
        let shard = stream.shard(self.runner.partitions());
        let answer = self.runner.ask(shard, Question::State(stream.clone()), deadline)?;
        match answer.await {
            Ok(Ok(Answer::State { versioned, seq })) => {
                let Versioned { version, state } = versioned;
                Ok(Seen {
                    state: state.ok_or_else(|| CommandError::Parked(stream.clone()))?,
                    version,
                    token: ConsistencyToken::at(shard, seq),
                })
            }
            Ok(Ok(Answer::Done(_))) => Err(CommandError::Misrouted),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(CommandError::NotExecuted),
        }
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
        let watch = self.runner.watch(stream)?;
        let mut seen: Option<Seen> = None;
        loop {
            let changed = watch.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            // What is committed while somebody waits needs no confirmation: it is younger than the call.
            let committed = if seen.is_some() { watch.committed() } else { None };
            let now = match committed {
                Some(committed) => committed,
                None => match self.state(stream, deadline).await {
                    Err(CommandError::DeadlinePassed) if seen.is_some() => break,
                    asked => asked?,
                },
            };
            if accepted(&now.state) {
                return Ok(now);
            }
            seen = Some(now);
            if tokio::time::timeout_at(deadline.into(), changed).await.is_err() {
                break;
            }
        }
        seen.ok_or(CommandError::DeadlinePassed)
    }

    /// Facts from other shards, as folded so far. Holds back the fold while it is alive: drop it before waiting.
    #[must_use]
    pub fn reference(&self) -> impl Deref<Target = dyn Reference> + '_ {
        ReferenceGuard(self.runner.reference().read())
    }

    /// Waits until the reference view has folded what `token` names, as far as it reads those shards.
    ///
    /// # Errors
    /// [`CommandError::Behind`] when the deadline passes.
    pub async fn reference_after(&self, token: &ConsistencyToken, deadline: Instant) -> Result<(), CommandError> {
        self.runner.reference().after(token, deadline).await
    }

    /// Partitions of the topics that have many.
    #[must_use]
    pub fn partitions(&self) -> u32 {
        self.runner.partitions()
    }

    /// The unfinished processes of all shards that this process serves, as committed so far.
    #[must_use]
    pub fn unfinished(&self) -> Vec<Process> {
        self.runner.unfinished()
    }

    /// Every change of a process in a shard that this process serves, once committed, from now on; and what a
    /// shard's processes owe when it begins to be served here. Whoever stops listening drops the receiver.
    #[must_use]
    pub fn processes(&self) -> mpsc::UnboundedReceiver<Process> {
        self.runner.listen()
    }

    /// The streams in which nothing is decided because a record of theirs cannot be read. Blocks: it looks at every
    /// state that is kept.
    ///
    /// # Errors
    /// See [`ParkedError`].
    pub fn parked(&self) -> Result<Vec<(Shard, StreamId)>, ParkedError> {
        self.runner.parked()
    }

    /// Reads the parked streams again, and gives those that still cannot be read. Everything else goes on. Blocks.
    ///
    /// # Errors
    /// See [`ParkedError`].
    pub fn retry_parked(&self) -> Result<Vec<(Shard, StreamId)>, ParkedError> {
        self.runner.retry_parked()
    }

    /// Who decides in each shard, as far as this process knows.
    #[must_use]
    pub fn standings(&self) -> BTreeMap<Shard, Standing> {
        self.runner.standings()
    }

    /// Waits until every shard is served here, but for halted ones; false at the deadline.
    pub async fn until_serving(&self, deadline: Instant) -> bool {
        self.runner.until_serving(deadline).await
    }

    /// Takes no more requests, lets what was begun end, and writes `state.db`. The log must still run.
    pub async fn stop(&self, deadline: Instant) {
        self.runner.stop(deadline).await;
    }

    fn shard_of(&self, commands: &[Command]) -> Result<Shard, CommandError> {
        let mut shards = commands
            .iter()
            .map(|command| command.stream().shard(self.runner.partitions()));
        let first = shards.next().ok_or(CommandError::Misrouted)?;
        if shards.any(|shard| shard != first) {
            return Err(CommandError::Misrouted);
        }
        Ok(first)
    }
}

/// The reference view, readable while this lives.
struct ReferenceGuard<'a>(std::sync::RwLockReadGuard<'a, ReferenceView>);

impl Deref for ReferenceGuard<'_> {
    type Target = dyn Reference;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}
