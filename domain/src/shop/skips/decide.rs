//! Commands, refusals and decisions.

use super::{Event, Skips};
use crate::stream::{Shard, StreamId};
use crate::value::SKIPPED_COMMITS_MAX;
use crate::{Context, Decided, Kind, Known, Refusal, Streams};

/// What can be asked about a shard's commits that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Do without one.
    Skip {
        /// Where in the shard it lies.
        offset: i64,
        /// The streams that it touched, by name.
        streams: Vec<String>,
        /// Why it cannot be read.
        why: String,
    },
}

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Too many are skipped: more is wrong than a few commits.
    #[error("{SKIPPED_COMMITS_MAX} commits of this shard are skipped: more is wrong than a few commits")]
    TooMany,
}

impl Rejection {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooMany => "skip.too_many",
        }
    }

    /// What kind of refusal it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::TooMany => Kind::Conflict,
        }
    }

    /// The field to blame.
    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        None
    }
}

/// Decides one command.
///
/// # Errors
/// A refusal, or a state that is not in memory.
pub fn decide(
    shard: Shard,
    command: &Command,
    streams: &dyn Streams,
    _context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let stream = StreamId::Skips(shard);
    let skips = Known::<Skips>::load(streams, &stream)?;
    let Command::Skip {
        offset,
        streams: touched,
        why,
    } = command;
    if skips.offsets().contains(offset) {
        return Ok(Vec::new());
    }
    if skips.offsets().len() >= SKIPPED_COMMITS_MAX {
        return Err(Rejection::TooMany.into());
    }
    let event = Event::CommitSkipped {
        offset: *offset,
        streams: touched.clone(),
        why: why.clone(),
    };
    Ok(vec![Decided {
        stream,
        event: event.into(),
    }])
}
