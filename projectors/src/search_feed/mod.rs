//! What feeds the search index of this process: one thread that folds the log into it.
//!
//! The index is a projection like the others: it says how far it is, a token waits for it, and it is rebuilt beside
//! what is answered from. But it is a file of this process, on every deployment, and one file is kept: another one is
//! made from the log, and switched to, when somebody asks for it, when the one there is cannot be read or written any
//! more, and when the program makes other ones.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use domain::shop::generation::Situation;
use domain::stream::Shard;
use domain::value::Timestamp;
use event_log::{EventLog, Follower};
use read_store::{ActiveGenerations, Generation, ReadStore, StoreError};
use search::{GENERATION, Opened, PROJECTION, SearchFiles};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::inspect::{GenerationStatus, RebuildPlan};
use crate::limits::{PARKED_LISTED_MAX, RUNNER_ANSWER_MAX};
use crate::projection::Projection;
use crate::projections::{Categories, Products, Stock};
use crate::projector::{ParkedCommit, Retried};
use crate::projectors::ProjectionStatus;
use crate::rebuild::{
    RebuildControl, RebuildError, RebuildOptions, RebuildProgress, RebuildTarget, Rebuilds, records_of,
};
use crate::verify::VerifyError;
use crate::{Parity, RebuildPhase};

mod fed;
mod feeding;
mod fold;
mod making;
mod state;

use fed::{TOPICS, shards};
use feeding::Feeding;
use making::Purpose;
use state::{Shared, Stand, State};

/// Which code makes the views that the index keeps: an index of other views begins anew.
pub const SEARCH_FOLDS: u32 = Products::VERSION * 10_000 + Categories::VERSION * 100 + Stock::VERSION;

/// What the feed works with.
pub struct SearchFeedParts {
    /// What is fed.
    pub opened: Opened,
    /// Where other ones are made.
    pub files: SearchFiles,
    /// What is folded.
    pub log: Arc<dyn EventLog>,
    /// Reads it once for all.
    pub follower: Follower,
    /// Whose progress is told how far the index is.
    pub store: Arc<dyn ReadStore>,
    /// What queries are told to read.
    pub active: ActiveGenerations,
}

/// A handle of the feed. Cheap to clone: all clones are one.
#[derive(Clone)]
pub struct SearchFeed(Arc<Inner>);

