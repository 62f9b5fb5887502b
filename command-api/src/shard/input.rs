//! What a shard is told.

use std::sync::Arc;

use domain::stream::StreamId;
use domain::value::{CommandId, Timestamp};
use domain::{Command, Decided};
use event_log::{Commit, Delivered, Record};
use uuid::Uuid;

use super::action::{Changed, Kept};
use super::hot::Versioned;
use crate::error::CommandError;
use crate::request::{Key, Request};

/// Stands for a caller who waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// Something that happened to a shard.
#[derive(Clone, Debug)]
pub enum Input {
    /// Somebody asks, and stops waiting when the clock shows so many milliseconds.
    Asked(Ticket, Question, u64),
    /// What was asked for by [`super::Action::Load`].
    Loaded(Loaded),
    /// The log, or what is stored of it, cannot be right.
    Broken(String),
    /// The log took neither this proposal nor any later one.
    NotTaken {
        /// Number of the first commit that was not taken; 0 for a claim.
        from_seq: u64,
        /// What its caller is told.
        error: CommandError,
    },
    /// The log tells what became of appends.
    Delivered(Vec<Delivered>),
    /// A record of the log, in order. Records that were read before are skipped.
    Read(Arc<Record>, Decoded),
    /// Whether the claim asked about owns the shard; none when this log cannot tell at once.
    Ownership(Option<bool>),
    /// This node should own the shard.
    ClaimWanted {
        /// Fresh for each attempt.
        claim: Uuid,
        /// The log's identity if this is its first claim.
        log: Uuid,
    },
    /// What was asked for by [`super::Action::LoadDue`].
    DueLoaded {
        /// The streams and their moments, the earliest first.
        streams: Vec<(Timestamp, StreamId)>,
        /// Everything due until then is among them.
        until: Timestamp,
    },
    /// Streams that were parked, as they are after everything that was read, now that they can be.
    Unparked(Vec<Changed>),
    /// Time has passed.
    Tick,
    /// Take no more requests.
    Stop,
}

/// What somebody asks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Question {
    /// That something be done.
    Do(Box<Intent>),
    /// The state of a stream.
    State(StreamId),
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Intent {
    /// At least one, all of this shard.
    pub commands: Vec<Command>,
    /// The intent's id.
    pub command_id: CommandId,
    /// Present when the caller gave a key.
    pub keyed: Option<Key>,
    /// What was asked.
    pub request_hash: [u8; 32],
    /// `If-Match`.
    pub expected_version: Option<u64>,
    /// Who.
    pub actor: String,
    /// What all records of one story share.
    pub correlation: Uuid,
    /// What caused this.
    pub causation: Uuid,
    /// W3C trace context.
    pub traceparent: String,
}

impl From<Request> for Intent {
    fn from(request: Request) -> Self {
        Self {
            commands: request.commands,
            command_id: request.command_id,
            keyed: request.keyed,
            request_hash: request.request_hash,
            expected_version: request.expected_version,
            actor: request.actor,
            correlation: request.correlation,
            causation: request.causation,
            traceparent: request.traceparent,
        }
    }
}

/// The events of a record that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decoded {
    /// Not needed: see [`super::Machine::needs_events`].
    Skipped,
    /// These.
    Events(Vec<Decided>),
    /// Those of a commit that the follower has decoded, or cannot.
    Followed(Arc<Commit>),
    /// This program cannot read them.
    Undecodable(String),
}

impl Decoded {
    /// The events, when they could be read.
    pub(super) fn events(&self) -> Option<&[Decided]> {
        match self {
            Self::Skipped => Some(&[]),
            Self::Events(events) => Some(events),
            Self::Followed(commit) => commit.events.as_deref().ok(),
            Self::Undecodable(_) => None,
        }
    }
}

/// What `state.db` holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Loaded {
    /// Every stream that was asked for; version 0 when it has no events.
    pub streams: Vec<(StreamId, Versioned)>,
    /// The answer kept under the id that was asked for.
    pub kept: Option<Kept>,
}
