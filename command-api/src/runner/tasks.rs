//! What runs beside the callers: deliveries, ticks, and the records of others.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use domain::stream::Shard;
use event_log::{Append, Delivered, Followed, Subscription};
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;
use uuid::Uuid;

use super::cell::{Candidate, Cell, Inner};
use super::perform::{Outbox, not_taken};
use super::{Runner, TICK};
use crate::limits::UNWRITTEN_HEARD_MAX;
use crate::shard::{Decoded, Input};

impl Runner {
    /// Takes in what the log delivers, a group commit at a time.
    pub(super) async fn take_deliveries(self: Arc<Self>, mut deliveries: mpsc::UnboundedReceiver<Vec<Delivered>>) {
        loop {
            tokio::select! {
                biased;
                () = self.ended.cancelled() => return,
                group = deliveries.recv() => match group {
                    Some(mut group) => {
                        // What came meanwhile goes along: some logs deliver each record by itself.
                        while let Ok(more) = deliveries.try_recv() {
                            group.extend(more);
                        }
                        self.deliver(group);
                    }
                    None => return,
                },
            }
        }
    }

    fn deliver(&self, mut group: Vec<Delivered>) {
        fail::fail_point!("acked-not-answered", |_| std::process::abort());
        group.sort_by_key(|delivered| delivered.shard);
        while let Some(shard) = group.last().map(|last| last.shard) {
            let first = group.partition_point(|delivered| delivered.shard < shard);
            let own = group.split_off(first);
            if let Some(cell) = self.cells.get(&shard) {
                self.drive(cell, &mut cell.lock(), Input::Delivered(own));
            }
        }
    }

    /// Tells the machines that time has passed, and claims what nobody serves.
    pub(super) async fn tick(self: Arc<Self>) {
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = self.ended.cancelled() => return,
                _ = ticks.tick() => {}
            }
            for cell in self.cells.values() {
                self.drive(cell, &mut cell.lock(), Input::Tick);
            }
            self.claim_what_is_due();
        }
    }

    /// Claims the shards that nobody here serves or waits for, all at once.
    pub(super) fn claim_what_is_due(&self) {
        if self.is_stopping.load(Ordering::Acquire) {
            return;
        }
        let now = Instant::now();
        let candidate = Candidate {
            node: &self.node,
            serves_some: self.cells.values().any(|cell| cell.lock().machine.serves().is_some()),
            membership: self.membership.as_ref(),
        };
        let (mut appends, mut asked): (Vec<Append>, Vec<Shard>) = (Vec::new(), Vec::new());
        for (shard, cell) in &self.cells {
            let mut inner = cell.lock();
            if !inner.machine.is_following() || !inner.claims.are_due(now, &candidate) {
                continue;
            }
            let mut outbox = Outbox::default();
            self.drive_into(cell, &mut inner, claim_wanted(), &mut outbox);
            appends.append(&mut outbox.appends);
            asked.push(*shard);
        }
        if appends.is_empty() {
            return;
        }
        if let Err(error) = self.log.append(appends) {
            let error = not_taken(&error);
            for cell in asked.iter().filter_map(|shard| self.cells.get(shard)) {
                let error = error.clone();
                self.drive(cell, &mut cell.lock(), Input::NotTaken { from_seq: 0, error });
            }
        }
    }

    /// Reads what others write, for as long as the process runs.
    pub(super) async fn follow(self: Arc<Self>, mut subscription: Subscription) {
        loop {
            let batch = tokio::select! {
                () = self.ended.cancelled() => return,
                batch = subscription.next() => batch,
            };
            match batch {
                Some(batch) => self.take_followed(batch),
                None => return,
            }
            // What cannot be written stays in memory: a full disk must not fill that as well.
            while self.is_ahead_of_state_db(UNWRITTEN_HEARD_MAX) {
                tokio::select! {
                    () = self.ended.cancelled() => return,
                    () = tokio::time::sleep(TICK) => {}
                }
            }
        }
    }

    pub(super) fn take_followed(&self, batch: Vec<Followed>) {
        let mut batch = batch.into_iter().peekable();
        while let Some(shard) = batch.peek().map(Followed::shard) {
            let Some(cell) = self.cells.get(&shard) else {
                batch.next();
                continue;
            };
            let mut inner = cell.lock();
            while let Some(followed) = batch.next_if(|followed| followed.shard() == shard) {
                self.take_one(cell, &mut inner, followed);
            }
        }
    }

    fn take_one(&self, cell: &Cell, inner: &mut Inner, followed: Followed) {
        let input = match followed {
            Followed::Commit(commit) => {
                let record = Arc::clone(&commit.record);
                if record.offset <= inner.machine.fold().offset {
                    return;
                }
                Input::Read(record, Decoded::Followed(commit))
            }
            Followed::Claimed(claimed) => {
                let is_contested = !inner.machine.is_following() || inner.claims.have_begun();
                if let Some(claim) = claimed.claim().filter(|claim| is_contested && claim.node != self.node) {
                    inner.claims.lost_to(&claim.node);
                }
                Input::Read(Arc::clone(&claimed.record), Decoded::Skipped)
            }
            Followed::Void(voided) => Input::Read(Arc::clone(&voided.record), Decoded::Skipped),
            Followed::Halted { halt, .. } => Input::Broken(halt.to_string()),
        };
        self.drive(cell, inner, input);
    }
}

fn claim_wanted() -> Input {
    Input::ClaimWanted {
        claim: Uuid::new_v4(),
        log: Uuid::new_v4(),
    }
}
