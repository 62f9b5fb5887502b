//! From a command to a row that shows it, beside the round trips that this takes at least.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::stream::Shard;
use domain::value::CartId;
use event_log::{Followed, Subscription};
use hdrhistogram::Histogram;
use projectors::Projectors;
use read_store::model::cart;
use read_store::{ActiveGenerations, ReadStore};
use tempfile::TempDir;

use super::raw_cql::RawCql;
use super::raw_kafka::RawProducer;
use super::{Engines, fresh_prefix};
use crate::bench::commands_only::CommandSide;
use crate::bench::inside::opening;
use crate::bench::measure::{Effort, Failure};
use crate::bench::projection::parts;
use crate::bench::report::{against, heading, median, milliseconds, table};

/// Bytes of a record of the bare producer.
const RECORD_BYTES: usize = 200;
/// The p50, in sums of the three round trips.
const P50_MAX: f64 = 1.5;
/// The p99, in the same.
const P99_MAX: f64 = 3.0;
/// How long a row may take to be there.
const VISIBLE_DEADLINE: Duration = Duration::from_secs(10);
/// How long projections may take at the start.
const START_DEADLINE: Duration = Duration::from_secs(120);

pub(super) async fn measure(engines: &Engines, effort: Effort) -> Result<(), Failure> {
    let (prefix, data) = (fresh_prefix(), TempDir::new()?);
    let side = CommandSide::on(engines.log(&prefix)?, data.path(), "http://bench").await?;
    let store: Arc<dyn ReadStore> = Arc::new(engines.store(&prefix).await?);
    let active = ActiveGenerations::new();
    let projectors = Projectors::start(parts(&side, Arc::clone(&store), active.clone()))?;
    tokio::time::timeout(START_DEADLINE, projectors.wait_until_caught_up()).await?;
    let mut raw = RawProducer::create(engines, RECORD_BYTES).await?;
    let cql = RawCql::connect(engines).await?;
    let time = Duration::from_millis(effort.milliseconds);
    let mut subscription = side.follower.subscribe(&side.log.shards(), &BTreeMap::new());
    // Rows to read and write, and everything warm.
    visible(&side, store.as_ref(), &active, &mut subscription, time).await?;
    let mut tables = cql.read(&format!("{prefix}_read")).await?;
    tables.sort_by_key(|table| table.rows.len());
    let carts = tables.pop().ok_or("there are no rows")?;
    let copy = format!("{prefix}_raw");
    cql.create(&copy, std::slice::from_ref(&carts)).await?;
    let mut trips = <[Vec<f64>; 3]>::default();
    let mut stages = <[Vec<f64>; 4]>::default();
    for _ in 0..effort.rounds {
        let [produce, insert, read] = &mut trips;
        produce.push(raw.sends(1, time).await?.p50_microseconds);
        let (inserted, found) = cql.round_trips(&copy, &carts, time).await?;
        insert.push(inserted);
        read.push(found);
        let seen = visible(&side, store.as_ref(), &active, &mut subscription, time).await?;
        for (stage, value) in stages.iter_mut().zip(seen.microseconds()) {
            stage.push(value);
        }
    }
    tokio::task::spawn_blocking(move || projectors.stop()).await?;
    side.stop().await?;
    print(
        trips.each_ref().map(|trip| median(trip)),
        stages.each_ref().map(|stage| median(stage)),
    )
}

fn print(trips: [f64; 3], stages: [f64; 4]) -> Result<(), Failure> {
    let sum: f64 = trips.iter().sum();
    let [answered, followed, p50, p99] = stages;
    let (of_p50, of_p99) = (p50 / sum, p99 / sum);
    heading(
        "From a command to a row that shows it",
        "One caller opens carts and, as soon as the projections are told to hold the commit, reads the cart's row. \
         Beside it the three round trips that this takes at least, each alone: a record that the broker acknowledges, \
         a row inserted, a row read. On the way the command is answered, and its commit is followed from the log.",
    )?;
    let [produce, insert, read] = trips.map(milliseconds);
    table(&[
        [
            "acknowledged",
            "inserted",
            "read",
            "sum",
            "answered p50",
            "followed p50",
            "visible p50",
            "ratio",
            "visible p99",
            "ratio",
        ]
        .map(str::to_owned)
        .to_vec(),
        vec![
            produce,
            insert,
            read,
            milliseconds(sum),
            milliseconds(answered),
            milliseconds(followed),
            milliseconds(p50),
            against(of_p50, &format!("≤ {P50_MAX}"), of_p50 <= P50_MAX),
            milliseconds(p99),
            against(of_p99, &format!("≤ {P99_MAX}"), of_p99 <= P99_MAX),
        ],
    ])
}

/// How long after a command's beginning something was seen, each in microseconds.
struct Seen {
    answered: Histogram<u64>,
    /// The commit came out of the log.
    followed: Histogram<u64>,
    visible: Histogram<u64>,
}

impl Seen {
    fn new() -> Result<Self, Failure> {
        Ok(Self {
            answered: Histogram::new(3)?,
            followed: Histogram::new(3)?,
            visible: Histogram::new(3)?,
        })
    }

    /// The p50 of each stage, and the p99 of the last.
    fn microseconds(&self) -> [f64; 4] {
        let at = |stage: &Histogram<u64>, quantile| stage.value_at_quantile(quantile) as f64;
        [
            at(&self.answered, 0.5),
            at(&self.followed, 0.5),
            at(&self.visible, 0.5),
            at(&self.visible, 0.99),
        ]
    }
}

async fn visible(
    side: &CommandSide,
    store: &dyn ReadStore,
    active: &ActiveGenerations,
    subscription: &mut Subscription,
    time: Duration,
) -> Result<Seen, Failure> {
    let mut seen = Seen::new()?;
    let generation = active.of(cart::PROJECTION).ok_or("carts are not served")?;
    let start = Instant::now();
    while start.elapsed() < time {
        let request = opening();
        let id = CartId::derived(request.command_id.0, "cart");
        let begin = Instant::now();
        let micros = || u64::try_from(begin.elapsed().as_micros()).map(|micros| micros.max(1));
        let outcome = side.commands.execute(request).await?;
        seen.answered.record(micros()?)?;
        let deadline = begin + VISIBLE_DEADLINE;
        let (shard, seq) = (outcome.shard, outcome.seq);
        let followed = tokio::time::timeout_at(deadline.into(), until_followed(subscription, shard, seq)).await?;
        followed.ok_or("the follower has stopped")?;
        seen.followed.record(micros()?)?;
        let progress = store.progress();
        if !progress
            .wait_for(cart::PROJECTION, generation, &[(shard, seq)], deadline)
            .await
        {
            return Err("a cart was not visible in time".into());
        }
        let found = store.get(&cart::BY_ID, generation, &[cart::by_id_key(id)]).await?;
        if !found.iter().any(Option::is_some) {
            return Err("a cart was said to be visible and is not".into());
        }
        seen.visible.record(micros()?)?;
    }
    Ok(seen)
}

/// Until a commit has come; none when none will.
async fn until_followed(subscription: &mut Subscription, shard: Shard, seq: u64) -> Option<()> {
    let is_it = |followed: &Followed| matches!(followed, Followed::Commit(commit) if commit.shard == shard && commit.seq >= seq);
    while !subscription.next().await?.iter().any(is_it) {}
    Some(())
}
