//! One subscriber's view: the log from where it is, then the window.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::stream::Shard;
use tokio::task::JoinHandle;

use super::reading::{Reading, Relation};
use super::window::Taken;
use super::{BEHIND_BYTES_MAX, BEHIND_RECORDS_MAX, Followed, Shared};
use crate::checkpoint::Checkpoint;
use crate::fold::{Fold, Halt};
use crate::port::{LogError, Scan};

/// How long to wait before asking a log again that was not available.
const RETRY_PAUSE: Duration = Duration::from_millis(100);

/// Every record of some shards, in each shard's order, without gap or repeat.
pub struct Subscription {
    shared: Arc<Shared>,
    reading: Reading,
    mode: Mode,
    /// Where the log of each shard ended when this began; what is not known yet is asked again.
    ends: BTreeMap<Shard, i64>,
}

enum Mode {
    Behind(Behind),
    /// Reads the window from this cursor on.
    Live(u64),
}

/// Reads the log itself.
#[derive(Default)]
struct Behind {
    scan: Option<Box<dyn Scan>>,
    /// A read that is under way; kept here, so that who waited for it may be dropped.
    pending: Option<JoinHandle<Read>>,
    /// The window keeps everything from this cursor on: at the next end of the log it can be joined.
    reserved: Option<u64>,
}

/// What one look gives.
enum Step {
    Batch(Vec<Followed>),
    /// Something has changed: look again.
    Again,
    /// Nothing before the window changes.
    Wait,
    /// Nothing before a while: the log is not available.
    Pause,
    Closed,
}

/// What a read of the log gives; made where blocking is allowed.
struct Read {
    scan: Box<dyn Scan>,
    reading: Reading,
    result: Result<Vec<Followed>, LogError>,
    at_end: bool,
}

impl Subscription {
    pub(super) fn new(shared: Arc<Shared>, shards: &[Shard], from: &BTreeMap<Shard, Checkpoint>) -> Self {
        let mut subscription = Self {
            shared,
            reading: Reading::new(shards, from),
            mode: Mode::Behind(Behind::default()),
            ends: BTreeMap::new(),
        };
        subscription.learn_ends();
        subscription
    }

    /// Joins the window at a cursor that was reserved when the follower had these folds.
    pub(super) fn live(shared: Arc<Shared>, cursor: u64, folds: &BTreeMap<Shard, Fold>) -> Self {
        Self {
            shared,
            reading: Reading::behind(folds),
            mode: Mode::Live(cursor),
            ends: folds.iter().map(|(shard, fold)| (*shard, fold.next())).collect(),
        }
    }

    /// The next records, at least one; none when the follower has stopped. Waits in a Tokio runtime, and reads
    /// the log on its blocking threads. May be dropped while it waits: nothing is lost.
    pub async fn next(&mut self) -> Option<Vec<Followed>> {
        let mut changes = self.shared.window.watch();
        loop {
            changes.borrow_and_update();
            let step = match &mut self.mode {
                Mode::Live(_) => self.look_live(),
                Mode::Behind(behind) => {
                    let read = behind.start_reading(&self.shared, &self.reading).await;
                    behind.pending = None;
                    match read {
                        Ok(read) => self.take_read(read),
                        Err(error) => {
                            tracing::error!(%error, "reading the log has failed");
                            Step::Pause
                        }
                    }
                }
            };
            match step {
                Step::Batch(batch) => {
                    self.read_ahead();
                    return Some(batch);
                }
                Step::Again => {}
                Step::Wait => changes.changed().await.ok()?,
                Step::Pause => tokio::time::sleep(RETRY_PAUSE).await,
                Step::Closed => return None,
            }
        }
    }

    /// Begins to read what comes next while its receiver is busy with what it was given.
    fn read_ahead(&mut self) {
        if let Mode::Behind(behind) = &mut self.mode {
            behind.start_reading(&self.shared, &self.reading);
        }
    }

    /// As [`Subscription::next`], for a thread that may block.
    pub fn next_blocking(&mut self) -> Option<Vec<Followed>> {
        self.next_until(None)
    }

