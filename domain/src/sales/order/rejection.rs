use crate::Kind;
use crate::value::{LineId, Money};

use super::decide::{ORDER_PARCELS_MAX, ORDER_RETURNS_MAX};

/// Why a command to an order is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// No cart became it.
    #[error("there is no such order")]
    Absent,
    /// What the checkout froze is gone.
    #[error("the cart was changed since its checkout began")]
    CartChanged,
    /// This shard has drawn all numbers there are.
    #[error("no order number is left")]
    NumbersExhausted,
    /// It waits for money.
    #[error("the order is not confirmed yet")]
    NotConfirmed,
    /// It was called off.
    #[error("the order is cancelled")]
    Cancelled,
    /// A parcel is packed, so it cannot be called off.
    #[error("a parcel of the order is packed already")]
    AlreadyPacked,
    /// Pieces left, so it cannot be called off; or all left, so nothing is left to pack.
    #[error("the order is shipped already")]
    AlreadyShipped,
    /// No line of this order has this id.
    #[error("the order has no line {0}")]
    LineAbsent(LineId),
    /// An empty list, or a line of which no pieces are asked for.
    #[error("at least one piece of each named line is needed")]
    NothingSelected,
    /// More pieces of a line than there are left.
    #[error("only {remaining} pieces of line {line} are left")]
    QuantityTooLarge {
        /// Which line.
        line: LineId,
        /// How many there are.
        remaining: u32,
    },
    /// No parcel of this order has this id.
    #[error("the order has no such fulfilment")]
    FulfilmentAbsent,
    /// A parcel of this id has something else in it.
    #[error("a fulfilment of this id exists already")]
    FulfilmentExists,
    /// The parcel is still here.
    #[error("the fulfilment is not shipped yet")]
    FulfilmentNotShipped,
    /// One parcel more than an order may have.
    #[error("an order has at most {ORDER_PARCELS_MAX} fulfilments")]
    TooManyFulfilments,
    /// No return of this order has this id.
    #[error("the order has no such return")]
    ReturnAbsent,
    /// A return of this id is about something else.
    #[error("a return of this id exists already")]
    ReturnExists,
    /// Nobody said yet that it may come back.
    #[error("the return is not approved yet")]
    ReturnNotApproved,
    /// One return more than an order may have.
    #[error("an order has at most {ORDER_RETURNS_MAX} returns")]
    TooManyReturns,
    /// What came in is not what was to be paid.
    #[error("{} {} minor units are to be paid", due.amount, due.currency)]
    PaymentDiffers {
        /// What is to be paid.
        due: Money,
    },
    /// Nothing, or less, is to go back, or in another currency.
    #[error("a refund is a positive amount in the order's currency")]
    RefundUnacceptable,
    /// More is to go back than came in.
    #[error("only {} {} minor units can go back", refundable.amount, refundable.currency)]
    RefundTooLarge {
        /// What is left of what came in.
        refundable: Money,
    },
    /// A text is too long, or an address is none.
    #[error("{field} is too long or not acceptable")]
    TextUnacceptable {
        /// Which.
        field: &'static str,
    },
}

impl Rejection {
    /// Code, kind and field, in one table.
    fn facts(&self) -> (&'static str, Kind, Option<&'static str>) {
        match self {
            Self::Absent => ("order.absent", Kind::Absent, None),
            Self::CartChanged => ("order.cart_changed", Kind::Conflict, None),
            Self::NumbersExhausted => ("order.numbers_exhausted", Kind::Conflict, None),
            Self::NotConfirmed => ("order.not_confirmed", Kind::Conflict, None),
            Self::Cancelled => ("order.cancelled", Kind::Conflict, None),
            Self::AlreadyPacked => ("order.already_packed", Kind::Conflict, None),
            Self::AlreadyShipped => ("order.already_shipped", Kind::Conflict, None),
            Self::LineAbsent(_) => ("line.absent", Kind::Invalid, Some("lines")),
            Self::NothingSelected => ("order.nothing_selected", Kind::Invalid, Some("lines")),
            Self::QuantityTooLarge { .. } => ("quantity.too_large", Kind::Conflict, Some("lines")),
            Self::FulfilmentAbsent => ("fulfilment.absent", Kind::Absent, None),
            Self::FulfilmentExists => ("fulfilment.already_exists", Kind::Conflict, None),
            Self::FulfilmentNotShipped => ("fulfilment.not_shipped", Kind::Conflict, None),
            Self::TooManyFulfilments => ("order.too_many_fulfilments", Kind::Conflict, None),
            Self::ReturnAbsent => ("return.absent", Kind::Absent, None),
            Self::ReturnExists => ("return.already_exists", Kind::Conflict, None),
            Self::ReturnNotApproved => ("return.not_approved", Kind::Conflict, None),
            Self::TooManyReturns => ("order.too_many_returns", Kind::Conflict, None),
            Self::PaymentDiffers { .. } => ("payment.amount_differs", Kind::Invalid, Some("amount")),
            Self::RefundUnacceptable => ("refund.unacceptable", Kind::Invalid, Some("amount")),
            Self::RefundTooLarge { .. } => ("refund.too_large", Kind::Conflict, Some("amount")),
            Self::TextUnacceptable { field } => ("text.unacceptable", Kind::Invalid, Some(field)),
        }
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.facts().0
    }

    /// What kind of refusal it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.facts().1
    }

    /// The field to blame.
    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        self.facts().2
    }
}
