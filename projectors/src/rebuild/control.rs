//! Pausing, resuming and cancelling a rebuild, and holding it to a rate.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::RebuildProgress;

/// What can be asked of a rebuild that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RebuildControl {
    /// Stand still until it is resumed, or the program is started again.
    Pause,
    /// Go on.
    Resume,
    /// Give up; what was filled goes.
    Cancel,
}

/// What was asked of one rebuild.
#[derive(Debug, Default)]
pub(crate) struct Controls {
    is_paused: watch::Sender<bool>,
    pub(crate) cancelled: CancellationToken,
}

impl Controls {
    pub(super) fn set(&self, what: RebuildControl) {
        match what {
            RebuildControl::Pause => drop(self.is_paused.send_replace(true)),
            RebuildControl::Resume => drop(self.is_paused.send_replace(false)),
            RebuildControl::Cancel => self.cancelled.cancel(),
        }
    }

    /// Waits until somebody asks for a pause.
    pub(crate) async fn pause_asked(&self) {
        let mut is_paused = self.is_paused.subscribe();
        // The sender is in `self`.
        let _ = is_paused.wait_for(|is_paused| *is_paused).await;
    }

    /// Waits while the rebuild is paused. The time counts for nothing.
    pub(crate) async fn while_paused(&self, progress: &watch::Sender<RebuildProgress>) {
        let mut is_paused = self.is_paused.subscribe();
        if !*is_paused.borrow_and_update() {
            return;
        }
        let since = Instant::now();
        progress.send_modify(|progress| progress.is_paused = true);
        // The sender is in `self`.
        let _ = is_paused.wait_for(|is_paused| !is_paused).await;
        progress.send_modify(|progress| {
            progress.is_paused = false;
            progress.began += since.elapsed();
        });
    }
}

/// Waits until so many records may have been read at this rate.
pub(crate) async fn keep_to(rate: NonZeroU32, progress: &RebuildProgress) {
    let records = progress.records_done.saturating_sub(progress.records_before);
    let due = Duration::from_millis(records.saturating_mul(1_000) / u64::from(rate.get()));
    tokio::time::sleep_until((progress.began + due).into()).await;
}
