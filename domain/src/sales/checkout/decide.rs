//! Commands, refusals and decisions.

use crate::sales::PaymentMethod;
use crate::value::{CheckoutId, Sku};
use crate::{Context, Decided, Refusal, Streams};

/// What can be asked of a checkout, and what comes back from what it asked of others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Begin, with the cart that was frozen in the same commit.
    Start {
        /// How the order is paid.
        payment: PaymentMethod,
    },
    /// A shard of the inventory holds what was asked of it.
    RecordHeld {
        /// Which try.
        attempt: u32,
        /// The shard's partition.
        partition: u32,
    },
    /// A shard of the inventory refused to hold or to allocate.
    RecordRefused {
        /// Which try.
        attempt: u32,
        /// The shard's partition.
        partition: u32,
        /// What was short.
        sku: Sku,
        /// How many there were.
        available: i64,
        /// The refusal's code.
        code: String,
    },
    /// A shard of the inventory promised the pieces to the order.
    RecordAllotted {
        /// Which try.
        attempt: u32,
        /// The shard's partition.
        partition: u32,
    },
    /// A shard of the inventory let go of what it held.
    RecordFreed {
        /// Which try.
        attempt: u32,
        /// The shard's partition.
        partition: u32,
    },
    /// Its time is up, if it is.
    TimeOut,
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
    _id: CheckoutId,
    command: &Command,
    _streams: &dyn Streams,
    _context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let _ = command;
    Ok(Vec::new())
}
