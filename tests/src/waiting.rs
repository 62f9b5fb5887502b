//! Waiting for a condition, with a deadline: the one place where tests look again and again.

use std::fmt::Display;
use std::time::{Duration, Instant};

use crate::Shop;

/// How long it rests between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// How much of what the shop said is shown when something does not come about.
const LINES_SHOWN_MAX: usize = 40;

/// Looks until it sees what it waits for.
///
/// # Errors
/// What it saw last instead, after the limit.
pub async fn seen_within<T, E>(limit: Duration, mut look: impl AsyncFnMut() -> Result<T, E>) -> Result<T, E> {
    let start = Instant::now();
    loop {
        match look().await {
            Err(_) if start.elapsed() < limit => tokio::time::sleep(LOOK_EVERY).await,
            seen => return seen,
        }
    }
}

/// The same outside of a runtime.
///
/// # Errors
/// What it saw last instead, after the limit.
pub(crate) fn seen_within_blocking<T, E>(limit: Duration, mut look: impl FnMut() -> Result<T, E>) -> Result<T, E> {
    let start = Instant::now();
    loop {
        match look() {
            Err(_) if start.elapsed() < limit => std::thread::sleep(LOOK_EVERY),
            seen => return seen,
        }
    }
}

impl Shop {
    /// Waits until something holds.
    ///
    /// # Panics
    /// When it does not within the shop's deadline; with what the shop said.
    pub async fn until(&self, what: &str, holds: impl AsyncFn() -> bool) {
        self.until_seen(what, async || if holds().await { Ok(()) } else { Err("") })
            .await;
    }

    /// Waits until it sees something, and gives it.
    ///
    /// # Panics
    /// When it does not within the shop's deadline; with what it saw last, and what the shop said.
    pub async fn until_seen<T, E: Display>(&self, what: &str, look: impl AsyncFnMut() -> Result<T, E>) -> T {
        match seen_within(self.deadline(), look).await {
            Ok(seen) => seen,
            Err(last) => panic!("waited in vain: {what}\n{last}\n{}", end_of(&self.output())),
        }
    }
}

fn end_of(output: &str) -> String {
    let lines: Vec<&str> = output.lines().collect();
    lines[lines.len().saturating_sub(LINES_SHOWN_MAX)..].join("\n")
}
