//! What feeds the search index of this process: one thread that folds the log into it.
//!
//! The index is a projection like the others (it says how far it is, and a token waits for it), but for two things:
//! it is a file of this process, on every deployment, and it has one generation. An index of another shape, or one
//! that holds streams that could not be read, begins anew when it is opened, and is made again from the log.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use domain::stream::{Shard, Topic};
use event_log::{Checkpoint, EventLog, Followed, Follower, Halt, Subscription};
use read_store::{ActiveGenerations, ReadStore};
use search::{Changes, GENERATION, PROJECTION, SearchError, SearchWriter};
use tokio::sync::watch;

use crate::limits::{RETRY_PAUSE_MAX, RETRY_PAUSE_MIN, UNSAVED_RECORDS_MAX};
use crate::projection::Projection;
use crate::projections::{Categories, Products, Stock};
use crate::round::{Round, checkpoint_of, position_of};

mod fold;

/// Which code makes the views that the index keeps: an index of other views begins anew.
pub const SEARCH_FOLDS: u32 = Products::VERSION * 10_000 + Categories::VERSION * 100 + Stock::VERSION;

/// What the index is folded from.
const TOPICS: [Topic; 3] = [Topic::Catalog, Topic::Inventory, Topic::Sales];
/// How often it is looked whether the index has caught up, until it has.
const CATCHING_UP_LOOK: Duration = Duration::from_millis(50);
/// How long is waited for records after that, at a time.
const IDLE: Duration = Duration::from_secs(3_600);

/// What the feed works with.
pub struct SearchFeedParts {
    /// What is fed.
    pub writer: SearchWriter,
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
    caught_up: watch::Sender<bool>,
    store: Arc<dyn ReadStore>,
    follower: Follower,
    running: Mutex<Option<(Sender<()>, JoinHandle<()>)>>,
}

impl SearchFeed {
    /// Starts to feed the index from where it stands, on a thread of its own.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(parts: SearchFeedParts) -> std::io::Result<Self> {
        let caught_up = watch::Sender::new(false);
        let (stop, stopped) = channel();
        let inner = Inner {
            caught_up: caught_up.clone(),
            store: Arc::clone(&parts.store),
            follower: parts.follower.clone(),
            running: Mutex::default(),
        };
        let feeding = Feeding {
            parts,
            stopped,
            caught_up,
            parked: BTreeSet::new(),
            unsaved: Changes::default(),
            unsaved_records: 0,
        };
        let thread = std::thread::Builder::new().name("search".to_owned());
        let thread = thread.spawn(move || feeding.run())?;
        *inner.running.lock().unwrap_or_else(PoisonError::into_inner) = Some((stop, thread));
        Ok(Self(Arc::new(inner)))
    }

    /// Waits until the index has once held everything that was in the log at the start; for ever when it has
    /// stopped.
    pub async fn wait_until_caught_up(&self) {
        // The sender is as old as this handle.
        let _ = self
            .0
            .caught_up
            .subscribe()
            .wait_for(|is_caught_up| *is_caught_up)
            .await;
    }

    /// Commits that were read and are not in the index yet.
    #[must_use]
    pub fn lag_commits(&self) -> u64 {
        let progress = self.0.store.progress();
        let positions = self.0.follower.positions();
        let of_index = positions.iter().filter(|(shard, _)| TOPICS.contains(&shard.topic));
        of_index
            .map(|(shard, seq)| seq.saturating_sub(progress.seq(PROJECTION, GENERATION, *shard)))
            .sum()
    }

    /// Ends the thread, and stores how far it was. Blocks. The follower has to be stopped before: the thread waits
    /// for it.
    pub fn join(&self) {
        let running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some((stop, thread)) = running else { return };
        drop(stop);
        if thread.join().is_err() {
            tracing::error!("the thread that feeds the search index has panicked");
        }
    }
}

/// Why the feed ends.
enum End {
    /// It was told to.
    Stopped,
    /// The index cannot be written.
    Broken(SearchError),
}

struct Feeding {
    parts: SearchFeedParts,
    /// Closed when everything should end.
    stopped: Receiver<()>,
    caught_up: watch::Sender<bool>,
    /// Streams that stand still because a commit of theirs cannot be read.
    parked: BTreeSet<String>,
    /// Positions behind records that changed nothing: they are stored with the next change, or when there are many.
    unsaved: Changes,
    unsaved_records: usize,
}

