//! The runner: one thread that keeps all followed generations of all projections up.
//!
//! It takes what was read, lets every projector fold it, writes the rows of all of them at once, and reads on.
//! While it writes, the log grows; so the longer writing takes, the more is written at once. While the store does
//! not answer it asks again and again, and reads nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::stream::Shard;
use event_log::{Checkpoint, Followed, Subscription};
use futures::future::join_all;
use read_store::{Batch, Generation, StoreError};
use tokio::sync::{mpsc, oneshot};

use crate::limits::{RETRY_PAUSE_MAX, RUNNER_ANSWER_MAX};
use crate::planted;
use crate::projector::{AnyProjector, Retried};
use crate::registry::projection;
use crate::repair::{self, Mended, RepairError};
use crate::retold::Retold;
use crate::round::Round;
use crate::shared::{Command, Shared};

pub(crate) struct Runner {
    shared: Arc<Shared>,
    commands: mpsc::UnboundedReceiver<Command>,
    projectors: Vec<Box<dyn AnyProjector>>,
    /// All shards that any projector reads, from where the one that is furthest behind has come.
    subscription: Option<Subscription>,
    waiting: Vec<Waiting>,
}

/// Who wants to know when a generation has caught up.
struct Waiting {
    projection: &'static str,
    generation: Generation,
    caught_up: oneshot::Sender<()>,
}

impl Runner {
    pub(crate) fn new(shared: Arc<Shared>, commands: mpsc::UnboundedReceiver<Command>) -> Self {
        Self {
            shared,
            commands,
            projectors: Vec::new(),
            subscription: None,
            waiting: Vec::new(),
        }
    }

    /// Runs until it is stopped; then all positions are stored, if the store answers.
    pub(crate) async fn run(mut self) {
        let shared = Arc::clone(&self.shared);
        let working = async {
            self.work().await;
            self.store_rest().await;
        };
        if shared.until_stopped(working).await.is_none() {
            tracing::warn!("the read store does not answer: what is not stored is projected again at the next start");
        }
    }

    async fn work(&mut self) {
        let shared = Arc::clone(&self.shared);
        loop {
            tokio::select! {
                () = shared.stopping.cancelled() => break,
                Some(command) = self.commands.recv() => self.obey(command).await,
                followed = next(&mut self.subscription) => match followed {
                    Some(followed) => self.round(followed).await,
                    None => self.subscription = None,
                },
            }
            self.tell_who_has_caught_up();
        }
    }

    async fn obey(&mut self, first: Command) {
        let mut next = Some(first);
        let mut is_changed = false;
        while let Some(command) = next {
            match command {
                Command::Follow { projector, caught_up } => {
                    self.follow(projector, caught_up);
                    is_changed = true;
                }
                Command::Leave {
                    projection,
                    generation,
                    drops_tables,
                } => {
                    self.leave(projection, generation);
                    is_changed = true;
                    if drops_tables {
                        self.drop_tables(projection, generation);
                    }
                }
                Command::Repair {
                    mut retold,
                    insists,
                    reply,
                } => {
                    let mended = self.repair(&mut retold, insists).await;
                    let _ = reply.send((retold, mended));
                }
                Command::RetryParked { projection, reply } => {
                    // Who asked may have gone.
                    let _ = reply.send(self.retry_parked(projection).await);
                }
            }
            next = self.commands.try_recv().ok();
        }
        if is_changed {
            self.subscribe();
        }
    }

    fn follow(&mut self, projector: Box<dyn AnyProjector>, caught_up: oneshot::Sender<()>) {
        let (projection, generation) = (projector.name(), projector.generation());
        self.leave(projection, generation);
        self.shared.followed().insert((projection, generation));
        self.note_parked(projector.as_ref());
        self.projectors.push(projector);
        self.waiting.push(Waiting {
            projection,
            generation,
            caught_up,
        });
    }

    fn leave(&mut self, projection: &'static str, generation: Generation) {
        self.shared.followed().remove(&(projection, generation));
        self.projectors
            .retain(|known| known.name() != projection || known.generation() != generation);
        self.waiting
            .retain(|waiting| waiting.projection != projection || waiting.generation != generation);
    }

