//! The process runtime: sends what the processes of the shards served here still have to send, until each is done.
//!
//! Every sending may be repeated at any time, by this process or by the next owner of the shard, because what is
//! sent says what it aims at. So nothing is stored here: after a start, at each change and at each tick the
//! processes themselves say what is outstanding.

mod outbox;
mod sending;

use std::time::Duration;

use command_api::Commands;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};
use tokio_util::sync::CancellationToken;

use outbox::Outbox;
use sending::{Sent, send};

/// How often the processes are asked whether anything is outstanding that no change told of: a shard that was
/// claimed since, or one that is served elsewhere now.
const TICK: Duration = Duration::from_millis(500);
/// Most sendings that are under way at once.
const SENDINGS_MAX: usize = 256;

/// Runs all processes of the shards that `commands` serves, until told to stop. What is under way then is
/// dropped: the next owner sends it again.
pub async fn run(commands: Commands, stop: CancellationToken) {
    // Listening begins before asking, so that no change falls in between.
    let mut changes = commands.processes();
    let mut outbox = Outbox::default();
    let mut under_way: JoinSet<Sent> = JoinSet::new();
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !stop.is_cancelled() {
        let room = SENDINGS_MAX.saturating_sub(under_way.len());
        for outstanding in outbox.take_due(Instant::now(), room) {
            under_way.spawn(send(commands.clone(), outstanding));
        }
        // With no room, what comes back makes some, and then what is due is looked for again.
        let next_due = outbox.next_due().filter(|_| under_way.len() < SENDINGS_MAX);
        tokio::select! {
            () = stop.cancelled() => {}
            _ = tick.tick() => outbox.replace(&commands.unfinished(), Instant::now()),
            Some(process) = changes.recv() => {
                outbox.learn(&process, Instant::now());
                while let Ok(process) = changes.try_recv() {
                    outbox.learn(&process, Instant::now());
                }
            }
            Some(sent) = under_way.join_next() => match sent {
                Ok(sent) => outbox.settle(&sent, Instant::now()),
                Err(error) => tracing::error!(%error, "a sending broke off; it is repeated"),
            },
            () = sleep_until(next_due.unwrap_or_else(Instant::now)), if next_due.is_some() => {}
        }
    }
}

#[cfg(test)]
mod tests;
