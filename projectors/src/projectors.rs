use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use domain::stream::Shard;
use read_store::{Generation, StoreError};
use tokio::sync::{mpsc, oneshot, watch};

use crate::compare::Parity;
use crate::generations::{Plan, plan};
use crate::inspect::{self, GenerationStatus, RebuildPlan};
use crate::limits::RUNNER_ANSWER_MAX;
use crate::projector::ParkedCommit;
use crate::projector::Retried;
use crate::rebuild::{self, RebuildControl, RebuildError, RebuildOptions, RebuildProgress};
use crate::registry::{PROJECTIONS, Registered, projection};
use crate::repair::{self, RepairError, Repaired};
use crate::runner::Runner;
use crate::shared::{Command, ProjectorsParts, Shared};
use crate::steward;
use crate::verify::{Verified, VerifyError, serving, verify_generation};

/// A handle of the running projectors. Cheap to clone: all clones are one.
#[derive(Clone)]
pub struct Projectors(Arc<Inner>);

struct Inner {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// How a projection is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectionStatus {
    /// Its name.
    pub name: &'static str,
    /// The version of this program's code for it.
    pub version: u32,
    /// The generation that queries are answered from; none before the first has caught up.
    pub generation: Option<Generation>,
    /// Commits that were read and are not in its rows yet, over all shards.
    pub commits_behind: u64,
    /// Views that stand still because a commit of theirs cannot be read.
    pub parked_views: usize,
    /// Why it stands still as a whole.
    pub stopped: Option<String>,
    /// Shards whose log is not intact, and why: what is projected of them stands still.
    pub halted: BTreeMap<Shard, String>,
    /// Its last rebuild since the start, running or over.
    pub rebuild: Option<RebuildProgress>,
}

