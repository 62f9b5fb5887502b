//! The server's half.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use command_api::{Commands, Process, Standing};
use domain::inventory::hold::Hold;
use domain::sales::checkout::{Checkout, Demand, Run};
use domain::stream::{Shard, StreamId, Topic};
use domain::value::Timestamp;
use domain::{Decided, State};
use futures::StreamExt;

use super::report::{Awaited, HoldReport, StuckAsk, StuckCheckout, StuckReport};
use super::stage::{Stage, is_overdue, stage_of};
use crate::condition::standing_name;
use crate::history::report::moment;
use crate::history::{HistoryError, OPERATOR_PATIENCE, Reader, Wanted};
use crate::operating::routes::Refused;
use crate::operator::Operator;
use crate::start::now;

/// Most checkouts that are described; all are counted.
const DESCRIBED_MAX: usize = 100;
/// Checkouts that are described at once: a shard that does not answer is waited for by all of them together.
const DESCRIBED_AT_ONCE_MAX: usize = 16;
/// How long the shards may take to say what is held.
const ANSWER_WAIT: Duration = Duration::from_secs(5);
/// Holds that are asked for at once: those of one shard share one proof that it is still served.
const ASKED_AT_ONCE_MAX: usize = 64;

/// The operator's routes about checkouts.
pub(crate) fn router() -> Router<Operator> {
    Router::new().route("/operator/checkouts/stuck", post(stuck))
}

/// When a try began, and when anything happened to it last.
#[derive(Clone, Copy)]
struct Times {
    began: Timestamp,
    since: Timestamp,
}

async fn stuck(Shared(operator): Shared<Operator>, Json(ask): Json<StuckAsk>) -> Result<Json<StuckReport>, Refused> {
    let running = unfinished(&operator.commands);
    let times = times_of(&operator, &running).await?;
    // Reading took a while: what went on meanwhile is not stuck.
    let still: BTreeMap<StreamId, u64> = unfinished(&operator.commands)
        .into_iter()
        .map(|process| (process.stream, process.version))
        .collect();
    let now = now();
    let older_than = i64::try_from(ask.older_than_seconds)
        .unwrap_or(i64::MAX)
        .saturating_mul(1_000);
    let mut old: Vec<(Times, Process)> = running
        .into_iter()
        .filter(|process| still.get(&process.stream) == Some(&process.version))
        .filter_map(|process| Some((*times.get(&process.stream)?, process)))
        .filter(|(times, _)| now.0.saturating_sub(times.began.0) >= older_than)
        .collect();
    old.sort_by_key(|(times, process)| (times.began, process.stream.clone()));
    let count = old.len();
    let commands = &operator.commands;
    let described = old.into_iter().take(DESCRIBED_MAX);
    let described = described.map(|(times, process)| async move { describe(commands, &process, times, now).await });
    let described = futures::stream::iter(described).buffered(DESCRIBED_AT_ONCE_MAX);
    let described: Vec<Option<StuckCheckout>> = described.collect().await;
    Ok(Json(StuckReport {
        count,
        checkouts: described.into_iter().flatten().collect(),
    }))
}

/// The checkouts of the shards served here that have not ended.
fn unfinished(commands: &Commands) -> Vec<Process> {
    let mut processes = commands.unfinished();
    processes.retain(|process| checkout_of(&process.state).and_then(stage_of).is_some());
    processes
}

/// How many of them should have given up so many milliseconds ago or more: told from their states alone.
pub(crate) fn overdue(commands: &Commands, overdue_ms: i64) -> usize {
    let moment = Timestamp(now().0.saturating_sub(overdue_ms));
    let processes = commands.unfinished();
    let checkouts = processes.iter().filter_map(|process| checkout_of(&process.state));
    checkouts.filter(|checkout| is_overdue(checkout, moment)).count()
}

fn checkout_of(state: &State) -> Option<&Checkout> {
    match state {
        State::Checkout(checkout) => Some(checkout),
        _ => None,
    }
}

