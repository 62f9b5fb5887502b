//! A rebuild as lines of JSON: one at each change of what it does, and one a second while it goes on.

use std::time::Duration;

use projectors::{RebuildError, RebuildOptions, RebuildProgress};
use tokio::sync::{mpsc, watch};

use super::report::{Phase, RebuildReport};
use crate::read_models::ReadModels;

/// How often there is a line while a rebuild does the same thing.
const LINE_EVERY: Duration = Duration::from_millis(500);

/// Tells of one rebuild until it is over, or nobody listens: the rebuild does not depend on it.
pub(super) async fn tell(mut progress: watch::Receiver<RebuildProgress>, lines: &mpsc::Sender<String>) -> Phase {
    loop {
        let (is_paused, report) = {
            let now = progress.borrow_and_update();
            (now.is_paused, RebuildReport::of(&now))
        };
        let phase = report.phase;
        let _ = lines.send(line(&report)).await;
        if phase.is_over() {
            return phase;
        }
        let changed = progress.wait_for(|next| RebuildReport::of(next).phase != phase || next.is_paused != is_paused);
        if let Ok(Err(_)) = tokio::time::timeout(LINE_EVERY, changed).await {
            return Phase::Failed;
        }
    }
}

/// Rebuilds all projections, one after the other, up to the first that fails.
pub(super) async fn rebuild_all(read_models: ReadModels, options: RebuildOptions, lines: mpsc::Sender<String>) {
    for name in ReadModels::names() {
        let phase = match read_models.rebuild(name, options) {
            Ok(progress) => tell(progress, &lines).await,
            // It has nothing that could be held: all others are.
            Err(RebuildError::OneGeneration) => continue,
            Err(why) => {
                let _ = lines.send(line(&RebuildReport::refused(name, &why))).await;
                return;
            }
        };
        if !phase.is_good() {
            return;
        }
    }
}

/// Tells of every rebuild that runs, one after the other, as long as there is one.
pub(super) async fn tell_running(read_models: ReadModels, lines: mpsc::Sender<String>) {
    let mut told = true;
    while told && !lines.is_closed() {
        told = false;
        for name in ReadModels::names() {
            let running = read_models.rebuilding(name);
            if let Some(progress) = running.filter(|progress| !RebuildReport::of(&progress.borrow()).phase.is_over()) {
                tell(progress, &lines).await;
                told = true;
            }
        }
        // The next of several begins right after the last one.
        tokio::time::sleep(LINE_EVERY).await;
    }
}

fn line(report: &RebuildReport) -> String {
    serde_json::to_string(report).unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}"))
}
