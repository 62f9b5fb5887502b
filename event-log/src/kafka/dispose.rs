//! Letting go of clients: one that hangs must not hang whoever lets it go.

use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How long to wait for clients to end; then they end by themselves, whenever that is.
const END_WITHIN: Duration = Duration::from_secs(3);

/// Runs all of these at once, each on a thread of its own, and waits a moment for them.
pub(super) fn dispose(ends: impl IntoIterator<Item = Box<dyn FnOnce() + Send>>) {
    let (ended, waiting) = mpsc::channel::<()>();
    for end in ends {
        let ended = ended.clone();
        let thread = std::thread::Builder::new().name("kafka-end".to_owned());
        let spawned = thread.spawn(move || {
            end();
            drop(ended);
        });
        if let Err(error) = spawned {
            tracing::warn!(%error, "a client of kafka could not be ended on a thread of its own");
        }
    }
    drop(ended);
    let deadline = Instant::now() + END_WITHIN;
    // Nothing is ever sent: this ends when the last sender is gone.
    let waited = waiting.recv_timeout(deadline.saturating_duration_since(Instant::now()));
    if waited == Err(mpsc::RecvTimeoutError::Timeout) {
        tracing::warn!("a client of kafka does not end; not waiting for it any longer");
    }
}
