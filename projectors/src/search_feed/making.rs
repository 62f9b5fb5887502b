//! Making a file of the index beside the one that is answered from, on a thread of its own: to follow it, or only to
//! be compared with it.

use std::sync::Arc;
use std::time::Instant;

use read_store::{Generation, StoreError};
use search::{Compared, MEASURE, PROJECTION, SearchError, SearchWriter, Snapshot};
use tokio::sync::{oneshot, watch};

use super::fed::{Fed, shards};
use super::feeding::Order;
use super::state::Shared;
use crate::compare::{Difference, Parity};
use crate::limits::{DIFFERENCES_NAMED_MAX, HANDOVER_RECORDS_MAX};
use crate::rebuild::{
    Controls, RebuildError, RebuildFailure, RebuildOptions, RebuildPhase, RebuildProgress, keep_to, records_of,
};

/// Under which name a comparison runs, beside the one of rebuilds.
const COMPARISON: &str = "search-comparison";

/// What a file is made for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    /// To be answered from.
    Switch(RebuildOptions),
    /// To be answered from in place of one that is broken.
    Heal,
    /// To be compared with what is answered from.
    Measure,
}

struct Making {
    shared: Arc<Shared>,
    purpose: Purpose,
    controls: Arc<Controls>,
    progress: watch::Sender<RebuildProgress>,
}

/// Begins to make a file, or goes on with one that was begun before. One at a time.
pub(super) fn begin(
    shared: &Arc<Shared>,
    purpose: Purpose,
    begun: Option<SearchWriter>,
) -> Result<watch::Receiver<RebuildProgress>, RebuildError> {
    let (name, other) = match purpose {
        Purpose::Switch(_) | Purpose::Heal => (PROJECTION, COMPARISON),
        Purpose::Measure => (COMPARISON, PROJECTION),
    };
    if is_running(shared, other) {
        return Err(RebuildError::Running);
    }
    let for_thread = Arc::clone(shared);
    shared.rebuilds.begin(name, None, move |progress, controls| {
        let making = Making {
            shared: for_thread,
            purpose,
            controls,
            progress,
        };
        making.run(begun);
    })
}

fn is_running(shared: &Shared, name: &str) -> bool {
    let rebuild = shared.rebuilds.of(name);
    rebuild.is_some_and(|progress| !progress.borrow().phase.is_over())
}

