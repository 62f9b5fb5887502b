//! What an operator sees of the projections: their generations, how far those are, what waits, and what a rebuild
//! would do.

use std::sync::Arc;

use domain::shop::generation::Situation;
use domain::stream::Shard;
use domain::value::Timestamp;
use read_store::{Generation, PAGE_ROWS_MAX, StoreError};

use crate::limits::PARKED_LISTED_MAX;
use crate::projector::{ParkedCommit, parked_commit};
use crate::rebuild::{RebuildError, RebuildTarget, begin, records_of};
use crate::registry::{PROJECTIONS, Registered};
use crate::shared::Shared;

/// How one generation of a projection is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GenerationStatus {
    /// Its number.
    pub number: Generation,
    /// The version of the code that fills it.
    pub version: u32,
    /// What becomes of it.
    pub situation: Situation,
    /// Whether it waits for somebody to switch once it is filled.
    pub is_held: bool,
    /// Whether this process keeps it up to date now.
    pub is_kept_up: bool,
    /// Commits that were read and are not in its rows, over all shards.
    pub commits_behind: u64,
    /// When the oldest of these commits happened; none when there are none.
    pub waiting_since: Option<Timestamp>,
}

/// What a rebuild would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RebuildPlan {
    /// The generation that serves.
    pub active: Generation,
    /// The generation that would be filled.
    pub generation: Generation,
    /// Whether it was begun before and would be gone on with.
    pub is_begun: bool,
    /// Records that there are to read.
    pub records: u64,
    /// Kept generations that would be dropped after the switch.
    pub drops: Vec<Generation>,
}

/// The generations of a projection that are not dropped, the oldest first.
pub(crate) async fn generations(
    shared: &Shared,
    registered: &'static Registered,
) -> Result<Vec<GenerationStatus>, StoreError> {
    let known = shared.generations.borrow().of(registered.name);
    let mut all = Vec::new();
    for (number, generation) in known.kept() {
        let is_kept_up = shared.followed().contains(&(registered.name, number));
        let (commits_behind, waiting_since) = lag(shared, registered, number).await?;
        all.push(GenerationStatus {
            number,
            version: generation.version,
            situation: generation.situation,
            is_held: generation.held,
            is_kept_up,
            commits_behind,
            waiting_since,
        });
    }
    Ok(all)
}

/// How many commits a generation's rows do not hold, and when the oldest of them happened.
async fn lag(
    shared: &Shared,
    registered: &Registered,
    generation: Generation,
) -> Result<(u64, Option<Timestamp>), StoreError> {
    let parts = &shared.parts;
    let stored = parts.store.positions(registered.name, generation).await?;
    let mut commits = 0;
    let mut waiting_since: Option<Timestamp> = None;
    for (shard, seq) in parts.follower.positions() {
        if !registered.topics.contains(&shard.topic) {
            continue;
        }
        let position = stored.get(&shard);
        // What changed no row is read, and its position stored only now and then.
        let known = parts.store.progress().seq(registered.name, generation, shard);
        let reached = position.map_or(0, |position| position.seq).max(known);
        if seq <= reached {
            continue;
        }
        commits += seq - reached;
        let next = position.map_or(0, |position| position.offset + 1);
        let at = first_at(shared, shard, next);
        waiting_since = match (waiting_since, at) {
            (Some(known), Some(at)) => Some(known.min(at)),
            (known, at) => known.or(at),
        };
    }
    Ok((commits, waiting_since))
}

fn first_at(shared: &Shared, shard: Shard, from: i64) -> Option<Timestamp> {
    let read = shared.parts.log.read_known(shard, from, 1, 0).ok()?;
    read.first().map(|record| record.at)
}

/// What a rebuild would do, if it may begin.
pub(crate) fn rebuild_plan(shared: &Shared, registered: &'static Registered) -> Result<RebuildPlan, RebuildError> {
    let generations = shared.generations.borrow().of(registered.name);
    if crate::rebuild::is_running(shared, registered.name) {
        return Err(RebuildError::Running);
    }
    let beginning = begin(&generations, registered, RebuildTarget::New)?;
    let generation = beginning.green.unwrap_or(generations.last_number() + 1);
    let older = generations.kept().map(|(number, _)| number);
    Ok(RebuildPlan {
        active: beginning.blue,
        generation,
        is_begun: beginning.green.is_some(),
        records: records_of(&*shared.parts.log, &registered.shards(&shared.parts.log.shards())),
        drops: older
            .filter(|number| *number != beginning.blue && *number != generation)
            .collect(),
    })
}

/// The commits that wait for a view, of the generations that queries read; the first ones.
pub(crate) async fn parked(shared: &Arc<Shared>) -> Result<Vec<ParkedCommit>, StoreError> {
    let mut parked = Vec::new();
    for registered in &PROJECTIONS {
        let Some(generation) = shared.parts.active.of(registered.name) else {
            continue;
        };
        let mut after = None;
        loop {
            let store = &shared.parts.store;
            let rows = store
                .scan(registered.parked, generation, after.take(), PAGE_ROWS_MAX)
                .await?;
            let Some((last, _)) = rows.last() else { break };
            after = Some(last.key.clone());
            for (row, seq) in &rows {
                if parked.len() >= PARKED_LISTED_MAX {
                    return Ok(parked);
                }
                parked.push(parked_commit(registered.name, row, *seq)?);
            }
        }
    }
    Ok(parked)
}
