//! The steward: sees to it that every projection has a generation that this program's code keeps up, and that
//! queries read the one which the log says.

use std::sync::Arc;

use domain::shop::generation::Event;
use domain::stream::{Shard, Topic};
use futures::future::join_all;
use read_store::{Generation, StoreError};
use tokio::sync::oneshot;

use crate::generation_log::GenerationError;
use crate::generations::{GenerationChange, Plan, is_newer, plan};
use crate::limits::{GENERATION_RETRY_PAUSE, RETIRED_FOLLOWED};
use crate::rebuild;
use crate::registry::{PROJECTIONS, Registered, projection};
use crate::shared::{Command, Shared};

mod moves;

/// The shard in which generations are opened, switched and dropped.
const GENERATIONS_SHARD: Shard = Shard {
    topic: Topic::Shop,
    partition: 0,
};

/// Why a projection could not be brought to serve.
pub(crate) enum Unserved {
    Store(StoreError),
    /// The projectors are being stopped, or the projector has stopped by itself.
    Stopped,
}

/// Runs until the projectors are stopped.
pub(crate) async fn run(shared: Arc<Shared>) {
    let stopping = shared.stopping.clone();
    tokio::select! {
        () = stopping.cancelled() => {}
        ((), ()) = async { tokio::join!(watch_generations(&shared), lead(&shared)) } => {}
    }
}

async fn lead(shared: &Arc<Shared>) {
    start(shared).await;
    moves::go_along(shared).await;
}

async fn start(shared: &Arc<Shared>) {
    let mut generations = shared.generations.subscribe();
    // The sender is in `shared`.
    let _ = generations.wait_for(|known| known.is_complete).await;
    drop_left_tables(shared).await;
    let served = join_all(PROJECTIONS.iter().map(|registered| serve(shared, registered))).await;
    let mut are_all_served = true;
    for (registered, served) in PROJECTIONS.iter().zip(served) {
        match served {
            Ok(()) => resume_rebuild(shared, registered).await,
            Err(Unserved::Store(error)) => {
                shared.stopped(registered.name, &error);
                are_all_served = false;
            }
            Err(Unserved::Stopped) => are_all_served = false,
        }
    }
    shared.caught_up.send_replace(are_all_served);
}

/// Follows the events of generations: queries read what the log says, at once.
async fn watch_generations(shared: &Arc<Shared>) {
    let mut subscription = shared
        .parts
        .follower
        .subscribe(&[GENERATIONS_SHARD], &std::collections::BTreeMap::new());
    loop {
        if !shared.generations.borrow().is_complete && subscription.is_caught_up() {
            shared.generations.send_modify(|known| known.is_complete = true);
        }
        let Some(followed) = subscription.next().await else {
            return;
        };
        let mut changes = Vec::new();
        let mut was_complete = false;
        shared.generations.send_modify(|known| {
            changes = known.take(&followed);
            was_complete = known.is_complete;
        });
        if was_complete {
            for change in &changes {
                obey(shared, change);
            }
        }
    }
}

fn obey(shared: &Arc<Shared>, change: &GenerationChange) {
    let Some(registered) = projection(&change.projection) else {
        return;
    };
    match change.event {
        Event::GenerationOpened { .. } => {}
        Event::GenerationSwitched { generation } => {
            activate(shared, registered, generation);
            retire_others(shared, registered, generation);
        }
        Event::GenerationDropped { generation } => send(
            shared,
            Command::Leave {
                projection: registered.name,
                generation,
                drops_tables: true,
            },
        ),
    }
}

/// Lets queries read a generation, if the log says so and the runner keeps it up.
pub(crate) fn activate(shared: &Shared, registered: &'static Registered, generation: Generation) {
    let active = shared.generations.borrow().of(registered.name).active();
    let is_followed = shared.followed().contains(&(registered.name, generation));
    if active == Some(generation) && is_followed {
        let before = shared.parts.active.of(registered.name);
        shared.parts.active.set(registered.name, generation);
        shared.goes_on(registered.name);
        // What a start finds is no news.
        if before.is_some_and(|before| before != generation) {
            tracing::info!(
                projection = registered.name,
                generation,
                "queries are answered from this generation"
            );
        }
    }
}

/// Keeps the generations that were switched away from up for as long as a query may still read them: while queries
/// here have not moved, and then for a while.
fn retire_others(shared: &Arc<Shared>, registered: &'static Registered, active: Generation) {
    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        tokio::select! {
            () = shared.stopping.cancelled() => return,
            () = tokio::time::sleep(RETIRED_FOLLOWED) => {}
        }
        let generations = shared.generations.borrow().of(registered.name);
        let is_read = shared.parts.active.of(registered.name) == Some(active);
        if generations.active() != Some(active) || !is_read {
            return;
        }
        let others: Vec<Generation> = {
            let followed = shared.followed();
            let of_projection = followed.iter().filter(|(name, _)| *name == registered.name);
            of_projection
                .map(|(_, generation)| *generation)
                .filter(|generation| *generation != active)
                .collect()
        };
        for generation in others {
            if generations.filling() != Some(generation) && !is_being_rebuilt(&shared, registered, generation) {
                send(
                    &shared,
                    Command::Leave {
                        projection: registered.name,
                        generation,
                        drops_tables: false,
                    },
                );
            }
        }
    });
}