impl Making {
    fn run(self, begun: Option<SearchWriter>) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let made = match runtime {
            Ok(runtime) => runtime.block_on(async {
                let made = tokio::select! {
                    biased;
                    () = self.shared.stopping.cancelled() => Err(RebuildFailure::Stopped),
                    () = self.controls.cancelled.cancelled() => Err(RebuildFailure::Cancelled),
                    made = self.make(begun) => made,
                };
                let is_left = matches!(self.purpose, Purpose::Measure) || made.is_err();
                if is_left && !matches!(made, Err(RebuildFailure::Stopped)) {
                    self.leave().await;
                }
                made
            }),
            Err(error) => Err(RebuildFailure::Store(StoreError::Unavailable(error.to_string()))),
        };
        match made {
            Ok(()) => self.enter(RebuildPhase::Done),
            Err(failure) => {
                tracing::error!(%failure, "the search index is not made again; searches are answered as before");
                self.enter(RebuildPhase::Failed(failure));
            }
        }
    }

    async fn make(&self, begun: Option<SearchWriter>) -> Result<(), RebuildFailure> {
        let writer = match begun {
            Some(begun) => begun,
            None => self.create().await?,
        };
        let generation = writer.generation();
        self.progress
            .send_modify(|progress| progress.generation = Some(generation));
        fail::fail_point!("rebuild-opened", |_| std::process::abort());
        self.enter(RebuildPhase::Filling);
        let fed = self.fill(writer).await?;
        fail::fail_point!("rebuild-filled", |_| std::process::abort());
        self.enter(RebuildPhase::CatchingUp);
        let (reply, followed) = oneshot::channel();
        let fed = Box::new(fed);
        let both = self.ask(Order::Follow { fed, reply }, followed).await??;
        self.turn().await;
        self.enter(RebuildPhase::Comparing);
        self.compare(both)?;
        self.turn().await;
        if matches!(self.purpose, Purpose::Measure) {
            return Ok(());
        }
        self.enter(RebuildPhase::Switching);
        fail::fail_point!("rebuild-before-switch", |_| std::process::abort());
        let (reply, switched) = oneshot::channel();
        self.ask(Order::Switch { reply }, switched).await??;
        fail::fail_point!("rebuild-after-switch", |_| std::process::abort());
        Ok(())
    }

    /// An empty file.
    async fn create(&self) -> Result<SearchWriter, RebuildFailure> {
        let generation = match self.purpose {
            Purpose::Measure => MEASURE,
            Purpose::Switch(_) | Purpose::Heal => {
                let mut state = self.shared.state();
                state.newest += 1;
                state.newest
            }
        };
        let files = &self.shared.files;
        Ok(self.shared.retrying(|| files.create(generation)).await?)
    }

    /// Reads the log to (nearly) its end.
    async fn fill(&self, writer: SearchWriter) -> Result<Fed, RebuildFailure> {
        let mut fed = Fed::open(writer, &self.shared)?;
        let total = records_of(&*self.shared.log, &shards(&self.shared));
        self.progress.send_modify(|progress| {
            progress.records_before = fed.records();
            progress.records_done = fed.records();
            progress.records_total = total;
            progress.began = Instant::now();
        });
        while !(fed.is_caught_up() && fed.lag_records() <= HANDOVER_RECORDS_MAX) {
            let followed = fed.next().await.ok_or(RebuildFailure::Stopped)?;
            fed.take(followed, &self.shared).await?;
            fail::fail_point!("rebuild-mid-copy", |_| std::process::abort());
            let done = fed.records();
            self.progress.send_modify(|progress| progress.records_done = done);
            self.keep_to_rate().await;
        }
        fed.store_rest();
        Ok(fed)
    }

    /// Waits until more may be read: not while it is paused, and not faster than asked for.
    async fn keep_to_rate(&self) {
        loop {
            self.turn().await;
            let Purpose::Switch(RebuildOptions {
                records_per_second_max: Some(rate),
                ..
            }) = self.purpose
            else {
                return;
            };
            let now = self.progress.borrow().clone();
            tokio::select! {
                () = keep_to(rate, &now) => return,
                () = self.controls.pause_asked() => {}
            }
        }
    }

    /// A moment at which it may be paused.
    async fn turn(&self) {
        self.controls.while_paused(&self.progress).await;
    }

    fn compare(&self, both: Option<(Snapshot, Snapshot)>) -> Result<(), RebuildFailure> {
        let Some((front, beside)) = both else {
            return match self.purpose {
                Purpose::Measure => Err(StoreError::Unavailable("the search index cannot be read".to_owned()).into()),
                Purpose::Switch(_) | Purpose::Heal => Ok(()),
            };
        };
        let parity = match front.compare(&beside, DIFFERENCES_NAMED_MAX) {
            Ok(compared) => parity_of(compared),
            Err(error) if matches!(self.purpose, Purpose::Measure) => return Err(error.into()),
            Err(error) => {
                tracing::warn!(%error, "what is in the search index cannot be compared");
                return Ok(());
            }
        };
        let (rows, differing) = (parity.rows, parity.differing);
        tracing::info!(rows, differing, "two files of the search index are compared");
        self.progress.send_modify(|progress| progress.parity = Some(parity));
        match self.purpose {
            Purpose::Switch(options) if options.requires_parity && differing > 0 => {
                Err(RebuildFailure::Differs(differing))
            }
            _ => Ok(()),
        }
    }

    /// Does without what was made.
    async fn leave(&self) {
        let generation = self.progress.borrow().generation;
        let Some(generation) = generation else { return };
        let (reply, dropped) = oneshot::channel();
        let _ = self.ask(Order::Drop { generation, reply }, dropped).await;
    }

    async fn ask<T>(&self, order: Order, reply: oneshot::Receiver<T>) -> Result<T, RebuildFailure> {
        self.shared.orders.send(order).map_err(|_| RebuildFailure::Stopped)?;
        reply.await.map_err(|_| RebuildFailure::Stopped)
    }

    fn enter(&self, phase: RebuildPhase) {
        self.progress.send_modify(|progress| progress.phase = phase);
    }
}

fn parity_of(compared: Compared) -> Parity {
    let named = compared.named.into_iter();
    let differences = named.map(|differing| Difference {
        table: differing.table,
        key: differing.key,
        first: differing.first.map(|row| (row, 0)),
        second: differing.second.map(|row| (row, 0)),
    });
    Parity {
        rows: compared.rows,
        differing: compared.differing,
        differences: differences.collect(),
    }
}

impl From<SearchError> for RebuildFailure {
    fn from(error: SearchError) -> Self {
        Self::Store(store_error(error))
    }
}

/// The same, as read stores say it.
pub(super) fn store_error(error: SearchError) -> StoreError {
    match error {
        SearchError::Unavailable(why) => StoreError::Unavailable(why),
        SearchError::Damaged(why) => StoreError::Damaged(why),
    }
}

/// Compares what is answered from with a fresh replay of the log.
pub(super) async fn measure(shared: &Arc<Shared>) -> Result<Parity, StoreError> {
    let begun = begin(shared, Purpose::Measure, None);
    let mut progress = begun.map_err(|error| StoreError::Unavailable(error.to_string()))?;
    let stopped = |_| StoreError::Unavailable("the search index is not fed any more".to_owned());
    let ended = progress.wait_for(|progress| progress.phase.is_over()).await;
    let RebuildProgress { phase, parity, .. } = ended.map_err(stopped)?.clone();
    match (phase, parity) {
        (RebuildPhase::Failed(RebuildFailure::Store(error)), _) => Err(error),
        (RebuildPhase::Failed(failure), _) => Err(StoreError::Unavailable(failure.to_string())),
        (_, parity) => Ok(parity.unwrap_or_default()),
    }
}

/// The generation that a file would be made for next.
pub(super) fn next_generation(shared: &Shared) -> Generation {
    shared.state().newest + 1
}
