//! What the server tells the command line about read models, as JSON. `--json` prints it as it is.

use std::num::NonZeroU32;

use domain::shop::generation::Situation;
use domain::value::Timestamp;
use projectors::{
    Difference, GenerationStatus, Parity, ProjectionStatus, RebuildFailure, RebuildPhase, RebuildPlan, RebuildProgress,
    Repaired,
};
use serde::{Deserialize, Serialize};

/// Characters of a value that are shown before and after the place where it differs.
const DIFFERENCE_CHARS_MAX: usize = 60;

/// How one projection is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ProjectionReport {
    /// Its name.
    pub(crate) name: String,
    /// The version of this program's code for it.
    pub(crate) version: u32,
    /// The generation that queries are answered from.
    pub(crate) active: Option<u32>,
    /// Commits that its active rows do not hold.
    pub(crate) lag_events: u64,
    /// How long the oldest of these has waited, in seconds.
    pub(crate) lag_seconds: f64,
    /// Views that stand still because a commit of theirs cannot be read.
    pub(crate) parked: usize,
    /// Why it stands still as a whole.
    pub(crate) stopped: Option<String>,
    /// Shards whose log is not intact.
    pub(crate) halted: Vec<String>,
    /// Those that are kept, the oldest first.
    pub(crate) generations: Vec<GenerationReport>,
    /// Its last rebuild since the start.
    pub(crate) rebuild: Option<RebuildReport>,
}

/// How one generation is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct GenerationReport {
    /// Its number.
    pub(crate) number: u32,
    /// The version of the code that fills it.
    pub(crate) version: u32,
    /// `filling`, `held`, `active` or `retired`.
    pub(crate) state: String,
    /// Whether this process keeps it up to date.
    pub(crate) kept_up: bool,
    /// Commits that its rows do not hold.
    pub(crate) lag_events: u64,
    /// How long the oldest of these has waited, in seconds.
    pub(crate) lag_seconds: f64,
}

/// How far a rebuild is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RebuildReport {
    /// Of what.
    pub(crate) projection: String,
    /// Which generation is being filled.
    pub(crate) generation: Option<u32>,
    /// `opening`, `filling`, `catching_up`, `comparing`, `switching`, `done`, `held` or `failed`.
    pub(crate) phase: Phase,
    /// Records read so far, of the whole log.
    pub(crate) records_done: u64,
    /// Records there were when it began.
    pub(crate) records_total: u64,
    /// Records read in a second.
    pub(crate) records_per_second: u64,
    /// How long reading still takes at this speed.
    pub(crate) seconds_left: Option<u64>,
    /// Whether it stands still because somebody asked for that.
    pub(crate) paused: bool,
    /// Why it failed.
    pub(crate) failure: Option<String>,
    /// What comparing has found.
    pub(crate) parity: Option<ParityReport>,
}

/// What a rebuild is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Phase {
    /// A generation is being opened.
    Opening,
    /// It is being filled.
    Filling,
    /// It is being followed together with the active one.
    CatchingUp,
    /// Both are being compared.
    Comparing,
    /// Queries are being switched.
    Switching,
    /// Queries are answered from it.
    Done,
    /// It is filled and waits for somebody to switch.
    Held,
    /// Queries are answered as before.
    Failed,
    /// Somebody has given it up.
    Cancelled,
}

/// What comparing rows has found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ParityReport {
    /// Of which projection.
    pub(crate) projection: String,
    /// Rows of the active generation.
    pub(crate) rows: u64,
    /// Rows that differ, or that only one side has.
    pub(crate) differing: u64,
    /// The first of them.
    pub(crate) differences: Vec<DifferenceReport>,
}

/// A row that differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct DifferenceReport {
    /// Of which table.
    pub(crate) table: String,
    /// The row's partition key.
    pub(crate) partition: String,
    /// The rest of its key, in hexadecimal; empty where a partition is one row.
    pub(crate) clustering: String,
    /// Which side alone has the row: `active`, or `fresh` (what the log says).
    pub(crate) only_in: Option<String>,
    /// The columns that differ.
    pub(crate) columns: Vec<ColumnReport>,
}