    /// On a task of its own: taking many rows away may take long, and nothing else waits for it. What is not done
    /// when the process ends is done at the next start.
    fn drop_tables(&self, name: &'static str, generation: Generation) {
        let Some(registered) = projection(name) else {
            return;
        };
        let shared = Arc::clone(&self.shared);
        tokio::spawn(async move {
            let tables = registered.all_tables();
            let store = &shared.parts.store;
            while let Err(error) = store.drop_generation(&tables, generation).await {
                if !error.is_retryable() {
                    tracing::error!(projection = name, generation, %error, "tables could not be dropped");
                    return;
                }
                tokio::select! {
                    () = shared.stopping.cancelled() => return,
                    () = tokio::time::sleep(RETRY_PAUSE_MAX) => {}
                }
            }
        });
    }

    /// Reads from where the projector stands that is furthest behind; the others skip what they know.
    fn subscribe(&mut self) {
        let all = self.shared.parts.log.shards();
        let mut shards = Vec::new();
        let mut from: BTreeMap<Shard, Checkpoint> = BTreeMap::new();
        for shard in all {
            let readers: Vec<_> = self
                .projectors
                .iter()
                .filter(|projector| projector.reads(shard.topic))
                .collect();
            if readers.is_empty() {
                continue;
            }
            shards.push(shard);
            let places: Option<Vec<&Checkpoint>> =
                readers.iter().map(|reader| reader.checkpoints().get(&shard)).collect();
            let furthest_behind = places.into_iter().flatten().min_by_key(|checkpoint| checkpoint.offset);
            from.extend(furthest_behind.map(|checkpoint| (shard, checkpoint.clone())));
        }
        self.subscription = (!shards.is_empty()).then(|| self.shared.parts.follower.subscribe(&shards, &from));
    }

    async fn round(&mut self, followed: Vec<Followed>) {
        fail::fail_point!("projector-polled", |_| std::process::abort());
        for told in &followed {
            if let Followed::Halted { shard, halt } = told {
                self.shared.halted(*shard, halt);
            }
        }
        let round = Round::new(followed);
        let mut projectors = std::mem::take(&mut self.projectors);
        // All at once: each may wait for views that it has to read.
        let folds = projectors
            .iter_mut()
            .map(|projector| self.fold(projector.as_mut(), &round));
        let folded = join_all(folds).await;
        let mut batches = Vec::new();
        for (mut projector, folded) in projectors.into_iter().zip(folded) {
            match folded {
                Ok(Some(batch)) => batches.push((projector, batch)),
                Ok(None) => {
                    projector.passed();
                    self.projectors.push(projector);
                }
                Err(error) => self.give_up(projector.as_ref(), &error),
            }
            fail::fail_point!("projector-mid-batch", |_| std::process::abort());
        }
        self.write(batches).await;
    }

    async fn fold(&self, projector: &mut dyn AnyProjector, round: &Round) -> Result<Option<Batch>, StoreError> {
        let parked = projector.parked_views();
        self.shared.retrying(async || projector.take(round).await).await?;
        if projector.parked_views() != parked {
            self.note_parked(projector);
        }
        projector.batch()
    }

    /// Writes the batches of all projectors at once; if one of them cannot be written, each alone.
    async fn write(&mut self, batches: Vec<(Box<dyn AnyProjector>, Batch)>) {
        if batches.is_empty() {
            return;
        }
        let shared = Arc::clone(&self.shared);
        let _writing = shared.writes.begin();
        let store = Arc::clone(&self.shared.parts.store);
        let (projectors, batches): (Vec<_>, Vec<_>) = batches.into_iter().unzip();
        if let Some(early) = planted::checkpoints_before_rows(&batches) {
            let _ = store.apply(&early).await;
            fail::fail_point!("projector-checkpointed-not-written", |_| std::process::abort());
        }
        let all = self.shared.retrying(async || store.apply(&batches).await).await;
        fail::fail_point!("projector-checkpointed", |_| std::process::abort());
        for (mut projector, batch) in projectors.into_iter().zip(batches) {
            let written = match &all {
                Ok(()) => Ok(()),
                Err(_) => {
                    let alone = std::slice::from_ref(&batch);
                    self.shared.retrying(async || store.apply(alone).await).await
                }
            };
            let tidied = match written {
                Ok(()) => {
                    projector.applied();
                    self.shared.retrying(async || projector.tidy().await).await
                }
                Err(error) => Err(error),
            };
            match tidied {
                Ok(()) => self.projectors.push(projector),
                Err(error) => self.give_up(projector.as_ref(), &error),
            }
        }
    }

