//! Events of an order. These names and fields are the storage format.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::sales::{FrozenLine, PaymentMethod, ShippingChoice, Totals};
use crate::value::{LineId, Money, Sealed};

/// Pieces of one line of an order.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LineQuantity {
    /// Which line.
    pub line: LineId,
    /// How many pieces.
    pub quantity: u32,
}

/// What happened to an order.
#[expect(
    clippy::large_enum_variant,
    reason = "an order is placed once and read by name: a box would only hide its fields"
)]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames)]
pub enum Event {
    /// It exists, and its stock is allocated.
    OrderPlaced {
        /// What people call it: unique, not guessable, with a check digit.
        number: String,
        /// Whose it is; none: whoever has the cart's secret.
        customer: Option<Uuid>,
        /// Mail address to write to.
        email: Sealed,
        /// Telephone.
        phone: Option<Sealed>,
        /// Where the parcels go.
        shipping_address: Option<Sealed>,
        /// Who is invoiced, when different.
        billing_address: Option<Sealed>,
        /// ISO 3166 alpha-2.
        country: String,
        /// What was bought, with tax, discount and share of each line.
        lines: Vec<FrozenLine>,
        /// Sums with tax, discount and shipping.
        totals: Totals,
        /// How it goes there.
        shipping: Option<ShippingChoice>,
        /// How it is paid.
        payment: PaymentMethod,
    },
    /// It is paid, invoiced, or free: it may be fulfilled.
    OrderConfirmed {},
    /// All of it is paid.
    OrderPaid {
        /// How much.
        amount: Money,
    },
    /// It is over; its stock is free.
    OrderCancelled {
        /// Why, in words.
        why: String,
        /// Whether captured money goes back.
        refund: bool,
    },
    /// A parcel is being packed.
    FulfilmentCreated {
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
    /// A parcel is on its way.
    FulfilmentShipped {
        /// Which.
        fulfilment: Uuid,
    },
    /// A parcel is there.
    FulfilmentDelivered {
        /// Which.
        fulfilment: Uuid,
    },
    /// The customer wants to send something back.
    ReturnRequested {
        /// Its id.
        request: Uuid,
        /// What.
        lines: Vec<LineQuantity>,
        /// Why, in words.
        reason: String,
    },
    /// It may come back.
    ReturnApproved {
        /// Which request.
        request: Uuid,
    },
    /// It came back.
    ReturnReceived {
        /// Which request.
        request: Uuid,
        /// What it is worth: the lines' shares, cumulative, less what was refunded before.
        refund_due: Money,
        /// Whether the pieces go on the shelf again.
        restock: bool,
    },
    /// Money went back.
    OrderRefunded {
        /// How much, this time.
        amount: Money,
        /// How much so far.
        refunded_after: Money,
    },
    /// Somebody wrote something down.
    NoteAdded {
        /// What.
        note: Sealed,
    },
}
