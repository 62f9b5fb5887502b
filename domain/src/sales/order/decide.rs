//! Commands, refusals and decisions.

use uuid::Uuid;

use super::LineQuantity;
use crate::sales::PaymentMethod;
use crate::value::{Money, OrderId, Sealed};
use crate::{Context, Decided, Refusal, Streams};

/// What can be asked of an order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Let it exist, from the frozen cart of the same UUID; draws the next order number.
    Place {
        /// How it is paid.
        payment: PaymentMethod,
    },
    /// Let it be fulfilled.
    Confirm,
    /// Record that an invoice is paid.
    RecordPaid {
        /// How much.
        amount: Money,
    },
    /// Call it off.
    Cancel {
        /// Why, in words.
        why: String,
        /// Whether captured money goes back.
        refund: bool,
    },
    /// Pack a parcel.
    Fulfil {
        /// Its id.
        fulfilment: Uuid,
        /// What is in it.
        lines: Vec<LineQuantity>,
        /// Who carries it.
        carrier: String,
        /// The carrier's number.
        tracking_number: String,
        /// Where to follow it.
        tracking_url: String,
    },
    /// The parcel left.
    MarkShipped {
        /// Which.
        fulfilment: Uuid,
    },
    /// The parcel arrived.
    MarkDelivered {
        /// Which.
        fulfilment: Uuid,
    },
    /// Ask to send something back.
    RequestReturn {
        /// Its id.
        request: Uuid,
        /// What.
        lines: Vec<LineQuantity>,
        /// Why, in words.
        reason: String,
    },
    /// Let it come back.
    ApproveReturn {
        /// Which request.
        request: Uuid,
    },
    /// It came back.
    ReceiveReturn {
        /// Which request.
        request: Uuid,
        /// Whether the pieces go on the shelf again.
        restock: bool,
    },
    /// Money went back.
    RecordRefund {
        /// How much, this time.
        amount: Money,
    },
    /// Write something down.
    AddNote {
        /// What.
        note: Sealed,
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
    _id: OrderId,
    command: &Command,
    _streams: &dyn Streams,
    _context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let _ = command;
    Ok(Vec::new())
}