impl Feeding {
    fn run(mut self) {
        let End::Broken(error) = self.feed() else { return };
        tracing::error!(%error, "the search index stands still; it is made again from the log at the next start");
        if let Err(error) = self.parts.writer.discard() {
            tracing::error!(%error, "the file of the search index cannot be taken away");
        }
    }

    fn feed(&mut self) -> End {
        let mut subscription = match self.resume() {
            Ok(subscription) => subscription,
            Err(error) => return End::Broken(error),
        };
        loop {
            if !*self.caught_up.borrow() && subscription.is_caught_up() {
                self.caught_up.send_replace(true);
            }
            let patience = if *self.caught_up.borrow() {
                IDLE
            } else {
                CATCHING_UP_LOOK
            };
            let Some(followed) = subscription.next_within(patience) else {
                return self.store_rest();
            };
            if followed.iter().any(is_another_log) {
                tracing::warn!("the search index is of another log: it is made again from this one");
                match self.parts.writer.begin_anew().and_then(|()| self.resume()) {
                    Ok(anew) => subscription = anew,
                    Err(error) => return End::Broken(error),
                }
                continue;
            }
            if let Err(end) = self.take(followed) {
                return end;
            }
        }
    }

    /// Follows the log from where the index stands.
    fn resume(&mut self) -> Result<Subscription, SearchError> {
        let positions = self.parts.writer.positions()?;
        self.parked = self.parts.writer.parked()?;
        self.unsaved = Changes::default();
        let reached = positions.iter().map(|(shard, position)| (*shard, position.seq));
        self.parts.store.progress().advance(PROJECTION, GENERATION, reached);
        self.parts.active.set(PROJECTION, GENERATION);
        let from: BTreeMap<Shard, Checkpoint> = positions
            .iter()
            .map(|(shard, position)| (*shard, checkpoint_of(position)))
            .collect();
        let shards: Vec<Shard> = self.parts.log.shards();
        let shards: Vec<Shard> = shards
            .into_iter()
            .filter(|shard| TOPICS.contains(&shard.topic))
            .collect();
        Ok(self.parts.follower.subscribe(&shards, &from))
    }

    fn take(&mut self, followed: Vec<Followed>) -> Result<(), End> {
        for told in &followed {
            if let Followed::Halted { shard, halt } = told {
                tracing::error!(%shard, %halt, "a shard's log is not intact: what is found of it stands still");
            }
        }
        let round = Round::new(followed);
        let folded = fold::changes(&self.parts.writer, &mut self.parked, &round.followed);
        let mut changes = folded.map_err(End::Broken)?;
        let positions = round.checkpoints.iter().map(|(shard, at)| (*shard, position_of(at)));
        changes.positions = std::mem::take(&mut self.unsaved.positions);
        changes.positions.extend(positions);
        self.unsaved_records += round.followed.len();
        if changes.is_empty() && self.unsaved_records < UNSAVED_RECORDS_MAX {
            self.unsaved = changes;
        } else {
            self.write(&changes)?;
        }
        let reached = round.checkpoints.iter().map(|(shard, at)| (*shard, at.seq));
        self.parts.store.progress().advance(PROJECTION, GENERATION, reached);
        Ok(())
    }

    /// Writes until it is written, as long as asking again may help.
    fn write(&mut self, changes: &Changes) -> Result<(), End> {
        let mut pause = RETRY_PAUSE_MIN;
        loop {
            let error = match self.parts.writer.apply(changes) {
                Ok(()) => {
                    self.unsaved_records = 0;
                    return Ok(());
                }
                Err(error) if error.is_retryable() => error,
                Err(error) => return Err(End::Broken(error)),
            };
            tracing::warn!(%error, "the search index cannot be written, trying again");
            match self.stopped.recv_timeout(pause) {
                Err(RecvTimeoutError::Timeout) => pause = RETRY_PAUSE_MAX.min(pause * 2),
                _ => return Err(End::Stopped),
            }
        }
    }

    fn store_rest(&mut self) -> End {
        let rest = std::mem::take(&mut self.unsaved);
        if let Err(error) = self.parts.writer.apply(&rest) {
            tracing::warn!(%error, "the position of the search index is not stored: it reads a little again");
        }
        End::Stopped
    }
}

/// Whether the place where the index stood is not there, or not what it was.
fn is_another_log(followed: &Followed) -> bool {
    matches!(
        followed,
        Followed::Halted {
            halt: Halt::Changed { .. },
            ..
        }
    )
}

#[cfg(test)]
mod tests;