/// Whether a rebuild is about to switch to a generation.
pub(crate) fn is_being_rebuilt(shared: &Shared, registered: &Registered, generation: Generation) -> bool {
    let rebuild = shared.rebuilds.of(registered.name);
    rebuild.is_some_and(|progress| {
        let progress = progress.borrow();
        progress.generation == Some(generation) && !progress.phase.is_over()
    })
}

/// Brings a projection to serve: a generation of this program's code is followed, up to date, and active.
async fn serve(shared: &Arc<Shared>, registered: &'static Registered) -> Result<(), Unserved> {
    loop {
        let generations = shared.generations.borrow().of(registered.name);
        let name = registered.name;
        let commands = &shared.parts.generation_log;
        let asked = match plan(&generations, registered.version) {
            Plan::Serve(generation) if shared.followed().contains(&(name, generation)) => {
                activate(shared, registered, generation);
                return Ok(());
            }
            Plan::Serve(generation) => {
                let caught_up = follow(shared, registered, generation).await?;
                activate(shared, registered, generation);
                return caught_up.await.map_err(|_| Unserved::Stopped);
            }
            Plan::Fill(generation) => {
                follow(shared, registered, generation)
                    .await?
                    .await
                    .map_err(|_| Unserved::Stopped)?;
                commands.switch(name, generation).await
            }
            Plan::Discard(generation) => commands.drop_tables(name, generation).await,
            // Its own code switches to it.
            Plan::Await(_) => Ok(()),
            Plan::Open => commands.open(name, registered.version, false).await,
        };
        await_change(shared, registered, &generations, asked).await;
        if shared.stopping.is_cancelled() {
            return Err(Unserved::Stopped);
        }
    }
}

/// Waits until the log shows what was asked for, or for a while when it was not taken.
async fn await_change(
    shared: &Shared,
    registered: &Registered,
    before: &domain::shop::generation::Generations,
    asked: Result<(), GenerationError>,
) {
    if let Err(error) = &asked {
        tracing::warn!(projection = registered.name, %error, "asking for a generation again");
    }
    let mut generations = shared.generations.subscribe();
    let changed = generations.wait_for(|known| known.of(registered.name) != *before);
    let _ = tokio::time::timeout(GENERATION_RETRY_PAUSE, changed).await;
}

/// Opens a generation where it stands and hands it to the runner. What is given resolves when it has caught up.
pub(crate) async fn follow(
    shared: &Shared,
    registered: &'static Registered,
    generation: Generation,
) -> Result<oneshot::Receiver<()>, Unserved> {
    let store = &shared.parts.store;
    let opened = shared
        .retrying(async || registered.open(Arc::clone(store), generation).await)
        .await;
    let projector = opened.map_err(Unserved::Store)?;
    let (caught_up, has_caught_up) = oneshot::channel();
    // Before the runner takes it over, its tables are there: queries may read them.
    shared.followed().insert((registered.name, generation));
    send(shared, Command::Follow { projector, caught_up });
    Ok(has_caught_up)
}

/// A rebuild that was interrupted goes on. One that older code began is in the way; one of newer code is left to it.
async fn resume_rebuild(shared: &Arc<Shared>, registered: &'static Registered) {
    let generations = shared.generations.borrow().of(registered.name);
    let Some(filling) = generations.filling() else {
        return;
    };
    let Some(opened) = generations.get(filling) else { return };
    if opened.version == registered.version {
        let options = rebuild::RebuildOptions {
            is_held: opened.held,
            ..rebuild::RebuildOptions::default()
        };
        if let Err(error) = rebuild::start(shared, registered, options) {
            tracing::error!(projection = registered.name, %error, "an interrupted rebuild could not go on");
        }
        return;
    }
    if is_newer(&generations, filling, registered.version) {
        return;
    }
    if let Err(error) = shared.parts.generation_log.drop_tables(registered.name, filling).await {
        tracing::warn!(projection = registered.name, %error, "a generation of other code is still there");
    }
}

/// Takes tables away whose generation was dropped right before an earlier process ended.
async fn drop_left_tables(shared: &Shared) {
    for registered in &PROJECTIONS {
        let generations = shared.generations.borrow().of(registered.name);
        let dropped = (1..=generations.last_number()).filter(|number| generations.get(*number).is_none());
        let tables = registered.all_tables();
        for generation in dropped {
            let store = &shared.parts.store;
            if let Err(error) = shared
                .retrying(async || store.drop_generation(&tables, generation).await)
                .await
            {
                tracing::warn!(projection = registered.name, generation, %error, "old tables are still there");
            }
        }
    }
}

pub(crate) fn send(shared: &Shared, command: Command) {
    if shared.commands.send(command).is_err() {
        tracing::debug!("the projectors have stopped");
    }
}
