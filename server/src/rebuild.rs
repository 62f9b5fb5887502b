//! A rebuild as lines for the operator.

use std::time::Duration;

use projectors::{Projectors, RebuildOptions, RebuildPhase, RebuildProgress, projection_names};
use tokio::sync::mpsc;

/// A line of progress at least this often, while something goes on.
const LINE_EVERY: Duration = Duration::from_secs(1);

/// How the last line of a rebuild that went well begins.
pub(crate) const WENT_WELL: &str = "rebuilt";

/// Rebuilds one projection, or with the name `all` all of them in turn, and says how it goes; the last line begins
/// with [`WENT_WELL`] when all went well.
pub(crate) async fn run(projectors: Projectors, name: String, lines: mpsc::Sender<String>) {
    let names: Vec<String> = if name == "all" {
        projection_names().map(str::to_owned).collect()
    } else {
        vec![name]
    };
    for name in &names {
        if let Err(why) = run_one(&projectors, name, &lines).await {
            // Nobody may be left to read it.
            let _ = lines.send(format!("failed: {name}: {why}")).await;
            return;
        }
    }
    let _ = lines.send(format!("{WENT_WELL} {}", names.join(", "))).await;
}

async fn run_one(projectors: &Projectors, name: &str, lines: &mpsc::Sender<String>) -> Result<(), String> {
    let mut progress = projectors
        .rebuild(name, RebuildOptions::default())
        .map_err(|error| format!("{error} ({})", error.code()))?;
    loop {
        let now = progress.borrow_and_update().clone();
        // A reader that has gone away does not stop the rebuild.
        let _ = lines.send(line(&now)).await;
        match now.phase {
            RebuildPhase::Done => return Ok(()),
            RebuildPhase::Failed(failure) => return Err(failure.to_string()),
            _ => {}
        }
        let phase = now.phase.clone();
        let changed = progress.wait_for(|next| next.phase != phase);
        if let Ok(Err(_)) = tokio::time::timeout(LINE_EVERY, changed).await {
            return Err("the projectors have stopped".to_owned());
        }
    }
}

fn line(progress: &RebuildProgress) -> String {
    let generation = progress
        .generation
        .map(|number| format!(" generation {number}"))
        .unwrap_or_default();
    let name = progress.projection;
    match &progress.phase {
        RebuildPhase::Opening => format!("{name}: opening a new generation"),
        RebuildPhase::Filling => {
            let left = progress
                .left()
                .map(|left| format!(", {} s left", left.as_secs()))
                .unwrap_or_default();
            let (done, total) = (progress.records_done, progress.records_total);
            format!(
                "{name}:{generation} {done} of {total} records, {} a second{left}",
                progress.records_per_second()
            )
        }
        RebuildPhase::CatchingUp => format!("{name}:{generation} is catching up"),
        RebuildPhase::Comparing => format!("{name}:{generation} is being compared with the active one"),
        RebuildPhase::Switching => format!("{name}:{generation} is being switched to"),
        RebuildPhase::Done => match &progress.parity {
            Some(parity) => format!(
                "{name}:{generation} serves; {} rows, {} differ",
                parity.rows, parity.differing
            ),
            None => format!("{name}:{generation} serves"),
        },
        RebuildPhase::Failed(failure) => format!("{name}:{generation} {failure}"),
    }
}
