//! A rebuild from Kafka into CQL: how fast the log is read and folded, how fast it is projected, and whether
//! queries hear anything of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::stream::Topic;
use event_log::{Checkpoint, Followed};
use projectors::{Projectors, RebuildOptions, RebuildPhase};
use read_store::model::cart;
use read_store::{ActiveGenerations, Key, ReadStore};
use tempfile::TempDir;

use super::raw_cql::RawCql;
use super::raw_kafka::consume;
use super::{Engines, fresh_prefix};
use crate::bench::commands_only::CommandSide;
use crate::bench::inside::{CALLERS, callers_until, opening};
use crate::bench::measure::{Effort, Failure};
use crate::bench::projection::parts;
use crate::bench::report::{against, heading, median, table, thousands};

/// Records of the log.
const RECORDS: usize = 50_000;
/// What folding should reach of what a bare consumer reaches.
const FOLD_SHARE_MIN: f64 = 0.7;
/// What a rebuild should reach of what the driver alone inserts.
const ROWS_SHARE_MIN: f64 = 0.9;
/// Rounds are long here, and fewer do.
const ROUNDS_MAX: u32 = 3;
/// How long one step may take.
const STEP_DEADLINE: Duration = Duration::from_secs(300);

/// What was seen, a number for each round.
#[derive(Default)]
struct Numbers {
    consumed: Vec<f64>,
    folded: Vec<f64>,
    inserted: Vec<f64>,
    rebuilt: Vec<f64>,
    queries: u64,
    failed: u64,
}

pub(super) async fn measure(engines: &Engines, effort: Effort) -> Result<(), Failure> {
    let (prefix, data) = (fresh_prefix(), TempDir::new()?);
    let side = CommandSide::on(engines.log(&prefix)?, data.path(), "http://bench").await?;
    callers_until(&side.commands, CALLERS, RECORDS, &opening).await?;
    let store: Arc<dyn ReadStore> = Arc::new(engines.store(&prefix).await?);
    let active = ActiveGenerations::new();
    let projectors = Projectors::start(parts(&side, Arc::clone(&store), active.clone()))?;
    tokio::time::timeout(STEP_DEADLINE, projectors.wait_until_caught_up()).await?;
    let raw = RawCql::connect(engines).await?;
    let mut tables = raw.read(&format!("{prefix}_read")).await?;
    tables.retain(|table| table.rows.len() >= RECORDS / 2);
    let copy = format!("{prefix}_raw");
    raw.create(&copy, &tables).await?;
    let rows = tables.iter().map(|table| table.rows.len()).sum::<usize>() as f64;
    let mut numbers = Numbers::default();
    for _ in 0..effort.rounds.min(ROUNDS_MAX) {
        let records = records_of_sales(&side)?;
        let consumed = consume(engines, &format!("{prefix}.sales"), records)?;
        numbers.consumed.push(records as f64 / consumed.as_secs_f64());
        numbers.folded.push(fold(&side, records).await?);
        raw.empty(&copy).await?;
        let inserted = raw.insert(&copy, &tables, 1).await?;
        numbers.inserted.push(rows / inserted.as_secs_f64());
        let rebuilt = rebuild(&projectors, &store, &active, &mut numbers).await?;
        numbers.rebuilt.push(rows / rebuilt.as_secs_f64());
    }
    tokio::task::spawn_blocking(move || projectors.stop()).await?;
    side.stop().await?;
    print(&numbers)
}

fn records_of_sales(side: &CommandSide) -> Result<u64, Failure> {
    let mut records = 0;
    for shard in side.log.shards() {
        if shard.topic == Topic::Sales {
            records += u64::try_from(side.log.end(shard)?)?;
        }
    }
    Ok(records)
}

