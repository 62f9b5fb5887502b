//! The steps of a rebuild, on a thread of its own.

use std::sync::Arc;

use domain::shop::generation::Generations;
use read_store::{Generation, StoreError};
use tokio::sync::watch;

use super::control::Controls;
use super::{RebuildFailure, RebuildOptions, RebuildPhase, RebuildProgress, RebuildTarget};
use crate::compare::{Side, compare};
use crate::generation_log::GenerationError;
use crate::limits::{CANCEL_TRIES_MAX, GENERATION_RETRY_PAUSE};
use crate::parity::{Still, StoredPositions};
use crate::registry::Registered;
use crate::shared::{Command, Shared};
use crate::steward::{Unserved, activate, follow, send};

pub(super) struct Rebuild {
    pub(super) shared: Arc<Shared>,
    pub(super) registered: &'static Registered,
    pub(super) options: RebuildOptions,
    pub(super) blue: Generation,
    /// The generation to go to, where it is an earlier one.
    pub(super) kept: Option<Generation>,
    pub(super) controls: Arc<Controls>,
    pub(super) progress: watch::Sender<RebuildProgress>,
}

impl Rebuild {
    pub(super) fn run(self) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let result = match runtime {
            Ok(runtime) => runtime.block_on(async {
                let rebuilt = self.shared.until_stopped(self.rebuild()).await;
                let rebuilt = rebuilt.unwrap_or(Err(RebuildFailure::Stopped));
                if let Err(failure) = &rebuilt {
                    let ending = self.shared.until_stopped(self.abandon(failure));
                    // Who is stopped meanwhile finds it at the next start.
                    let _ = ending.await;
                }
                rebuilt
            }),
            Err(error) => Err(RebuildFailure::Store(StoreError::Unavailable(error.to_string()))),
        };
        let projection = self.registered.name;
        match result {
            Ok(phase) => {
                tracing::info!(projection, "the projection is rebuilt");
                self.enter(phase);
            }
            Err(failure) => {
                tracing::error!(projection, %failure, "the projection is not rebuilt; queries are answered as before");
                self.enter(RebuildPhase::Failed(failure));
            }
        }
    }

    async fn rebuild(&self) -> Result<RebuildPhase, RebuildFailure> {
        let green = match self.kept {
            Some(kept) => kept,
            // To its end, also for who cancels: only what is known to be there can be taken away.
            None => self.opened().await?,
        };
        self.progress.send_modify(|progress| progress.generation = Some(green));
        fail::fail_point!("rebuild-opened", |_| std::process::abort());
        tokio::select! {
            biased;
            () = self.controls.cancelled.cancelled() => return Err(RebuildFailure::Cancelled),
            prepared = self.prepare(green) => prepared?,
        }
        if self.options.is_held {
            self.leave(green);
            return Ok(RebuildPhase::Held);
        }
        self.enter(RebuildPhase::Switching);
        fail::fail_point!("rebuild-before-switch", |_| std::process::abort());
        self.switch(green).await?;
        fail::fail_point!("rebuild-after-switch", |_| std::process::abort());
        if self.options.target == RebuildTarget::New {
            self.drop_older(green).await;
        }
        Ok(RebuildPhase::Done)
    }

    /// Green, filled, kept up beside blue, and compared with it.
    async fn prepare(&self, green: Generation) -> Result<(), RebuildFailure> {
        if !self.is_followed(green) {
            self.enter(RebuildPhase::Filling);
            self.fill(green).await?;
            fail::fail_point!("rebuild-filled", |_| std::process::abort());
            self.enter(RebuildPhase::CatchingUp);
            self.follow(green).await?;
        }
        self.turn().await?;
        self.enter(RebuildPhase::Comparing);
        self.compare(green).await?;
        self.turn().await
    }

    /// A moment at which the rebuild may be paused.
    pub(super) async fn turn(&self) -> Result<(), RebuildFailure> {
        tokio::select! {
            () = self.shared.stopping.cancelled() => Err(RebuildFailure::Stopped),
            () = self.controls.while_paused(&self.progress) => Ok(()),
        }
    }

    fn is_followed(&self, green: Generation) -> bool {
        self.shared.followed().contains(&(self.registered.name, green))
    }

    /// Lets the runner keep green up beside blue.
    async fn follow(&self, green: Generation) -> Result<(), RebuildFailure> {
        let caught_up = follow(&self.shared, self.registered, green).await?;
        caught_up.await.map_err(|_| RebuildFailure::Stopped)
    }

    /// Nothing keeps green up that is not going to be switched to; and who cancels wants it gone, if it was made
    /// for this.
    async fn abandon(&self, failure: &RebuildFailure) {
        let name = self.registered.name;
        let Some(green) = self.progress.borrow().generation else {
            return;
        };
        if self.shared.parts.active.of(name) == Some(green) {
            return;
        }
        self.leave(green);
        if *failure != RebuildFailure::Cancelled || self.options.target != RebuildTarget::New {
            return;
        }
        for _ in 0..CANCEL_TRIES_MAX {
            if self.shared.generations.borrow().of(name).get(green).is_none() {
                return;
            }
            if let Err(error) = self.shared.parts.generation_log.drop_tables(name, green).await {
                tracing::warn!(projection = name, green, %error, "a cancelled generation is still there");
            }
            if self.await_change(|now| now.get(green).is_none()).await.is_err() {
                return;
            }
        }
    }

    fn leave(&self, generation: Generation) {
        let command = Command::Leave {
            projection: self.registered.name,
            generation,
            drops_tables: false,
        };
        send(&self.shared, command);
    }

    fn enter(&self, phase: RebuildPhase) {
        self.progress.send_modify(|progress| progress.phase = phase);
    }

    /// The generation that is being filled: one that was opened before, or a new one.
    async fn opened(&self) -> Result<Generation, RebuildFailure> {
        let (name, version) = (self.registered.name, self.registered.version);
        let log = &self.shared.parts.generation_log;
        loop {
            let generations = self.shared.generations.borrow().of(name);
            let asked = if let Some(filling) = generations.filling() {
                let found = generations.get(filling).map_or(0, |generation| generation.version);
                if found == version {
                    return Ok(filling);
                }
                if found > version {
                    return Err(RebuildFailure::Newer);
                }
                log.drop_tables(name, filling).await
            } else {
                log.open(name, version, self.options.is_held).await
            };
            match asked {
                Ok(()) => {}
                Err(error) if error.may_be_so_already() => {
                    tracing::info!(projection = name, %error, "waiting for the log to show the generation");
                }
                Err(refused) => return Err(refused.into()),
            }
            self.await_change(|now| now.filling() != generations.filling()).await?;
        }
    }

    async fn compare(&self, green: Generation) -> Result<(), RebuildFailure> {
        let store = self.shared.parts.store.as_ref();
        let (blue, green) = (self.blue, green);
        let side = |generation| Side { store, generation };
        let compared = self
            .shared
            .retrying(async || {
                let positions = StoredPositions::new(store, self.registered.name, [blue, green]);
                let mut alignment = Still::new(positions, &self.shared.writes);
                compare(self.registered.tables, side(blue), side(green), &mut alignment).await
            })
            .await;
        let parity = compared?;
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
            if self.shared.generations.borrow().of(name).active() != Some(green) {
                // Somebody has gone elsewhere since.
                return Ok(());
            }
            // One that was on its way out may have gone meanwhile.
            if !self.is_followed(green) {
                self.follow(green).await?;
            }
            activate(&self.shared, self.registered, green);
            // Whatever is in its way has a turn, and so has who stops everything.
            tokio::task::yield_now().await;
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
