//! Rebuilding a projection: green is filled beside blue, compared with it, and switched to, while blue serves.
//!
//! Every step can be repeated: a rebuild whose process was killed goes on at the next start, where its
//! generation stands.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use domain::shop::generation::{Generations, Situation};
use read_store::Generation;
use tokio::sync::watch;

use crate::generation_log::GenerationError;
use crate::generations::{Plan, plan};
use crate::registry::Registered;
use crate::shared::Shared;

mod control;
mod fill;
mod progress;
mod work;

pub use control::RebuildControl;
pub(crate) use control::{Controls, keep_to};
pub(crate) use fill::records_of;
pub use progress::{RebuildError, RebuildFailure, RebuildOptions, RebuildPhase, RebuildProgress, RebuildTarget};
use work::Rebuild;

/// The rebuilds of this process, one for each projection at most.
#[derive(Default)]
pub(crate) struct Rebuilds(Mutex<BTreeMap<&'static str, Running>>);

struct Running {
    progress: watch::Receiver<RebuildProgress>,
    controls: Arc<Controls>,
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

    /// Pauses, resumes or cancels the rebuild of a projection.
    pub(crate) fn control(&self, projection: &str, what: RebuildControl) -> Result<(), RebuildError> {
        let rebuilds = self.lock();
        let running = rebuilds
            .get(projection)
            .filter(|running| !running.progress.borrow().phase.is_over())
            .ok_or(RebuildError::NotRunning)?;
        if running.progress.borrow().phase == RebuildPhase::Switching {
            return Err(RebuildError::Switching);
        }
        running.controls.set(what);
        Ok(())
    }

    /// Begins a rebuild on a thread of its own, unless one of the projection is running.
    pub(crate) fn begin(
        &self,
        projection: &'static str,
        kept: Option<Generation>,
        work: impl FnOnce(watch::Sender<RebuildProgress>, Arc<Controls>) + Send + 'static,
    ) -> Result<watch::Receiver<RebuildProgress>, RebuildError> {
        let mut rebuilds = self.lock();
        let before = rebuilds.get(projection);
        if before.is_some_and(|running| !running.progress.borrow().phase.is_over()) {
            return Err(RebuildError::Running);
        }
        let (sender, progress) = watch::channel(RebuildProgress::begun(projection, kept));
        let controls = Arc::new(Controls::default());
        let for_work = Arc::clone(&controls);
        let thread = std::thread::Builder::new().name(format!("rebuild-{projection}"));
        let thread = thread
            .spawn(move || work(sender, for_work))
            .map_err(|error| RebuildError::Thread(error.to_string()))?;
        let running = Running {
            progress: progress.clone(),
            controls,
            thread,
        };
        rebuilds.insert(projection, running);
        Ok(progress)
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

/// What a rebuild would begin with: the generation that serves, and the one to be filled or brought up to date,
/// where it is there already.
pub(crate) struct Beginning {
    pub(crate) blue: Generation,
    pub(crate) green: Option<Generation>,
}

/// Whether a projection is being rebuilt in this process.
pub(crate) fn is_running(shared: &Shared, projection: &str) -> bool {
    let rebuild = shared.rebuilds.of(projection);
    rebuild.is_some_and(|progress| !progress.borrow().phase.is_over())
}

/// Begins a rebuild on a thread of its own.
pub(crate) fn start(
    shared: &Arc<Shared>,
    registered: &'static Registered,
    options: RebuildOptions,
) -> Result<watch::Receiver<RebuildProgress>, RebuildError> {
    if is_running(shared, registered.name) {
        return Err(RebuildError::Running);
    }
    let generations = shared.generations.borrow().of(registered.name);
    let Beginning { blue, green } = begin(&generations, registered, options.target)?;
    let kept = green.filter(|_| options.target != RebuildTarget::New);
    let rebuilding = Arc::clone(shared);
    shared.rebuilds.begin(registered.name, kept, move |progress, controls| {
        let rebuild = Rebuild {
            shared: rebuilding,
            registered,
            options,
            blue,
            kept,
            controls,
            progress,
        };
        rebuild.run();
    })
}

/// What a rebuild would begin with, if it may.
pub(crate) fn begin(
    generations: &Generations,
    registered: &Registered,
    target: RebuildTarget,
) -> Result<Beginning, RebuildError> {
    let Plan::Serve(blue) = plan(generations, registered.version) else {
        return Err(RebuildError::NotServing);
    };
    let green = match target {
        RebuildTarget::New => {
            let filling = generations.filling();
            if filling.is_some_and(|filling| crate::generations::is_newer(generations, filling, registered.version)) {
                return Err(RebuildError::Newer);
            }
            filling
        }
        RebuildTarget::Former => Some(former(generations, registered).ok_or(RebuildError::NoFormer)?),
        RebuildTarget::Kept(number) => {
            let kept = generations.get(number).ok_or(RebuildError::NoGeneration(number))?;
            if number == blue {
                return Err(RebuildError::Active(number));
            }
            if kept.version != registered.version {
                return Err(RebuildError::OtherCode(number));
            }
            Some(number)
        }
    };
    Ok(Beginning { blue, green })
}

/// Takes a generation away that nothing is answered from.
pub(crate) async fn drop_generation(
    shared: &Shared,
    registered: &'static Registered,
    generation: Generation,
) -> Result<(), RebuildError> {
    if crate::steward::is_being_rebuilt(shared, registered, generation) {
        return Err(RebuildError::Running);
    }
    if shared.parts.active.of(registered.name) == Some(generation) {
        return Err(RebuildError::Active(generation));
    }
    let dropped = shared
        .parts
        .generation_log
        .drop_tables(registered.name, generation)
        .await;
    dropped.map_err(|error| match error {
        GenerationError::Refused { code, message } => RebuildError::Refused { code, message },
        GenerationError::Unavailable(why) => RebuildError::Unavailable(why),
    })
}

/// The generation that was switched away from last and that this program's code can keep up.
fn former(generations: &Generations, registered: &Registered) -> Option<Generation> {
    let retired = generations.kept().filter(|(_, generation)| {
        generation.situation == Situation::Retired && generation.version == registered.version
    });
    retired.map(|(number, _)| number).max()
}
