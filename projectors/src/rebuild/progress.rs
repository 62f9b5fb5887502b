//! What a rebuild is asked for, and what it says of itself.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use read_store::{Generation, StoreError};
use thiserror::Error;

use crate::compare::Parity;
use crate::generation_log::GenerationError;

/// What a rebuild is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RebuildOptions {
    /// What to switch to.
    pub target: RebuildTarget,
    /// Whether to stay with the active generation when the other one differs from it. By default the new rows,
    /// which are a fresh fold of the log, win, and the report says what differs.
    pub requires_parity: bool,
    /// Whether queries stay where they are once everything is filled and compared, until somebody switches.
    pub is_held: bool,
    /// Records read in a second at most; as fast as it goes without.
    pub records_per_second_max: Option<NonZeroU32>,
}

/// What to switch to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RebuildTarget {
    /// A new generation, filled from the beginning of the log.
    #[default]
    New,
    /// The generation that was switched away from last, brought up to date: the way back.
    Former,
    /// A generation that is kept, brought up to date.
    Kept(Generation),
}

/// Why a rebuild does not begin.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RebuildError {
    /// There is no projection of this name.
    #[error("there is no projection {0:?}")]
    UnknownProjection(String),
    /// It is being rebuilt.
    #[error("the projection is being rebuilt")]
    Running,
    /// It does not serve yet: what is there is still being read.
    #[error("the projection does not serve yet")]
    NotServing,
    /// There is no generation to go back to.
    #[error("there is no former generation of this program's version")]
    NoFormer,
    /// There is no such generation.
    #[error("there is no generation {0}")]
    NoGeneration(Generation),
    /// Queries are answered from it.
    #[error("queries are answered from generation {0}")]
    Active(Generation),
    /// Other code than this program's fills it.
    #[error("generation {0} belongs to another version of the program")]
    OtherCode(Generation),
    /// Newer code is filling a generation.
    #[error("a newer version of the program is filling a generation")]
    Newer,
    /// Nothing of it is being rebuilt.
    #[error("the projection is not being rebuilt")]
    NotRunning,
    /// It is too late.
    #[error("queries are being switched just now")]
    Switching,
    /// The log's rules say no.
    #[error("{message}")]
    Refused {
        /// The refusal's code, for example `generation.absent`.
        code: String,
        /// The same in words.
        message: String,
    },
    /// It is about the generations of a read model, and this one has none that are kept.
    #[error("the search index is a file of each process: it has one generation, which is made again and switched to")]
    OneGeneration,
    /// The log does not take it now; asking again may help.
    #[error("{0}")]
    Unavailable(String),
    /// The system gives no thread.
    #[error("no thread could be started: {0}")]
    Thread(String),
}

impl RebuildError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::UnknownProjection(_) => "rebuild.unknown_projection",
            Self::Running => "rebuild.running",
            Self::NotServing => "rebuild.not_serving",
            Self::NoFormer => "rebuild.no_former",
            Self::NoGeneration(_) => "rebuild.no_generation",
            Self::Active(_) => "rebuild.active",
            Self::OtherCode(_) => "rebuild.other_code",
            Self::Newer => "rebuild.newer",
            Self::NotRunning => "rebuild.not_running",
            Self::Switching => "rebuild.switching",
            Self::OneGeneration => "rebuild.one_generation",
            Self::Refused { code, .. } => code,
            Self::Unavailable(_) => "rebuild.unavailable",
            Self::Thread(_) => "rebuild.no_thread",
        }
    }
}

/// Why a rebuild that had begun did not end well. What it filled is kept, and goes on at the next start.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RebuildFailure {
    /// The read store cannot go on.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A generation could not be opened or switched to.
    #[error(transparent)]
    Generation(#[from] GenerationError),
    /// Parity was required, and there is none.
    #[error("{0} rows differ")]
    Differs(u64),
    /// A newer version of the program is filling a generation.
    #[error("a newer version of the program is filling a generation")]
    Newer,
    /// Somebody has cancelled it.
    #[error("cancelled")]
    Cancelled,
    /// The projectors were stopped.
    #[error("the projectors were stopped: it goes on at the next start")]
    Stopped,
}

/// How far a rebuild is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RebuildProgress {
    /// Of what.
    pub projection: &'static str,
    /// Which generation is being filled; none before it is opened.
    pub generation: Option<Generation>,
    /// What it is doing.
    pub phase: RebuildPhase,
    /// Records read so far, of the whole log.
    pub records_done: u64,
    /// Records there were when it began.
    pub records_total: u64,
    /// Records it began with: those that an earlier run had read.
    pub records_before: u64,
    /// Since when it runs, without the time that it was paused.
    pub began: Instant,
    /// Whether it stands still because somebody asked for that.
    pub is_paused: bool,
    /// What the comparison found.
    pub parity: Option<Parity>,
}

/// What a rebuild is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RebuildPhase {
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
    /// Queries are answered from the new generation.
    Done,
    /// The new generation is filled and compared, and waits for somebody to switch.
    Held,
    /// Queries are answered as before.
    Failed(RebuildFailure),
}

impl RebuildPhase {
    /// Whether there is nothing more to come.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Done | Self::Held | Self::Failed(_))
    }
}

impl RebuildProgress {
    /// Nothing is read yet.
    pub(crate) fn begun(projection: &'static str, generation: Option<Generation>) -> Self {
        Self {
            projection,
            generation,
            phase: RebuildPhase::Opening,
            records_done: 0,
            records_total: 0,
            records_before: 0,
            began: Instant::now(),
            is_paused: false,
            parity: None,
        }
    }

    /// Records read in a second, since it began.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a speed for people"
    )]
    pub fn records_per_second(&self) -> u64 {
        let seconds = self.began.elapsed().as_secs_f64();
        let records = self.records_done.saturating_sub(self.records_before);
        if seconds > 0.0 {
            (records as f64 / seconds) as u64
        } else {
            0
        }
    }

    /// How long filling still takes at this speed; none when that cannot be said yet.
    #[must_use]
    pub fn left(&self) -> Option<Duration> {
        let speed = self.records_per_second();
        let records = self.records_total.saturating_sub(self.records_done);
        (speed > 0).then(|| Duration::from_secs(records.div_ceil(speed)))
    }
}