    /// As [`Subscription::next_blocking`], but with an empty batch when nothing comes within `timeout`.
    pub fn next_within(&mut self, timeout: Duration) -> Option<Vec<Followed>> {
        self.next_until(Some(Instant::now() + timeout))
    }

    fn next_until(&mut self, deadline: Option<Instant>) -> Option<Vec<Followed>> {
        loop {
            let seen = self.shared.window.version();
            let step = match &mut self.mode {
                Mode::Live(_) => self.look_live(),
                Mode::Behind(behind) => {
                    // A read under way in a runtime is not waited for: it is made again from the same place.
                    behind.pending = None;
                    let scan = behind.scan.take();
                    let read = read(&self.shared, self.reading.clone(), scan);
                    self.take_read(read)
                }
            };
            match step {
                Step::Batch(batch) => return Some(batch),
                Step::Closed => return None,
                Step::Again => {}
                Step::Wait => self.shared.window.wait(seen, deadline),
                Step::Pause => std::thread::sleep(RETRY_PAUSE),
            }
            if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
                return Some(Vec::new());
            }
        }
    }

    /// Where to go on in a shard after the last batch; none before its first record. Hashes a record: ask once
    /// per batch.
    #[must_use]
    pub fn checkpoint(&self, shard: Shard) -> Option<Checkpoint> {
        self.reading.checkpoint(shard)
    }

    /// Number of the last commit given out, of each shard that is not halted.
    #[must_use]
    pub fn positions(&self) -> BTreeMap<Shard, u64> {
        let shards = self.reading.shards();
        shards
            .filter_map(|shard| self.reading.seq(shard).map(|seq| (shard, seq)))
            .collect()
    }

    /// Whether everything has been given out that was known to be in the log when this subscription began.
    pub fn is_caught_up(&mut self) -> bool {
        self.learn_ends();
        self.reading
            .shards()
            .all(|shard| match (self.reading.next(shard), self.ends.get(&shard)) {
                (None, _) => true,
                (Some(next), Some(end)) => next >= *end,
                (Some(_), None) => false,
            })
    }

    /// Records that the follower has read and this subscriber has not.
    #[must_use]
    pub fn lag_records(&self) -> u64 {
        let lag = |shard| {
            let offset = self.shared.window.offset(shard)?;
            u64::try_from(offset + 1 - self.reading.next(shard)?).ok()
        };
        self.reading.shards().filter_map(lag).sum()
    }

    fn learn_ends(&mut self) {
        for shard in self.reading.shards() {
            if !self.ends.contains_key(&shard)
                && let Ok(end) = self.shared.log.known_end(shard)
            {
                self.ends.insert(shard, end);
            }
        }
    }

    /// Takes in what was read of the log, and joins the window when it can.
    fn take_read(&mut self, read: Read) -> Step {
        let Mode::Behind(behind) = &mut self.mode else {
            return Step::Again;
        };
        behind.scan = Some(read.scan);
        self.reading = read.reading;
        match read.result {
            Err(error) => {
                tracing::warn!(%error, "a subscriber cannot read the log, asking again");
                Step::Pause
            }
            Ok(batch) if !batch.is_empty() => Step::Batch(batch),
            Ok(_) if self.shared.window.is_closed() => Step::Closed,
            Ok(_) if !read.at_end => Step::Again,
            Ok(_) => self.join(),
        }
    }

    /// At the end of the log: first the window is told to keep what comes, and at the next end of the log, which
    /// lies behind that, reading goes on there.
    fn join(&mut self) -> Step {
        let Mode::Behind(behind) = &mut self.mode else {
            return Step::Again;
        };
        let Some(cursor) = behind.reserved.take() else {
            behind.reserved = self.shared.window.reserve();
            return if behind.reserved.is_some() {
                Step::Again
            } else {
                Step::Wait
            };
        };
        self.mode = Mode::Live(cursor);
        let halted = |shard| self.shared.window.halted(shard).map(|halt| (shard, halt));
        let halted: Vec<(Shard, Halt)> = self.reading.shards().filter_map(halted).collect();
        let told: Vec<Followed> = halted
            .into_iter()
            .filter_map(|(shard, halt)| self.reading.halt(shard, halt))
            .collect();
        if told.is_empty() {
            Step::Again
        } else {
            Step::Batch(told)
        }
    }

    fn look_live(&mut self) -> Step {
        let Mode::Live(cursor) = self.mode else {
            return Step::Again;
        };
        let taken = self.shared.window.take(cursor, |shard| self.reading.reads(shard));
        let mut fresh = match taken {
            Taken::Some(taken) => taken,
            Taken::Nothing => return Step::Wait,
            Taken::Lost => return self.fall_behind(cursor),
            Taken::Closed => return Step::Closed,
        };
        let mut complete = true;
        fresh.retain(|followed| {
            let relation = relation(&self.reading, followed);
            complete &= relation != Relation::Ahead;
            let is_next = complete && relation == Relation::Next;
            if is_next {
                self.reading.pass(followed);
            }
            is_next
        });
        if !complete {
            self.fall_behind(cursor);
        }
        if fresh.is_empty() {
            Step::Again
        } else {
            Step::Batch(fresh)
        }
    }

    fn fall_behind(&mut self, cursor: u64) -> Step {
        self.shared.window.release(cursor);
        self.mode = Mode::Behind(Behind::default());
        Step::Again
    }
}