/// Records a second that are read, checked, decoded and folded, from the first batch on.
async fn fold(side: &CommandSide, records: u64) -> Result<f64, Failure> {
    let shards: Vec<_> = side.log.shards();
    let shards: Vec<_> = shards.into_iter().filter(|shard| shard.topic == Topic::Sales).collect();
    let mut subscription = side.follower.subscribe(&shards, &BTreeMap::<_, Checkpoint>::new());
    let (mut seen, mut begun) = (0_u64, None);
    while seen < records {
        let batch = tokio::time::timeout(STEP_DEADLINE, subscription.next()).await?;
        let batch = batch.ok_or("the follower has stopped")?;
        if batch.iter().any(|followed| matches!(followed, Followed::Halted { .. })) {
            return Err("the log is not intact".into());
        }
        begun.get_or_insert_with(Instant::now);
        seen += batch.len() as u64;
    }
    let took = begun.map_or(Duration::ZERO, |begun| begun.elapsed());
    Ok(seen as f64 / took.as_secs_f64())
}

/// How long a rebuild takes to fill; meanwhile rows are asked for.
async fn rebuild(
    projectors: &Projectors,
    store: &Arc<dyn ReadStore>,
    active: &ActiveGenerations,
    numbers: &mut Numbers,
) -> Result<Duration, Failure> {
    let mut progress = projectors.rebuild(cart::PROJECTION, RebuildOptions::default())?;
    let (mut began, mut took) = (None, None);
    let deadline = Instant::now() + STEP_DEADLINE;
    let keys: Vec<Key> = {
        let generation = active.of(cart::PROJECTION).ok_or("carts are not served")?;
        let page = store.scan(&cart::BY_ID, generation, None, 100).await?;
        page.into_iter().map(|(row, _)| row.key).collect()
    };
    for key in keys.iter().cycle() {
        match progress.borrow_and_update().phase.clone() {
            RebuildPhase::Opening => {}
            RebuildPhase::Filling => _ = began.get_or_insert_with(Instant::now),
            RebuildPhase::CatchingUp | RebuildPhase::Comparing | RebuildPhase::Switching => {
                _ = took.get_or_insert_with(|| began.map(|began: Instant| began.elapsed()));
            }
            RebuildPhase::Done | RebuildPhase::Held => break,
            RebuildPhase::Failed(why) => return Err(why.into()),
        }
        if Instant::now() > deadline {
            return Err("the rebuild does not end".into());
        }
        let generation = active.of(cart::PROJECTION).ok_or("carts are not served")?;
        let found = store.get(&cart::BY_ID, generation, std::slice::from_ref(key)).await;
        numbers.queries += 1;
        numbers.failed += u64::from(!found.is_ok_and(|rows| rows.iter().all(Option::is_some)));
        // A person at the other end: queries must not be what is measured.
        tokio::time::sleep(QUERY_PAUSE).await;
    }
    took.flatten()
        .ok_or_else(|| "the rebuild was over before it was looked at".into())
}

/// Between two queries that run beside a rebuild.
const QUERY_PAUSE: Duration = Duration::from_millis(5);

fn print(numbers: &Numbers) -> Result<(), Failure> {
    heading(
        "A rebuild",
        &format!(
            "A log of {RECORDS} carts in Kafka. A bare consumer reads its messages; a subscription of the shop reads, \
             checks, decodes and folds them. The driver alone inserts the rows of the carts; a rebuild projects the log \
             into a new generation of them, while rows of the old one are asked for every few milliseconds."
        ),
    )?;
    let (consumed, folded) = (median(&numbers.consumed), median(&numbers.folded));
    let (inserted, rebuilt) = (median(&numbers.inserted), median(&numbers.rebuilt));
    let (fold, rows) = (folded / consumed, rebuilt / inserted);
    table(&[
        [
            "bare consumer",
            "folded",
            "ratio",
            "bare inserts",
            "rebuilt",
            "ratio",
            "queries",
            "failed",
        ]
        .map(str::to_owned)
        .to_vec(),
        vec![
            thousands(consumed),
            thousands(folded),
            against(fold, &format!("≥ {FOLD_SHARE_MIN}"), fold >= FOLD_SHARE_MIN),
            thousands(inserted),
            thousands(rebuilt),
            against(rows, &format!("≥ {ROWS_SHARE_MIN}"), rows >= ROWS_SHARE_MIN),
            numbers.queries.to_string(),
            format!(
                "{} (goal 0: {})",
                numbers.failed,
                if numbers.failed == 0 { "met" } else { "missed" }
            ),
        ],
    ])
}
