//! Commands, refusals and decisions.

use crate::stream::Location;
use crate::value::Sku;
use crate::{Context, Decided, Refusal, Streams};

/// What can be asked of a stock item.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Pieces came in.
    Receive {
        /// How many, from 1.
        quantity: i64,
    },
    /// Correct the count.
    Adjust {
        /// Pieces more or fewer.
        delta: i64,
        /// The count the caller believes is on the shelf: refused when it is another.
        expected: Option<i64>,
        /// Go below what is promised, and say so.
        force: bool,
        /// Why, in words.
        reason: String,
    },
    /// From where on it is low; none: the shop's default.
    SetThreshold {
        /// Pieces.
        threshold: Option<i64>,
    },
    /// Promise pieces beyond what there is.
    AllowBackorder {
        /// How many; 0: none.
        limit: i64,
    },
}

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {}

impl Rejection {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match *self {}
    }

    /// What kind of refusal it is.
    #[must_use]
    pub fn kind(&self) -> crate::Kind {
        match *self {}
    }

    /// The field to blame.
    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        match *self {}
    }
}

/// Decides one command.
///
/// # Errors
/// A refusal, or a state that is not in memory.
pub fn decide(
    _sku: &Sku,
    _location: &Location,
    command: &Command,
    _streams: &dyn Streams,
    _context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let _ = command;
    Ok(Vec::new())
}
