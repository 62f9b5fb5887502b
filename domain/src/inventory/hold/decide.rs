//! Commands, refusals and decisions.

use super::ReleaseReason;
use crate::stream::Location;
use crate::value::{OrderId, ReservationId, Sku, Timestamp};
use crate::{Context, Decided, Refusal, Streams};

/// What can be asked of a hold. Each changes the stock item's totals in the same commit.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Hold pieces until a moment.
    Reserve {
        /// How many, from 1.
        quantity: i64,
        /// When the hold ends by itself.
        until: Timestamp,
    },
    /// Hold them longer.
    Extend {
        /// When it ends from now on.
        until: Timestamp,
    },
    /// Let them go. An unknown hold leaves a tombstone until `until`.
    Release {
        /// Why.
        why: ReleaseReason,
        /// Until when a late `Reserve` is refused.
        until: Timestamp,
    },
    /// Promise them to an order, for ever.
    Allocate {
        /// Whose.
        order: OrderId,
    },
    /// Take pieces off the shelf, until this many have left in all: a repeat takes no more.
    Ship {
        /// How many have left since the beginning, these included.
        shipped_after: i64,
    },
    /// Put pieces back on the shelf, until this many have come back in all: a repeat puts back no more.
    Return {
        /// How many have come back since the beginning, these included.
        returned_after: i64,
    },
    /// Its time is up, if it is.
    Expire,
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
    _reservation: ReservationId,
    command: &Command,
    _streams: &dyn Streams,
    _context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let _ = command;
    Ok(Vec::new())
}
