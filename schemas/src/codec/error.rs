use thiserror::Error;

use super::{ELEMENTS_MAX, HEADER_BYTES, MAGIC, PAYLOAD_BYTES_MAX};
use crate::ids::IdsError;

/// Why events cannot become bytes, or bytes events.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CodecError {
    /// Not even a header.
    #[error("a payload of {bytes} bytes has no header of {HEADER_BYTES}")]
    Short {
        /// How many bytes there are.
        bytes: usize,
    },
    /// Not in the registry's wire format.
    #[error("a payload begins with {found} instead of {MAGIC}")]
    Magic {
        /// Its first byte.
        found: u8,
    },
    /// Written with a schema that nobody here knows.
    #[error("schema {id} is not known")]
    UnknownSchema {
        /// Its number.
        id: u32,
    },
    /// Not what its schema says, or an event that this program does not know.
    #[error("a payload does not read as schema {id}: {reason}")]
    Malformed {
        /// The number it names.
        id: u32,
        /// What was found.
        reason: String,
    },
    /// More than a commit.
    #[error("{bytes} bytes follow the end of a commit")]
    Trailing {
        /// How many.
        bytes: usize,
    },
    /// Beyond the limit of a record.
    #[error("a payload of {bytes} bytes is larger than {PAYLOAD_BYTES_MAX}")]
    TooLarge {
        /// How many bytes there are.
        bytes: usize,
    },
    /// Beyond the limit of a list.
    #[error("a commit of {events} events is larger than {ELEMENTS_MAX}")]
    TooManyEvents {
        /// How many there are.
        events: usize,
    },
    /// Events that the topic's schema cannot hold.
    #[error("an event does not fit its schema: {0}")]
    Unencodable(String),
    /// A registered text that is no schema.
    #[error("schema {id} is no schema: {reason}")]
    Schema {
        /// Its number.
        id: u32,
        /// Why not.
        reason: String,
    },
    /// No number or schema could be had.
    #[error(transparent)]
    Ids(#[from] IdsError),
}

impl CodecError {
    /// Whether nothing is known against a payload, only nobody can be asked for its schema for now: it must be read
    /// later. One whose schema was asked for in vain is another matter ([`CodecError::UnknownSchema`]).
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Ids(IdsError::Unavailable(_)))
    }

    /// Whether the same call may succeed later, without another program.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Ids(error) => error.is_retryable(),
            Self::UnknownSchema { .. } => true,
            _ => false,
        }
    }
}
