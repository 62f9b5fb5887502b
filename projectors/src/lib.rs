//! Projectors: the log, folded into the rows that queries read.
//!
//! A [`projection::Projection`] is two pure functions: events into views, views into rows. A projector is one
//! generation of a projection; the runner, one thread, keeps all of them up; the steward sees to it that each
//! projection has a generation that serves; a rebuild fills another one beside it. Nothing here is the truth:
//! every row follows from the log, and [`Projectors::verify`] says whether it does.

mod compare;
mod generation_log;
mod generations;
mod inspect;
pub mod limits;
mod outage;
mod parity;
mod planted;
pub mod projection;
pub mod projections;
mod projector;
mod projectors;
mod rebuild;
mod registry;
mod repair;
mod retold;
mod round;
mod runner;
mod search_feed;
mod shared;
mod steward;
#[cfg(test)]
mod testkit;
mod verify;
mod writes;

pub use compare::{ColumnDifference, Difference, Parity};
pub use generation_log::{GenerationError, GenerationLog};
pub use inspect::{GenerationStatus, RebuildPlan};
pub use projector::{ParkedCommit, Retried};
pub use projectors::{ProjectionStatus, Projectors};
pub use rebuild::{
    RebuildControl, RebuildError, RebuildFailure, RebuildOptions, RebuildPhase, RebuildProgress, RebuildTarget,
};
pub use registry::projection_names;
pub use repair::{RepairError, Repaired};
pub use search_feed::{SEARCH_FOLDS, SearchFeed, SearchFeedParts};
pub use shared::ProjectorsParts;
pub use verify::{VerifyError, verify_all};
