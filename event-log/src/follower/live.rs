//! The follower's thread: reads up to the end of the log, then follows its tail for ever.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use domain::stream::Shard;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::{broadcast, watch};

use super::reading::{Reading, Relation};
use super::{BATCH_BYTES_MAX, BATCH_RECORDS_MAX, Decode, Followed, Shared};
use crate::checkpoint::Checkpoint;
use crate::fold::Halt;
use crate::port::{LogError, Record};

/// How long to wait before asking a log again that was not available.
const RETRY_PAUSE: Duration = Duration::from_millis(100);

type Tail = broadcast::Receiver<Arc<[Arc<Record>]>>;

pub(super) fn spawn(
    shared: Arc<Shared>,
    from: &BTreeMap<Shard, Checkpoint>,
    stopped: watch::Receiver<bool>,
) -> io::Result<JoinHandle<()>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let tail = shared.log.tail();
    let reading = Reading::new(&shared.log.shards(), from);
    let live = Live {
        shared,
        reading,
        stopped,
        batch: Batch::default(),
    };
    std::thread::Builder::new()
        .name("follower".to_owned())
        .spawn(move || runtime.block_on(live.run(tail)))
}

struct Live {
    shared: Arc<Shared>,
    reading: Reading,
    stopped: watch::Receiver<bool>,
    batch: Batch,
}

/// What goes to the window with one wake.
#[derive(Default)]
struct Batch {
    followed: Vec<Followed>,
    touched: BTreeSet<Shard>,
}

impl Live {
    async fn run(mut self, mut tail: Tail) {
        let mut stopped = self.stopped.clone();
        tokio::select! {
            biased;
            _ = stopped.wait_for(|stopped| *stopped) => {}
            () = self.follow(&mut tail) => {}
        }
        self.shared.window.close();
    }

    async fn follow(&mut self, tail: &mut Tail) {
        self.resume().await;
        // Until the first end nobody is live, and subscribers decode what they read themselves.
        self.catch_up(false).await;
        self.shared.window.go_live();
        // What came meanwhile may be in the tail or may have lagged out of it; both are found below.
        loop {
            let complete = match tail.recv().await {
                Ok(group) => self.take_group(&group) && self.drain(tail),
                Err(RecvError::Lagged(_)) => false,
                Err(RecvError::Closed) => return,
            };
            if !complete {
                self.catch_up(true).await;
            }
            self.publish();
        }
    }

    /// Takes what else is there, so that one wake serves it all; false when something is missing.
    fn drain(&mut self, tail: &mut Tail) -> bool {
        while self.batch.followed.len() < BATCH_RECORDS_MAX {
            match tail.try_recv() {
                Ok(group) if self.take_group(&group) => {}
                Ok(_) | Err(TryRecvError::Lagged(_)) => return false,
                Err(TryRecvError::Empty | TryRecvError::Closed) => return true,
            }
        }
        true
    }

    /// False when a record before one of these is missing, when one needs what is not at hand, or when only
    /// reading can show what is there.
    fn take_group(&mut self, group: &[Arc<Record>]) -> bool {
        if group.is_empty() {
            return false;
        }
        for record in group {
            match self.reading.relation(record.shard, record.offset) {
                Relation::Next if self.shared.decoder.is_ready(&record.payload) => self.take(record, true),
                Relation::Next => return false,
                Relation::Past => {}
                Relation::Ahead => return false,
            }
        }
        true
    }

    /// Takes records up to the first that cannot be decoded for now.
    fn take_prepared(&mut self, records: &[Arc<Record>], decode: bool) -> Result<(), LogError> {
        for record in records {
            if decode {
                let prepared = self.shared.decoder.prepare(&record.payload);
                prepared.map_err(LogError::Unavailable)?;
            }
            self.take(record, decode);
        }
        Ok(())
    }

    fn take(&mut self, record: &Arc<Record>, decode: bool) {
        let decoder = Arc::clone(&self.shared.decoder);
        let decoder: Option<&dyn Decode> = if decode { Some(decoder.as_ref()) } else { None };
        self.batch.followed.extend(self.reading.take(record, decoder));
        self.batch.touched.insert(record.shard);
    }

    async fn resume(&mut self) {
        loop {
            let log = self.shared.log.as_ref();
            match self.reading.skip_to_heads(log).and_then(|()| self.reading.resume(log)) {
                Ok(halted) => {
                    for followed in &halted {
                        tell_operator(followed);
                    }
                    self.batch.followed.extend(halted);
                    self.batch.touched.extend(self.reading.shards());
                    return self.publish();
                }
                Err(error) => pause(&error).await,
            }
        }
    }

    /// Reads to the end of the log.
    async fn catch_up(&mut self, decode: bool) {
        let mut scan = self.shared.log.scan(self.reading.from());
        loop {
            match scan.next(BATCH_RECORDS_MAX, BATCH_BYTES_MAX) {
                Ok(records) if records.is_empty() => return,
                Ok(records) => {
                    if let Err(error) = self.take_prepared(&records, decode) {
                        pause(&error).await;
                        scan = self.shared.log.scan(self.reading.from());
                    }
                }
                Err(LogError::Damaged { shard, offset, why }) => {
                    let halted = self.reading.halt(shard, Halt::Unreadable { offset, why });
                    self.batch.followed.extend(halted);
                }
                Err(error) => pause(&error).await,
            }
            self.publish();
            // Gives the thread back for a moment, so that a stop is heard during a long replay.
            tokio::task::yield_now().await;
        }
    }

    fn publish(&mut self) {
        fail::fail_point!("follower-slow");
        let Batch { followed, touched } = std::mem::take(&mut self.batch);
        followed.iter().for_each(tell_operator);
        let fold = |shard: Shard| Some((shard, self.reading.fold(shard)?));
        let folds: Vec<_> = touched.into_iter().filter_map(fold).collect();
        if !(followed.is_empty() && folds.is_empty()) {
            self.shared.window.push(followed, folds);
        }
    }
}

fn tell_operator(followed: &Followed) {
    match followed {
        Followed::Halted { shard, halt } => tracing::error!(%shard, %halt, "the shard's log is not intact: halted"),
        Followed::Commit(commit) => {
            if let Err(undecodable) = &commit.events {
                tracing::error!(shard = %commit.shard, offset = commit.offset, %undecodable, "commit parked");
            }
        }
        Followed::Claimed(_) | Followed::Void(_) => {}
    }
}

async fn pause(error: &LogError) {
    tracing::warn!(%error, "the follower cannot read the log, asking again");
    tokio::time::sleep(RETRY_PAUSE).await;
}