impl Projectors {
    /// Starts all projections on a thread of their own, each where its active generation stands.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(parts: ProjectorsParts) -> std::io::Result<Self> {
        let (commands, received) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared::new(parts, commands));
        let runner = Runner::new(Arc::clone(&shared), received);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        let thread = std::thread::Builder::new().name("projectors".to_owned());
        let for_steward = Arc::clone(&shared);
        let thread = thread.spawn(move || {
            runtime.block_on(async { tokio::join!(runner.run(), steward::run(for_steward)) });
        })?;
        Ok(Self(Arc::new(Inner {
            shared,
            thread: Mutex::new(Some(thread)),
        })))
    }

    /// How each projection is.
    #[must_use]
    pub fn status(&self) -> Vec<ProjectionStatus> {
        PROJECTIONS
            .iter()
            .map(|registered| self.status_of(registered))
            .collect()
    }

    /// Commits that were read and are not in all rows yet: the largest number over the projections.
    #[must_use]
    pub fn lag_commits(&self) -> u64 {
        PROJECTIONS
            .iter()
            .map(|registered| self.commits_behind(registered))
            .max()
            .unwrap_or(0)
    }

    /// What the read store says while it does not do what it is asked, and everything waits for it.
    #[must_use]
    pub fn waits_for_store(&self) -> Option<String> {
        self.shared().outage.why()
    }

    /// Whether every projection has once held everything that was in the log at the start.
    #[must_use]
    pub fn is_caught_up(&self) -> bool {
        *self.shared().caught_up.borrow()
    }

    /// Waits until [`Projectors::is_caught_up`]; for ever, when a projection has stopped.
    pub async fn wait_until_caught_up(&self) {
        let mut caught_up = self.shared().caught_up.subscribe();
        // The sender is as old as this handle.
        let _ = caught_up.wait_for(|is_caught_up| *is_caught_up).await;
    }

    /// Begins to rebuild a projection beside the rows that serve, and gives its progress.
    ///
    /// # Errors
    /// [`RebuildError`], also when a rebuild of it is running.
    pub fn rebuild(
        &self,
        name: &str,
        options: RebuildOptions,
    ) -> Result<watch::Receiver<RebuildProgress>, RebuildError> {
        rebuild::start(self.shared(), named(name)?, options)
    }

    /// Pauses, resumes or cancels the rebuild of a projection. A pause lasts as long as the process.
    ///
    /// # Errors
    /// [`RebuildError::UnknownProjection`], [`RebuildError::NotRunning`], [`RebuildError::Switching`].
    pub fn control_rebuild(&self, name: &str, what: RebuildControl) -> Result<(), RebuildError> {
        self.shared().rebuilds.control(named(name)?.name, what)
    }

    /// What a rebuild would do.
    ///
    /// # Errors
    /// [`RebuildError`]: why it would not begin.
    pub fn plan_rebuild(&self, name: &str) -> Result<RebuildPlan, RebuildError> {
        inspect::rebuild_plan(self.shared(), named(name)?)
    }

    /// Takes the tables of a generation away that nothing is answered from.
    ///
    /// # Errors
    /// [`RebuildError`].
    pub async fn drop_generation(&self, name: &str, generation: Generation) -> Result<(), RebuildError> {
        rebuild::drop_generation(self.shared(), named(name)?, generation).await
    }

    /// The generations of a projection that are not dropped, the oldest first.
    ///
    /// # Errors
    /// [`VerifyError::UnknownProjection`], [`VerifyError::Store`].
    pub async fn generations(&self, name: &str) -> Result<Vec<GenerationStatus>, VerifyError> {
        let registered = projection(name).ok_or_else(|| VerifyError::UnknownProjection(name.to_owned()))?;
        Ok(inspect::generations(self.shared(), registered).await?)
    }

    /// The commits that wait for views which queries read, as far as a list has room.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn parked(&self) -> Result<Vec<ParkedCommit>, StoreError> {
        inspect::parked(self.shared()).await
    }

    /// The last rebuild of a projection since the start, running or over: also one that an earlier process began.
    #[must_use]
    pub fn rebuilding(&self, name: &str) -> Option<watch::Receiver<RebuildProgress>> {
        self.shared().rebuilds.of(name)
    }

    /// Reads the parked commits of a projection again, and takes in what can be read now.
    ///
    /// # Errors
    /// [`VerifyError::UnknownProjection`], [`VerifyError::Store`].
    pub async fn retry_parked(&self, name: &str) -> Result<Retried, VerifyError> {
        let registered = projection(name).ok_or_else(|| VerifyError::UnknownProjection(name.to_owned()))?;
        let (reply, replied) = oneshot::channel();
        let command = Command::RetryParked {
            projection: registered.name,
            reply,
        };
        let stopped = || StoreError::Unavailable("the projectors have stopped".to_owned());
        self.shared().commands.send(command).map_err(|_| stopped())?;
        let silent = |_| StoreError::Unavailable("the projectors wait for the read store".to_owned());
        let replied = tokio::time::timeout(RUNNER_ANSWER_MAX, replied).await.map_err(silent)?;
        Ok(replied.map_err(|_| stopped())??)
    }

    /// Compares the rows that queries are answered from with a fresh replay of the log, while everything runs.
    /// Takes as long as a replay, and the memory for the rows of the projection.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub async fn verify(&self, name: &str) -> Result<Parity, VerifyError> {
        let registered = projection(name).ok_or_else(|| VerifyError::UnknownProjection(name.to_owned()))?;
        let generations = self.shared().generations.borrow().of(registered.name);
        let generation = serving(&generations, registered)?;
        let parts = &self.shared().parts;
        let shards = parts.log.shards();
        let verified = Verified {
            store: parts.store.as_ref(),
            registered,
            generation,
        };
        verify_generation(verified, &parts.follower, &shards, &self.shared().writes).await
    }

    /// Makes the rows of one view again from the log, in the generation that queries read, while everything runs.
    /// Takes as long as reading the view's shard.
    ///
    /// # Errors
    /// [`RepairError`].
    pub async fn repair(&self, name: &str, key: &str) -> Result<Repaired, RepairError> {
        repair::repair(self.shared(), name, key).await
    }

    /// Stops all threads, and stores how far they were. Blocks until they have ended, which takes seconds at most
    /// even when the store does not answer.
    pub fn stop(&self) {
        self.shared().stop();
        let thread = self.0.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the projectors' thread has panicked");
        }
        self.shared().rebuilds.join();
    }

    fn shared(&self) -> &Arc<Shared> {
        &self.0.shared
    }

    fn status_of(&self, registered: &'static Registered) -> ProjectionStatus {
        let condition = self
            .shared()
            .conditions()
            .get(registered.name)
            .cloned()
            .unwrap_or_default();
        ProjectionStatus {
            name: registered.name,
            version: registered.version,
            generation: self.shared().parts.active.of(registered.name),
            commits_behind: self.commits_behind(registered),
            parked_views: condition.parked_views,
            stopped: condition.stopped,
            halted: condition.halted,
            rebuild: self
                .rebuilding(registered.name)
                .map(|progress| progress.borrow().clone()),
        }
    }

    /// Of the active generation, or of the one that is being filled for want of any.
    fn commits_behind(&self, registered: &'static Registered) -> u64 {
        let parts = &self.shared().parts;
        let generations = self.shared().generations.borrow().of(registered.name);
        let generation = match plan(&generations, registered.version) {
            Plan::Serve(generation) | Plan::Fill(generation) => generation,
            // A generation that was never written to.
            Plan::Discard(_) | Plan::Await(_) | Plan::Open => 0,
        };
        let positions = parts.follower.positions();
        let of_projection = positions
            .iter()
            .filter(|(shard, _)| registered.topics.contains(&shard.topic));
        let progress = parts.store.progress();
        of_projection
            .map(|(shard, seq)| seq.saturating_sub(progress.seq(registered.name, generation, *shard)))
            .sum()
    }
}

fn named(name: &str) -> Result<&'static Registered, RebuildError> {
    projection(name).ok_or_else(|| RebuildError::UnknownProjection(name.to_owned()))
}

#[cfg(test)]
mod tests;
