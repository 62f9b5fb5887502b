//! Why a request was not done.

use std::time::Duration;

use domain::Rejection;
use domain::stream::StreamId;
use thiserror::Error;

/// Why a request was not done, or why nobody knows yet whether it was.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CommandError {
    /// The rules say no.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// `If-Match` does not hold.
    #[error("the version is {current}")]
    VersionMismatch {
        /// The version that the stream has.
        current: u64,
    },
    /// The key was used with another request.
    #[error("the key was used with another request")]
    KeyReused,
    /// The request under this key is still running.
    #[error("the request under this key is still running")]
    StillRunning,
    /// The key is older than the time for which answers are kept.
    #[error("the key is older than the time for which answers are kept")]
    KeyExpired,
    /// The commands are not all of one shard, or there is none. A fault of the caller's code.
    #[error("the commands of one request belong to one shard")]
    Misrouted,
    /// More events than one record of the log may hold.
    #[error("what this would write is larger than a record may be")]
    TooLarge,
    /// The shard's queue is full: nothing was done.
    #[error("too many requests are waiting")]
    Busy,
    /// The shard has no owner yet, or another one: nothing was done.
    #[error("the shard is moving")]
    Moving {
        /// When to ask again.
        retry_after: Duration,
    },
    /// What the request was to have seen has not arrived here yet: nothing was done.
    #[error("what this request builds on has not arrived here yet")]
    Behind,
    /// Only the log knows whether it was done; asking again with the same key tells.
    #[error("the outcome is not known yet")]
    OutcomeUnknown,
    /// It was not done, and will not be.
    #[error("it was not done")]
    NotExecuted,
    /// The deadline passed before anything was done.
    #[error("the deadline passed before anything was done")]
    DeadlinePassed,
    /// An event of this stream cannot be read by this program; the operator is told.
    #[error("{0} cannot be read by this program")]
    Parked(StreamId),
    /// The shard's log is not what it was; the operator is told, and nothing is guessed.
    #[error("the shard is halted: {0}")]
    Halted(String),
}

impl CommandError {
    /// The stable code, for example `cart.empty` or `outcome.unknown`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Rejected(rejection) => rejection.code(),
            Self::VersionMismatch { .. } => "version.mismatch",
            Self::KeyReused => "key.reused",
            Self::StillRunning => "key.still_running",
            Self::KeyExpired => "key.expired",
            Self::Misrouted => "request.misrouted",
            Self::TooLarge => "request.too_large",
            Self::Busy => "shard.busy",
            Self::Moving { .. } => "shard.moving",
            Self::Behind => "token.behind",
            Self::OutcomeUnknown => "outcome.unknown",
            Self::NotExecuted => "outcome.not_executed",
            Self::DeadlinePassed => "deadline.passed",
            Self::Parked(_) => "stream.parked",
            Self::Halted(_) => "shard.halted",
        }
    }

    /// Whether asking again, with the same key, may help.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::StillRunning
            | Self::Busy
            | Self::Moving { .. }
            | Self::Behind
            | Self::OutcomeUnknown
            | Self::NotExecuted
            | Self::DeadlinePassed => true,
            Self::Rejected(_)
            | Self::VersionMismatch { .. }
            | Self::KeyReused
            | Self::KeyExpired
            | Self::Misrouted
            | Self::TooLarge
            | Self::Parked(_)
            | Self::Halted(_) => false,
        }
    }

    /// When asking again makes sense, if it does.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Moving { retry_after } => Some(*retry_after),
            _ if self.is_retryable() => Some(RETRY_AFTER),
            _ => None,
        }
    }
}

/// What a caller is told to wait where nothing better is known.
const RETRY_AFTER: Duration = Duration::from_secs(1);
