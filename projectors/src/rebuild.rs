//! Rebuilding a projection: green is filled beside blue, compared with it, and switched to, while blue serves.
//!
//! Every step can be repeated: a rebuild whose process was killed goes on at the next start, where its
//! generation stands.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use domain::shop::generation::{Generations, Situation};
use event_log::{Checkpoint, Subscription};
use read_store::{Generation, StoreError};
use tokio::sync::watch;

use crate::compare::{Side, compare};
use crate::generation_log::GenerationError;
use crate::generations::{Plan, plan};
use crate::limits::{GENERATION_RETRY_PAUSE, HANDOVER_RECORDS_MAX};
use crate::parity::{Still, StoredPositions};
use crate::projector::AnyProjector;
use crate::registry::Registered;
use crate::round::Round;
use crate::shared::{Command, Shared};
use crate::steward::{Unserved, activate, follow, send};

mod progress;

pub use progress::{RebuildError, RebuildFailure, RebuildOptions, RebuildPhase, RebuildProgress, RebuildTarget};

/// The rebuilds of this process, one for each projection at most.
#[derive(Default)]
pub(crate) struct Rebuilds(Mutex<BTreeMap<&'static str, Running>>);

struct Running {
    progress: watch::Receiver<RebuildProgress>,
    thread: JoinHandle<()>,
}

impl Rebuilds {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, Running>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The last rebuild of a projection, running or over.
    pub(crate) fn of(&self, projection: &str) -> Option<watch::Receiver<RebuildProgress>> {
        self.lock().get(projection).map(|running| running.progress.clone())
    }

    /// Waits for the threads of all rebuilds, which were told to stop.
    pub(crate) fn join(&self) {
        for (projection, running) in std::mem::take(&mut *self.lock()) {
            if running.thread.join().is_err() {
                tracing::error!(projection, "the thread of a rebuild has panicked");
            }
        }
    }
}

/// Begins a rebuild on a thread of its own.
pub(crate) fn start(
    shared: &Arc<Shared>,
    registered: &'static Registered,
    options: RebuildOptions,
) -> Result<watch::Receiver<RebuildProgress>, RebuildError> {
    let mut rebuilds = shared.rebuilds.lock();
    if rebuilds
        .get(registered.name)
        .is_some_and(|running| !running.progress.borrow().phase.is_over())
    {
        return Err(RebuildError::Running);
    }
    let generations = shared.generations.borrow().of(registered.name);
    let Plan::Serve(blue) = plan(&generations, registered.version) else {
        return Err(RebuildError::NotServing);
    };
    let former = match options.target {
        RebuildTarget::New => None,
        RebuildTarget::Former => Some(former(&generations, registered).ok_or(RebuildError::NoFormer)?),
    };
    let (sender, progress) = watch::channel(RebuildProgress {
        projection: registered.name,
        generation: former,
        phase: RebuildPhase::Opening,
        records_done: 0,
        records_total: 0,
        records_before: 0,
        began: Instant::now(),
        parity: None,
    });
    let rebuild = Rebuild {
        shared: Arc::clone(shared),
        registered,
        options,
        blue,
        former,
        progress: sender,
    };
    let thread = std::thread::Builder::new().name(format!("rebuild-{}", registered.name));
    let thread = thread
        .spawn(move || rebuild.run())
        .map_err(|error| RebuildError::Thread(error.to_string()))?;
    let running = Running {
        progress: progress.clone(),
        thread,
    };
    rebuilds.insert(registered.name, running);
    Ok(progress)
}

/// The generation that was switched away from last and that this program's code can keep up.
fn former(generations: &Generations, registered: &Registered) -> Option<Generation> {
    let retired = generations.kept().filter(|(_, generation)| {
        generation.situation == Situation::Retired && generation.version == registered.version
    });
    retired.map(|(number, _)| number).max()
}

struct Rebuild {
    shared: Arc<Shared>,
    registered: &'static Registered,
    options: RebuildOptions,
    blue: Generation,
    former: Option<Generation>,
    progress: watch::Sender<RebuildProgress>,
}

impl Rebuild {
    fn run(self) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let result = match runtime {
            Ok(runtime) => runtime.block_on(async {
                let rebuilt = self.shared.until_stopped(self.rebuild()).await;
                rebuilt.unwrap_or(Err(RebuildFailure::Stopped))
            }),
            Err(error) => Err(RebuildFailure::Store(StoreError::Unavailable(error.to_string()))),
        };
        let projection = self.registered.name;
        match result {
            Ok(()) => {
                tracing::info!(projection, "the projection is rebuilt");
                self.enter(RebuildPhase::Done);
            }
            Err(failure) => {
                self.abandon();
                tracing::error!(projection, %failure, "the projection is not rebuilt; queries are answered as before");
                self.enter(RebuildPhase::Failed(failure));
            }
        }
    }

    async fn rebuild(&self) -> Result<(), RebuildFailure> {
        let green = match self.former {
            Some(former) => former,
            None => self.opened().await?,
        };
        self.progress.send_modify(|progress| progress.generation = Some(green));
        if !self.is_followed(green) {
            self.enter(RebuildPhase::Filling);
            self.fill(green).await?;
            self.enter(RebuildPhase::CatchingUp);
            self.follow(green).await?;
        }
        self.enter(RebuildPhase::Comparing);
        self.compare(green).await?;
        self.enter(RebuildPhase::Switching);
        fail::fail_point!("rebuild-before-switch", |_| std::process::abort());
        self.switch(green).await?;
        fail::fail_point!("rebuild-after-switch", |_| std::process::abort());
        if self.options.target == RebuildTarget::New {
            self.drop_older(green).await;
        }
        Ok(())
    }

    fn is_followed(&self, green: Generation) -> bool {
        self.shared.followed().contains(&(self.registered.name, green))
    }

    /// Lets the runner keep green up beside blue.
    async fn follow(&self, green: Generation) -> Result<(), RebuildFailure> {
        let caught_up = follow(&self.shared, self.registered, green).await?;
        caught_up.await.map_err(|_| RebuildFailure::Stopped)
    }

    /// Nothing keeps green up that is not going to be switched to.
    fn abandon(&self) {
        let green = self.progress.borrow().generation;
        let Some(generation) = green.filter(|green| self.shared.parts.active.of(self.registered.name) != Some(*green))
        else {
            return;
        };
        send(
            &self.shared,
            Command::Leave {
                projection: self.registered.name,
                generation,
                drops_tables: false,
            },
        );
    }

    fn enter(&self, phase: RebuildPhase) {
        self.progress.send_modify(|progress| progress.phase = phase);
    }

    /// The generation that is being filled: one that was opened before, or a new one.
    async fn opened(&self) -> Result<Generation, RebuildFailure> {
        let (name, version) = (self.registered.name, self.registered.version);
        loop {
            let generations = self.shared.generations.borrow().of(name);
            if let Some(filling) = generations.filling() {
                let is_ours = generations
                    .get(filling)
                    .is_some_and(|generation| generation.version == version);
                if is_ours {
                    return Ok(filling);
                }
                self.shared.parts.generation_log.drop_tables(name, filling).await?;
            } else {
                self.shared.parts.generation_log.open(name, version).await?;
            }
            self.await_change(|now| now.filling() != generations.filling()).await?;
        }
    }

    /// Reads the log from where the generation stands to (nearly) its end.
    async fn fill(&self, green: Generation) -> Result<(), RebuildFailure> {
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
        }
        if let Some(rest) = projector.rest()? {
            self.shared
                .retrying(async || store.apply(std::slice::from_ref(&rest)).await)
                .await?;
        }
        Ok(())
    }

    fn begin_counting(
        &self,
        checkpoints: &BTreeMap<domain::stream::Shard, Checkpoint>,
        shards: &[domain::stream::Shard],
    ) {
        let before = records(checkpoints);
        let ends = shards.iter().filter_map(|shard| self.shared.parts.log.end(*shard).ok());
        let total = ends.map(i64::cast_unsigned).sum();
        self.progress.send_modify(|progress| {
            progress.records_before = before;
            progress.records_done = before;
            progress.records_total = total;
            progress.began = Instant::now();
        });
    }

    async fn compare(&self, green: Generation) -> Result<(), RebuildFailure> {
        let store = self.shared.parts.store.as_ref();
        let (blue, green) = (self.blue, green);
        let side = |generation| Side { store, generation };
        let positions = StoredPositions::new(store, self.registered.name, [blue, green]);
        let mut alignment = Still::new(positions, &self.shared.writes);
        let parity = compare(self.registered.tables, side(blue), side(green), &mut alignment).await?;
        let (rows, differing) = (parity.rows, parity.differing);
        tracing::info!(
            projection = self.registered.name,
            blue,
            green,
            rows,
            differing,
            "blue and green are compared"
        );
        self.progress.send_modify(|progress| progress.parity = Some(parity));
        if self.options.requires_parity && differing > 0 {
            return Err(RebuildFailure::Differs(differing));
        }
        Ok(())
    }

    /// Switches, and waits until the log says so and queries do so.
    async fn switch(&self, green: Generation) -> Result<(), RebuildFailure> {
        let name = self.registered.name;
        while self.shared.generations.borrow().of(name).active() != Some(green) {
            match self.shared.parts.generation_log.switch(name, green).await {
                Ok(()) => {}
                Err(GenerationError::Unavailable(why)) => {
                    tracing::warn!(projection = name, green, why, "asking to switch again");
                }
                Err(refused @ GenerationError::Refused { .. }) => return Err(refused.into()),
            }
            self.await_change(|now| now.active() == Some(green)).await?;
        }
        while self.shared.parts.active.of(name) != Some(green) {
            // One that was on its way out may have gone meanwhile.
            if !self.is_followed(green) {
                self.follow(green).await?;
            }
            activate(&self.shared, self.registered, green);
        }
        Ok(())
    }

    /// Blue stays for the way back; what is older goes. Nothing depends on it, so a failure is not one.
    async fn drop_older(&self, green: Generation) {
        let name = self.registered.name;
        let generations = self.shared.generations.borrow().of(name);
        let older = generations
            .kept()
            .map(|(number, _)| number)
            .filter(|number| *number != self.blue && *number != green);
        for generation in older {
            if let Err(error) = self.shared.parts.generation_log.drop_tables(name, generation).await {
                tracing::warn!(projection = name, generation, %error, "an old generation is still there");
            }
        }
    }

    /// Waits until the log shows it, or for a while.
    async fn await_change(&self, is_there: impl Fn(&Generations) -> bool) -> Result<(), RebuildFailure> {
        let mut known = self.shared.generations.subscribe();
        let shown = known.wait_for(|known| is_there(&known.of(self.registered.name)));
        tokio::select! {
            () = self.shared.stopping.cancelled() => Err(RebuildFailure::Stopped),
            // Who waited long enough looks again.
            _ = tokio::time::timeout(GENERATION_RETRY_PAUSE, shown) => Ok(()),
        }
    }
}

impl From<Unserved> for RebuildFailure {
    fn from(unserved: Unserved) -> Self {
        match unserved {
            Unserved::Store(error) => Self::Store(error),
            Unserved::Stopped => Self::Stopped,
        }
    }
}

fn is_near_the_end(subscription: &mut Subscription) -> bool {
    subscription.is_caught_up() && subscription.lag_records() <= HANDOVER_RECORDS_MAX
}

fn records(checkpoints: &BTreeMap<domain::stream::Shard, Checkpoint>) -> u64 {
    checkpoints
        .values()
        .map(|checkpoint| (checkpoint.offset + 1).cast_unsigned())
        .sum()
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
    projector.tidy().await
}
