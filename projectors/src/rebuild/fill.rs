//! Filling green: the log, from where green stands to (nearly) its end.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use domain::stream::Shard;
use event_log::{Checkpoint, EventLog, Subscription};
use read_store::{Generation, StoreError};

use super::RebuildFailure;
use super::control::keep_to;
use super::work::Rebuild;
use crate::limits::HANDOVER_RECORDS_MAX;
use crate::projector::AnyProjector;
use crate::round::Round;
use crate::shared::Shared;

impl Rebuild {
    /// Reads the log from where the generation stands to (nearly) its end.
    pub(super) async fn fill(&self, green: Generation) -> Result<(), RebuildFailure> {
        let parts = &self.shared.parts;
        let store = &parts.store;
        let opened = self
            .shared
            .retrying(async || self.registered.open(Arc::clone(store), green).await)
            .await;
        let mut projector = opened?;
        let shards = self.registered.shards(&parts.log.shards());
        let mut subscription = parts.follower.subscribe(&shards, projector.checkpoints());
        self.begin_counting(projector.checkpoints(), &shards);
        while !is_near_the_end(&mut subscription) {
            let followed = tokio::select! {
                () = self.shared.stopping.cancelled() => return Err(RebuildFailure::Stopped),
                followed = subscription.next() => followed.ok_or(RebuildFailure::Stopped)?,
            };
            fill_round(&self.shared, projector.as_mut(), &Round::new(followed)).await?;
            fail::fail_point!("rebuild-mid-copy", |_| std::process::abort());
            let done = records(projector.checkpoints());
            self.progress.send_modify(|progress| progress.records_done = done);
            self.keep_to_rate().await?;
        }
        if let Some(rest) = projector.rest()? {
            self.shared
                .retrying(async || store.apply(std::slice::from_ref(&rest)).await)
                .await?;
        }
        Ok(())
    }

    /// Waits until more may be read: not while it is paused, and not faster than asked for.
    async fn keep_to_rate(&self) -> Result<(), RebuildFailure> {
        loop {
            self.turn().await?;
            let Some(rate) = self.options.records_per_second_max else {
                return Ok(());
            };
            let now = self.progress.borrow().clone();
            tokio::select! {
                () = self.shared.stopping.cancelled() => return Err(RebuildFailure::Stopped),
                () = keep_to(rate, &now) => return Ok(()),
                () = self.controls.pause_asked() => {}
            }
        }
    }

    fn begin_counting(&self, checkpoints: &BTreeMap<Shard, Checkpoint>, shards: &[Shard]) {
        let before = records(checkpoints);
        let total = records_of(&*self.shared.parts.log, shards);
        self.progress.send_modify(|progress| {
            progress.records_before = before;
            progress.records_done = before;
            progress.records_total = total;
            progress.began = Instant::now();
        });
    }
}

/// How many records there are in these shards.
pub(crate) fn records_of(log: &dyn EventLog, shards: &[Shard]) -> u64 {
    let ends = shards.iter().filter_map(|shard| log.end(*shard).ok());
    ends.map(i64::cast_unsigned).sum()
}

fn is_near_the_end(subscription: &mut Subscription) -> bool {
    subscription.is_caught_up() && subscription.lag_records() <= HANDOVER_RECORDS_MAX
}

fn records(checkpoints: &BTreeMap<Shard, Checkpoint>) -> u64 {
    let ends = checkpoints
        .values()
        .map(|checkpoint| (checkpoint.offset + 1).cast_unsigned());
    ends.sum()
}

/// Folds a round and writes it, if there is anything to write.
async fn fill_round(shared: &Shared, projector: &mut dyn AnyProjector, round: &Round) -> Result<(), StoreError> {
    shared.retrying(async || projector.take(round).await).await?;
    let Some(batch) = projector.batch()? else {
        projector.passed();
        return Ok(());
    };
    let store = &shared.parts.store;
    shared
        .retrying(async || store.apply(std::slice::from_ref(&batch)).await)
        .await?;
    projector.applied();
    shared.retrying(async || projector.tidy().await).await
}