    fn give_up(&mut self, projector: &dyn AnyProjector, error: &StoreError) {
        let (name, generation) = (projector.name(), projector.generation());
        let is_read = self.shared.parts.active.of(name).is_none_or(|read| read == generation);
        if self.shared.stopping.is_cancelled() {
            // It is projected at the next start.
        } else if is_read {
            self.shared.stopped(name, error);
        } else {
            // One that another process has dropped, for example.
            tracing::warn!(projection = name, generation, %error, "a generation that queries do not read is given up");
        }
        self.leave(name, generation);
    }

    fn note_parked(&self, projector: &dyn AnyProjector) {
        let mut conditions = self.shared.conditions();
        conditions.entry(projector.name()).or_default().parked_views = projector.parked_views();
    }

    async fn retry_parked(&mut self, projection: &'static str) -> Result<Retried, StoreError> {
        let shared = Arc::clone(&self.shared);
        let _writing = shared.writes.begin();
        let mut sum = Retried::default();
        let parts = self.shared.parts.clone();
        for index in 0..self.projectors.len() {
            let projector = &mut self.projectors[index];
            if projector.name() != projection {
                continue;
            }
            let retried = shared
                .retrying(async || projector.retry_parked(parts.log.as_ref(), parts.decoder.as_ref()).await)
                .await?;
            sum.taken_in += retried.taken_in;
            sum.views_parked = sum.views_parked.max(retried.views_parked);
            self.note_parked(self.projectors[index].as_ref());
        }
        Ok(sum)
    }

    /// Makes the rows of one view again, of the generation that queries read.
    async fn repair(&mut self, retold: &mut Retold, insists: bool) -> Result<Mended, RepairError> {
        let shared = Arc::clone(&self.shared);
        let _writing = shared.writes.begin();
        let name = retold.registered.name;
        let active = shared.parts.active.of(name);
        let mut projectors = self.projectors.iter_mut();
        let projector = projectors.find(|known| known.name() == name && Some(known.generation()) == active);
        let projector = projector.ok_or(RepairError::NotServing)?;
        let checkpoint = projector.checkpoints().get(&retold.shard());
        let last = checkpoint.map_or(-1, |checkpoint| checkpoint.offset);
        // Nobody waits longer for it.
        retold.read_to(last, RUNNER_ANSWER_MAX, &shared.stopping).await?;
        if retold.is_parked() || projector.is_parked(&retold.key.partition) {
            return Err(RepairError::Parked);
        }
        projector.forget_view(&retold.key.partition);
        repair::mend(&shared.parts.store, projector.generation(), retold, insists).await
    }

    fn tell_who_has_caught_up(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        if self.subscription.as_mut().is_some_and(Subscription::is_caught_up) {
            for waiting in self.waiting.drain(..) {
                // Who waited may have gone.
                let _ = waiting.caught_up.send(());
            }
        }
    }

    async fn store_rest(&mut self) {
        let mut batches = Vec::new();
        for projector in &mut self.projectors {
            match projector.rest() {
                Ok(batch) => batches.extend(batch),
                Err(error) => tracing::warn!(projection = projector.name(), %error, "what is left is not stored"),
            }
        }
        if let Err(error) = self.shared.parts.store.apply(&batches).await {
            tracing::warn!(%error, "positions are not stored: what is behind them is read again at the next start");
        }
    }
}

/// The next records; never any without a subscription.
async fn next(subscription: &mut Option<Subscription>) -> Option<Vec<Followed>> {
    match subscription {
        Some(subscription) => subscription.next().await,
        None => std::future::pending().await,
    }
}
