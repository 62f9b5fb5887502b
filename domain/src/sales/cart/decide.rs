//! Commands, refusals and decisions.

use uuid::Uuid;

use crate::value::{Attributes, CartId, Currency, LineId, Sealed, Sku};
use crate::{Context, Decided, Refusal, Streams};

/// What can be asked of a cart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Let it exist, empty.
    Open {
        /// Whose; none: a guest's.
        customer: Option<Uuid>,
        /// Of all its prices.
        currency: Currency,
    },
    /// Put pieces in.
    AddLine {
        /// What.
        sku: Sku,
        /// How many, from 1.
        quantity: i64,
        /// Engraving, gift wrap: another line.
        attributes: Attributes,
    },
    /// Have this many of a line; 0 removes it.
    SetQuantity {
        /// Which.
        line: LineId,
        /// How many.
        quantity: i64,
    },
    /// Take a line out.
    RemoveLine {
        /// Which.
        line: LineId,
    },
    /// Take all lines out.
    Clear,
    /// Say whom to write to.
    SetContact {
        /// Mail address.
        email: Sealed,
        /// Telephone.
        phone: Option<Sealed>,
    },
    /// Say where it goes.
    SetAddresses {
        /// Where the parcel goes.
        shipping: Sealed,
        /// Who is invoiced, when different.
        billing: Option<Sealed>,
        /// ISO 3166 alpha-2 of the destination.
        country: String,
    },
    /// Choose how it goes there.
    ChooseShipping {
        /// The method's code.
        code: String,
    },
    /// Give a guest's cart to a customer.
    ClaimForCustomer {
        /// Whose.
        customer: Uuid,
    },
    /// Reprice, then fix lines and totals for paying.
    BeginCheckout {
        /// The total that the shopper saw, in minor units.
        expected_total: Option<i64>,
    },
    /// Let it be changed again.
    Reopen {
        /// Which try failed.
        attempt: u32,
        /// The code of what went wrong.
        why: String,
    },
    /// It became its order.
    Convert {
        /// Which try.
        attempt: u32,
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
    _id: CartId,
    command: &Command,
    _streams: &dyn Streams,
    _context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let _ = command;
    Ok(Vec::new())
}
