//! Switches that other processes ask for: the log tells everybody, and everybody goes along.

use std::sync::Arc;

use super::{Unserved, activate, follow, is_being_rebuilt, retire_others};
use crate::generations::{Plan, plan};
use crate::registry::{PROJECTIONS, Registered};
use crate::shared::Shared;

/// Goes where another process has switched queries to, each time it does.
pub(super) async fn go_along(shared: &Arc<Shared>) {
    let mut generations = shared.generations.subscribe();
    loop {
        for registered in &PROJECTIONS {
            if let Err(Unserved::Store(error)) = move_to_active(shared, registered).await {
                shared.stopped(registered.name, &error);
            }
        }
        if generations.changed().await.is_err() {
            return;
        }
    }
}

/// Keeps the active generation up and reads it, if it is this program's and is not read yet: another process has
/// filled it. Other code's is left to that code, and what was read here until then is kept up.
async fn move_to_active(shared: &Arc<Shared>, registered: &'static Registered) -> Result<(), Unserved> {
    let active = || match plan(&shared.generations.borrow().of(registered.name), registered.version) {
        Plan::Serve(active) if shared.parts.active.of(registered.name) != Some(active) => Some(active),
        _ => None,
    };
    let Some(generation) = active() else {
        return Ok(());
    };
    if is_being_rebuilt(shared, registered, generation)
        && let Some(mut rebuild) = shared.rebuilds.of(registered.name)
    {
        // It comes to the same by itself, unless it fails.
        let _ = rebuild.wait_for(|progress| progress.phase.is_over()).await;
    }
    if active() != Some(generation) {
        return Ok(());
    }
    let caught_up = follow(shared, registered, generation).await?;
    caught_up.await.map_err(|_| Unserved::Stopped)?;
    activate(shared, registered, generation);
    retire_others(shared, registered, generation);
    Ok(())
}