/// A column that differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ColumnReport {
    /// Its name.
    pub(crate) column: String,
    /// What queries are answered from, around the first place that differs.
    pub(crate) active: String,
    /// What the log says.
    pub(crate) fresh: String,
}

/// How a rebuild is asked for.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct RebuildAsk {
    /// Whether queries stay where they are.
    pub(crate) held: bool,
    /// Whether rows that differ keep it from switching.
    pub(crate) requires_parity: bool,
    /// Records a second at most.
    pub(crate) rate: Option<NonZeroU32>,
}

/// Which view is to be made again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RepairAsk {
    /// Its key.
    pub(crate) key: String,
}

/// What making the rows of one view again has come to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RepairReport {
    /// Of which projection.
    pub(crate) projection: String,
    /// The view's key.
    pub(crate) key: String,
    /// The generation that queries are answered from.
    pub(crate) generation: u32,
    /// Rows that the view has or had.
    pub(crate) rows: u64,
    /// Those that were not what the log says: `active` as they were, `fresh` as the log says.
    pub(crate) differences: Vec<DifferenceReport>,
    /// How many of these are still wrong.
    pub(crate) left: u64,
}

/// What a rebuild would do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PlanReport {
    /// Of what.
    pub(crate) projection: String,
    /// The generation that serves.
    pub(crate) active: u32,
    /// The generation that would be filled.
    pub(crate) generation: u32,
    /// Whether it was begun before.
    pub(crate) begun: bool,
    /// Records that there are to read.
    pub(crate) records: u64,
    /// Generations that would go after the switch.
    pub(crate) drops: Vec<u32>,
}

/// Why the server does not do what it was asked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Refusal {
    /// The stable code.
    pub(crate) code: String,
    /// The same in words.
    pub(crate) message: String,
}

impl Phase {
    /// Whether there is nothing more to come.
    pub(crate) fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Held | Self::Failed | Self::Cancelled)
    }

    /// Whether it ended as it was meant to.
    pub(crate) fn is_good(self) -> bool {
        matches!(self, Self::Done | Self::Held)
    }
}

impl ProjectionReport {
    pub(crate) fn of(status: ProjectionStatus, generations: &[GenerationStatus], now: Timestamp) -> Self {
        let generations: Vec<_> = generations
            .iter()
            .map(|generation| GenerationReport::of(generation, now))
            .collect();
        let read = status.generation;
        let active = generations.iter().find(|generation| Some(generation.number) == read);
        Self {
            name: status.name.to_owned(),
            version: status.version,
            active: read,
            lag_events: active.map_or(status.commits_behind, |active| active.lag_events),
            lag_seconds: active.map_or(0.0, |active| active.lag_seconds),
            parked: status.parked_views,
            stopped: status.stopped,
            halted: status
                .halted
                .iter()
                .map(|(shard, why)| format!("{shard}: {why}"))
                .collect(),
            rebuild: status.rebuild.as_ref().map(RebuildReport::of),
            generations,
        }
    }
}

