//! What a shard asks to be done, at once and in this order.

use std::sync::Arc;

use domain::stream::StreamId;
use domain::value::{CommandId, Timestamp};
use domain::{Event, State};
use event_log::{Envelope, Fold};
use uuid::Uuid;

use super::hot::Versioned;
use super::input::Ticket;
use crate::error::CommandError;
use crate::request::Outcome;

/// Something to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Hand this to the log.
    Append(Box<Proposal>),
    /// Tell a caller.
    Answer(Ticket, Result<Answer, CommandError>),
    /// Read the log from this offset on and feed what is there.
    ReadBack {
        /// The first offset that is missing.
        from: i64,
    },
    /// Load these from `state.db` and feed [`super::Input::Loaded`].
    Load {
        /// Streams whose states are needed.
        streams: Vec<StreamId>,
        /// The keyed request whose answer may be there.
        command: Option<CommandId>,
    },
    /// Load the streams of this shard that are due until then, and feed [`super::Input::DueLoaded`].
    LoadDue {
        /// The last moment of interest.
        until: Timestamp,
    },
    /// Ask the log whether this claim owns the shard, and feed [`super::Input::Ownership`].
    ConfirmOwnership {
        /// Which claim.
        claim: Uuid,
    },
    /// The log has gone on: keep this.
    Committed(Box<Committed>),
    /// Let it be known who decides.
    Announce(Standing),
}

/// What a caller is told when it went well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// What became of a request.
    Done(Outcome),
    /// The confirmed state of a stream after commit `seq`.
    State {
        /// State and version.
        versioned: Versioned,
        /// The last commit that it rests on.
        seq: u64,
    },
}

/// A record to be encoded and appended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Proposal {
    /// Where it is to lie.
    pub expected_offset: i64,
    /// All but the payload.
    pub envelope: Envelope,
    /// What happened.
    pub events: Vec<Event>,
}

/// A stream after a commit.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Changed {
    /// Which.
    pub stream: StreamId,
    /// Its version.
    pub version: u64,
    /// Its state; none when an event of it cannot be read.
    pub state: Option<Arc<State>>,
}

/// A record of the log that was folded, and what it changed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Committed {
    /// The fold after it.
    pub fold: Fold,
    /// The log's time after it.
    pub at: Timestamp,
    /// Each stream once.
    pub changed: Vec<Changed>,
    /// The answer to keep, when the request had a key.
    pub kept: Option<Kept>,
}

/// The answer to a keyed request, to be given again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Kept {
    /// Under which id.
    pub command: CommandId,
    /// What was asked.
    pub request_hash: [u8; 32],
    /// What was answered.
    pub outcome: Arc<Outcome>,
}

/// Who decides, as far as this machine knows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// This machine, in this term.
    Serving {
        /// The term.
        term: u64,
    },
    /// Not this machine.
    Following,
    /// Nobody here, until an operator has looked.
    Halted(String),
}