struct Inner {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl SearchFeed {
    /// Starts to feed the index from where it stands, on a thread of its own.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(parts: SearchFeedParts) -> std::io::Result<Self> {
        let Opened { writer, begun, index } = parts.opened;
        let (orders, ordered) = mpsc::unbounded_channel();
        let front = writer.generation();
        let newest = begun.as_ref().map_or(front, |begun| begun.generation().max(front));
        let shared = Arc::new(Shared {
            log: parts.log,
            follower: parts.follower,
            store: parts.store,
            active: parts.active,
            files: parts.files,
            index,
            caught_up: watch::Sender::new(false),
            stopping: CancellationToken::new(),
            rebuilds: Rebuilds::default(),
            orders,
            state: Mutex::new(State {
                front,
                newest,
                ..State::default()
            }),
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        let feeding = Feeding::new(Arc::clone(&shared), ordered);
        let thread = std::thread::Builder::new().name("search".to_owned());
        let thread = thread.spawn(move || runtime.block_on(feeding.run(writer, begun)))?;
        Ok(Self(Arc::new(Inner {
            shared,
            thread: Mutex::new(Some(thread)),
        })))
    }

    /// Waits until the index has once held everything that was in the log at the start; for ever when it has
    /// stopped.
    pub async fn wait_until_caught_up(&self) {
        // The sender is as old as this handle.
        let mut caught_up = self.shared().caught_up.subscribe();
        let _ = caught_up.wait_for(|is_caught_up| *is_caught_up).await;
    }

    /// Commits that were read and are not in the index yet.
    #[must_use]
    pub fn lag_commits(&self) -> u64 {
        let progress = self.shared().store.progress();
        let positions = self.positions().into_iter();
        positions
            .map(|(shard, seq)| seq.saturating_sub(progress.seq(PROJECTION, GENERATION, shard)))
            .sum()
    }

    /// Whether [`SearchFeed::wait_until_caught_up`] would not wait.
    #[must_use]
    pub fn is_caught_up(&self) -> bool {
        *self.shared().caught_up.borrow()
    }

    /// How the index is.
    #[must_use]
    pub fn status(&self) -> ProjectionStatus {
        let state = self.shared().state();
        ProjectionStatus {
            name: PROJECTION,
            version: self.shared().files.folds(),
            generation: Some(state.front),
            commits_behind: self.lag_commits(),
            parked_views: state.files.get(&state.front).map_or(0, |stand| stand.parked.len()),
            stopped: state.stopped.clone(),
            halted: state.halted.clone(),
            rebuild: self.rebuilding().map(|progress| progress.borrow().clone()),
        }
    }

    /// The file that is answered from, and one that is being made; the oldest first.
    #[must_use]
    pub fn generations(&self) -> Vec<GenerationStatus> {
        let (front, files) = {
            let state = self.shared().state();
            (state.front, state.files.clone())
        };
        let of_files = files.into_iter().filter(|(number, _)| *number != search::MEASURE);
        of_files
            .map(|(number, stand)| {
                let (commits_behind, waiting_since) = self.lag(&stand);
                GenerationStatus {
                    number,
                    version: self.shared().files.folds(),
                    situation: if number == front {
                        Situation::Active
                    } else {
                        Situation::Filling
                    },
                    is_held: false,
                    is_kept_up: true,
                    commits_behind,
                    waiting_since,
                }
            })
            .collect()
    }

    /// How many commits a file does not hold, and when the oldest of them happened.
    fn lag(&self, stand: &Stand) -> (u64, Option<Timestamp>) {
        let mut commits = 0;
        let mut waiting_since: Option<Timestamp> = None;
        for (shard, seq) in self.positions() {
            let at = stand.reached.get(&shard);
            let behind = seq.saturating_sub(at.map_or(0, |at| at.seq));
            if behind == 0 {
                continue;
            }
            commits += behind;
            let next = at.map_or(0, |at| at.offset + 1);
            let first = self.shared().log.read_known(shard, next, 1, 0).ok();
            let first = first.and_then(|records| records.first().map(|record| record.at));
            waiting_since = waiting_since.into_iter().chain(first).min();
        }
        (commits, waiting_since)
    }

    fn positions(&self) -> BTreeMap<Shard, u64> {
        let mut positions = self.shared().follower.positions();
        positions.retain(|shard, _| TOPICS.contains(&shard.topic));
        positions
    }

    /// Begins to make another file beside the one that is answered from, and gives its progress.
    ///
    /// # Errors
    /// [`RebuildError`], also when one is being made, or a target is asked for that only read models with generations
    /// have.
    pub fn rebuild(&self, options: RebuildOptions) -> Result<watch::Receiver<RebuildProgress>, RebuildError> {
        match options.target {
            _ if options.is_held => Err(RebuildError::OneGeneration),
            RebuildTarget::New if !self.is_caught_up() => Err(RebuildError::NotServing),
            RebuildTarget::New => making::begin(self.shared(), Purpose::Switch(options), None),
            RebuildTarget::Former | RebuildTarget::Kept(_) => Err(RebuildError::OneGeneration),
        }
    }

    /// The last time that a file was made since the start, running or over: also one that an earlier process began.
    #[must_use]
    pub fn rebuilding(&self) -> Option<watch::Receiver<RebuildProgress>> {
        self.shared().rebuilds.of(PROJECTION)
    }

    /// Pauses, resumes or cancels that.
    ///
    /// # Errors
    /// [`RebuildError::NotRunning`], [`RebuildError::Switching`].
    pub fn control_rebuild(&self, what: RebuildControl) -> Result<(), RebuildError> {
        self.shared().rebuilds.control(PROJECTION, what)
    }

    /// What a rebuild would do.
    ///
    /// # Errors
    /// [`RebuildError`]: why it would not begin.
    pub fn plan_rebuild(&self) -> Result<RebuildPlan, RebuildError> {
        let running = self.rebuilding();
        if running.is_some_and(|progress| !progress.borrow().phase.is_over()) {
            return Err(RebuildError::Running);
        }
        let active: Generation = self.shared().state().front;
        Ok(RebuildPlan {
            active,
            generation: making::next_generation(self.shared()),
            is_begun: false,
            records: records_of(&*self.shared().log, &shards(self.shared())),
            drops: vec![active],
        })
    }

    /// Compares what is answered from with a fresh replay of the log, while everything runs. Takes as long as a
    /// rebuild, and as much room on the disk.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub async fn verify(&self) -> Result<Parity, VerifyError> {
        if !self.is_caught_up() {
            return Err(VerifyError::NotServing);
        }
        Ok(making::measure(self.shared()).await?)
    }

    /// The commits from which on streams stand still; the first ones.
    #[must_use]
    pub fn parked(&self) -> Vec<ParkedCommit> {
        let state = self.shared().state();
        let parked = state
            .files
            .get(&state.front)
            .into_iter()
            .flat_map(|stand| &stand.parked);
        let commit = |(stream, at): (&String, &search::ParkedAt)| ParkedCommit {
            projection: PROJECTION,
            view: stream
                .split_once('/')
                .map_or(stream.as_str(), |(_, key)| key)
                .to_owned(),
            shard: at.shard,
            offset: at.offset,
            seq: 0,
            why: at.why.clone(),
        };
        parked.map(commit).take(PARKED_LISTED_MAX).collect()
    }

    /// Makes the index again when streams stand still in it: what can be read now is in it then.
    ///
    /// # Errors
    /// It could not be made again, or takes longer than somebody waits.
    pub async fn retry_parked(&self) -> Result<Retried, VerifyError> {
        let parked = || self.status().parked_views;
        let before = parked();
        if before == 0 {
            return Ok(Retried::default());
        }
        let unavailable = |why: String| VerifyError::Store(StoreError::Unavailable(why));
        let begun = making::begin(self.shared(), Purpose::Heal, None);
        let mut progress = begun.map_err(|error| unavailable(error.to_string()))?;
        let over = progress.wait_for(|progress| progress.phase.is_over());
        let over = tokio::time::timeout(RUNNER_ANSWER_MAX, over).await;
        let Ok(Ok(over)) = over else {
            return Err(unavailable("the search index is still being made again".to_owned()));
        };
        if let RebuildPhase::Failed(failure) = &over.phase {
            return Err(unavailable(failure.to_string()));
        }
        drop(over);
        let views_parked = parked();
        Ok(Retried {
            taken_in: before.saturating_sub(views_parked),
            views_parked,
        })
    }

    /// Ends the threads, and stores how far they were. Blocks.
    pub fn stop(&self) {
        self.shared().stopping.cancel();
        let thread = self.0.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the thread that feeds the search index has panicked");
        }
        self.shared().rebuilds.join();
    }

    fn shared(&self) -> &Arc<Shared> {
        &self.0.shared
    }
}

#[cfg(test)]
mod tests;