impl GenerationReport {
    fn of(generation: &GenerationStatus, now: Timestamp) -> Self {
        let state = match generation.situation {
            Situation::Filling if generation.is_held => "held",
            Situation::Filling => "filling",
            Situation::Active => "active",
            Situation::Retired => "retired",
        };
        Self {
            number: generation.number,
            version: generation.version,
            state: state.to_owned(),
            kept_up: generation.is_kept_up,
            lag_events: generation.commits_behind,
            lag_seconds: generation.waiting_since.map_or(0.0, |since| seconds(since, now)),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "seconds for people")]
fn seconds(since: Timestamp, now: Timestamp) -> f64 {
    now.0.saturating_sub(since.0).max(0) as f64 / 1_000.0
}

impl RebuildReport {
    pub(crate) fn of(progress: &RebuildProgress) -> Self {
        let (phase, failure) = match &progress.phase {
            RebuildPhase::Opening => (Phase::Opening, None),
            RebuildPhase::Filling => (Phase::Filling, None),
            RebuildPhase::CatchingUp => (Phase::CatchingUp, None),
            RebuildPhase::Comparing => (Phase::Comparing, None),
            RebuildPhase::Switching => (Phase::Switching, None),
            RebuildPhase::Done => (Phase::Done, None),
            RebuildPhase::Held => (Phase::Held, None),
            RebuildPhase::Failed(failure @ RebuildFailure::Cancelled) => (Phase::Cancelled, Some(failure.to_string())),
            RebuildPhase::Failed(failure) => (Phase::Failed, Some(failure.to_string())),
        };
        let is_filling = phase == Phase::Filling;
        Self {
            projection: progress.projection.to_owned(),
            generation: progress.generation,
            phase,
            records_done: progress.records_done,
            records_total: progress.records_total,
            records_per_second: if is_filling { progress.records_per_second() } else { 0 },
            seconds_left: progress.left().filter(|_| is_filling).map(|left| left.as_secs()),
            paused: progress.is_paused,
            failure,
            parity: progress
                .parity
                .as_ref()
                .map(|parity| ParityReport::of(progress.projection, parity)),
        }
    }

    /// One that does not begin.
    pub(crate) fn refused(projection: &str, why: &projectors::RebuildError) -> Self {
        Self {
            projection: projection.to_owned(),
            generation: None,
            phase: Phase::Failed,
            records_done: 0,
            records_total: 0,
            records_per_second: 0,
            seconds_left: None,
            paused: false,
            failure: Some(format!("{why} ({})", why.code())),
            parity: None,
        }
    }
}

impl ParityReport {
    pub(crate) fn of(projection: &str, parity: &Parity) -> Self {
        Self {
            projection: projection.to_owned(),
            rows: parity.rows,
            differing: parity.differing,
            differences: parity.differences.iter().map(DifferenceReport::of).collect(),
        }
    }
}

impl DifferenceReport {
    fn of(difference: &Difference) -> Self {
        let only_in = match (&difference.first, &difference.second) {
            (Some(_), None) => Some("active".to_owned()),
            (None, Some(_)) => Some("fresh".to_owned()),
            _ => None,
        };
        let columns = difference.columns().into_iter().map(|column| {
            let place = first_difference(&column.first, &column.second);
            ColumnReport {
                column: column.name.to_owned(),
                active: around(&column.first, place),
                fresh: around(&column.second, place),
            }
        });
        Self {
            table: difference.table.name.to_owned(),
            partition: difference.key.partition.clone(),
            clustering: hexadecimal(&difference.key.clustering),
            only_in,
            columns: columns.collect(),
        }
    }
}

impl RepairReport {
    pub(crate) fn of(projection: &str, key: &str, repaired: &Repaired) -> Self {
        Self {
            projection: projection.to_owned(),
            key: key.to_owned(),
            generation: repaired.generation,
            rows: repaired.rows,
            differences: repaired.differences.iter().map(DifferenceReport::of).collect(),
            left: repaired.left,
        }
    }
}

impl PlanReport {
    pub(crate) fn of(projection: &str, plan: &RebuildPlan) -> Self {
        Self {
            projection: projection.to_owned(),
            active: plan.active,
            generation: plan.generation,
            begun: plan.is_begun,
            records: plan.records,
            drops: plan.drops.clone(),
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn first_difference(first: &str, second: &str) -> usize {
    let same = first
        .chars()
        .zip(second.chars())
        .take_while(|(one, other)| one == other);
    same.count()
}

/// The text around a place, counted in characters.
fn around(text: &str, place: usize) -> String {
    let begin = place.saturating_sub(DIFFERENCE_CHARS_MAX / 2);
    let shown: String = text.chars().skip(begin).take(DIFFERENCE_CHARS_MAX).collect();
    let before = if begin > 0 { "…" } else { "" };
    let is_whole = begin + DIFFERENCE_CHARS_MAX >= text.chars().count();
    let after = if is_whole { "" } else { "…" };
    format!("{before}{shown}{after}")
}

#[cfg(test)]
mod tests;