impl Behind {
    /// The read that is under way, or one that begins now.
    fn start_reading(&mut self, shared: &Arc<Shared>, reading: &Reading) -> &mut JoinHandle<Read> {
        let scan = self.scan.take();
        self.pending.get_or_insert_with(|| {
            let (shared, reading) = (Arc::clone(shared), reading.clone());
            tokio::task::spawn_blocking(move || read(&shared, reading, scan))
        })
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        match &self.mode {
            Mode::Live(cursor) => self.shared.window.release(*cursor),
            Mode::Behind(behind) => {
                if let Some(cursor) = behind.reserved {
                    self.shared.window.release(cursor);
                }
            }
        }
    }
}

fn relation(reading: &Reading, followed: &Followed) -> Relation {
    match followed {
        Followed::Commit(commit) => reading.relation(commit.shard, commit.offset),
        Followed::Claimed(claimed) => reading.relation(claimed.shard, claimed.offset),
        Followed::Void(voided) => reading.relation(voided.shard, voided.offset),
        Followed::Halted { shard, .. } if reading.follows(*shard) => Relation::Next,
        Followed::Halted { .. } => Relation::Past,
    }
}

/// Reads on where `reading` is. Blocks.
fn read(shared: &Shared, mut reading: Reading, scan: Option<Box<dyn Scan>>) -> Read {
    let resumed = reading.resume(shared.log.as_ref());
    let mut scan = scan.unwrap_or_else(|| shared.log.scan(reading.from()));
    let mut batch = match resumed {
        Ok(halted) => halted,
        Err(error) => {
            let result = Err(error);
            return Read {
                scan,
                reading,
                result,
                at_end: false,
            };
        }
    };
    let (result, at_end) = match scan.next(BEHIND_RECORDS_MAX, BEHIND_BYTES_MAX) {
        Ok(records) => {
            let decoder = shared.decoder.as_ref();
            let mut unavailable = None;
            for record in &records {
                if let Err(why) = decoder.prepare(&record.payload) {
                    unavailable = Some(LogError::Unavailable(why));
                    // What follows is read again, from here.
                    scan = shared.log.scan(reading.from());
                    break;
                }
                batch.extend(reading.take(record, Some(decoder)));
            }
            match unavailable {
                Some(error) if batch.is_empty() => (Err(error), false),
                unavailable => (Ok(batch), records.is_empty() && unavailable.is_none()),
            }
        }
        Err(LogError::Damaged { shard, offset, why }) => {
            batch.extend(reading.halt(shard, Halt::Unreadable { offset, why }));
            (Ok(batch), false)
        }
        Err(_) if !batch.is_empty() => (Ok(batch), false),
        Err(error) => (Err(error), false),
    };
    Read {
        scan,
        reading,
        result,
        at_end,
    }
}
