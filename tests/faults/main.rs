//! The fault harness: a crowd shops while tillroll, the broker, the CQL node and the registry are killed and paused
//! and nodes fight over the shop. Everything that `docs/faults.md` lists must hold, and each planted bug is found.
//!
//! Short by default; `cargo xtask faults` runs the same for longer. Chance comes from one seed, which is printed.

#![expect(clippy::print_stdout, reason = "a run says how much it has tried, and what it found")]

mod bad_log;
mod engines_fail;
mod forgery;
mod nodes_fight;
mod planted;
mod registry_down;
mod stage;

use std::time::Duration;

/// How long a run goes on, in seconds; each fault once without.
const SECONDS_VARIABLE: &str = "TILLROLL_FAULTS_SECONDS";
/// What chance begins with.
const SEED_VARIABLE: &str = "TILLROLL_FAULTS_SEED";
/// The seed of a run that is not told any.
const SEED: u64 = 0x0f_a017;

/// How long the run is to go on; none: each fault once.
fn long_run() -> Option<Duration> {
    let seconds = std::env::var(SECONDS_VARIABLE).ok()?;
    Some(Duration::from_secs(
        seconds.parse().expect("TILLROLL_FAULTS_SECONDS is a number"),
    ))
}

fn seed() -> u64 {
    let told = std::env::var(SEED_VARIABLE).ok();
    told.map_or(SEED, |text| text.parse().expect("TILLROLL_FAULTS_SEED is a number"))
}