/// Reads the log of each shard that has any of them, once. However many commits they have, no more is kept than these
/// times.
async fn times_of(operator: &Operator, processes: &[Process]) -> Result<BTreeMap<StreamId, Times>, Refused> {
    let mut by_shard: BTreeMap<Shard, BTreeSet<StreamId>> = BTreeMap::new();
    for process in processes {
        by_shard
            .entry(process.shard)
            .or_default()
            .insert(process.stream.clone());
    }
    let reader = Reader::new(operator.log.clone(), operator.codec.clone(), OPERATOR_PATIENCE);
    let reading = tokio::task::spawn_blocking(move || -> Result<_, HistoryError> {
        let mut times = BTreeMap::new();
        for (shard, streams) in by_shard {
            let wanted = Wanted::Streams(streams.clone());
            reader.each(shard, &wanted, None, |found| {
                // What cannot be read says nothing about any of them.
                let events = found.events(&reader.wire).unwrap_or_default();
                let events = events.iter().filter(|decided| streams.contains(&decided.stream));
                for decided in events {
                    note(&mut times, decided, found.at);
                }
                Ok(())
            })?;
        }
        Ok(times)
    });
    let read = reading
        .await
        .map_err(|error| HistoryError::Interrupted(error.to_string()));
    let read = read.and_then(|read| read);
    read.map_err(|error| Refused::new(StatusCode::SERVICE_UNAVAILABLE, error.code(), &error))
}

/// Takes an event of a checkout in, of which only the times are kept: a new try begins anew.
fn note(times: &mut BTreeMap<StreamId, Times>, decided: &Decided, at: Timestamp) {
    let is_begun = decided.event.name() == "CheckoutStarted";
    let known = times.get(&decided.stream).filter(|_| !is_begun);
    let began = known.map_or(at, |times| times.began);
    times.insert(decided.stream.clone(), Times { began, since: at });
}

async fn describe(commands: &Commands, process: &Process, times: Times, now: Timestamp) -> Option<StuckCheckout> {
    let stage = stage_of(checkout_of(&process.state)?)?;
    let Stage { name, run, failure, .. } = stage;
    let key = process.stream.to_string();
    Some(StuckCheckout {
        checkout: key.split_once('/').map_or(key.clone(), |(_, id)| id.to_owned()),
        shard: process.shard.to_string(),
        attempt: run.attempt,
        stage: name.to_owned(),
        failure: failure.map(|failure| format!("{}: {}", failure.step, failure.why)),
        began: moment(times.began),
        since: moment(times.since),
        age_seconds: u64::try_from(now.0.saturating_sub(times.began.0) / 1_000).unwrap_or(0),
        deadline: moment(run.deadline),
        waits_for: awaited(&stage, &commands.standings()),
        holds: holds_of(commands, run, now).await,
    })
}

fn awaited(stage: &Stage<'_>, standings: &BTreeMap<Shard, Standing>) -> Vec<Awaited> {
    let of_shard = |(partition, demands): &(u32, &[Demand])| {
        let shard = Shard {
            topic: Topic::Inventory,
            partition: *partition,
        };
        let pieces = demands.iter().map(|demand| {
            let Demand {
                sku,
                location,
                quantity,
            } = demand;
            format!("{quantity} of {sku} in {}", location.as_str())
        });
        Awaited {
            shard: shard.to_string(),
            standing: standings.get(&shard).map_or("unknown", standing_name).to_owned(),
            pieces: pieces.collect(),
        }
    };
    stage.waits_for.iter().map(of_shard).collect()
}

async fn holds_of(commands: &Commands, run: &Run, now: Timestamp) -> Vec<HoldReport> {
    let deadline = Instant::now() + ANSWER_WAIT;
    let mut holds = Vec::new();
    for demand in run.groups.iter().flat_map(|group| &group.demands) {
        let stream = StreamId::Hold(demand.sku.clone(), demand.location.clone(), run.reservation);
        holds.push((stream, demand.quantity));
    }
    let asked = holds.into_iter().map(|(stream, quantity)| async move {
        let seen = commands.state(&stream, deadline).await;
        let (state, until) = match seen.as_ref().map(|seen| &*seen.state) {
            Ok(State::Hold(hold)) => said_of(hold, now),
            _ => ("unknown", None),
        };
        HoldReport {
            stream: stream.to_string(),
            quantity,
            state: state.to_owned(),
            until: until.map(moment),
        }
    });
    futures::stream::iter(asked).buffered(ASKED_AT_ONCE_MAX).collect().await
}

fn said_of(hold: &Hold, now: Timestamp) -> (&'static str, Option<Timestamp>) {
    match hold {
        Hold::Unknown => ("none", None),
        Hold::Forbidden { until } => ("forbidden", Some(*until)),
        Hold::Reserved { until, .. } if *until <= now => ("expired", Some(*until)),
        Hold::Reserved { until, .. } => ("reserved", Some(*until)),
        Hold::Allocated { .. } => ("allocated", None),
        Hold::Released => ("released", None),
    }
}

#[cfg(test)]
mod tests;
