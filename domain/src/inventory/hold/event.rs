//! Events of a hold. These names and fields are the storage format.

use serde::{Deserialize, Serialize};

use crate::value::{OrderId, Timestamp};

/// Why a hold ended.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::IntoStaticStr,
    strum::EnumString,
    strum::Display,
    strum::VariantNames,
)]
pub enum ReleaseReason {
    /// Its time was up.
    Expired,
    /// The checkout was refused or given up.
    CheckoutEnded,
    /// The order was cancelled.
    OrderCancelled,
}

/// What happened to what one reservation holds of a SKU.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames)]
pub enum Event {
    /// Pieces are held until a moment.
    StockReserved {
        /// How many.
        quantity: i64,
        /// When the hold ends by itself.
        until: Timestamp,
        /// What others may still have.
        available_after: i64,
    },
    /// The hold lasts longer.
    ReservationExtended {
        /// When it ends from now on.
        until: Timestamp,
    },
    /// The pieces are free again.
    ReservationReleased {
        /// How many.
        quantity: i64,
        /// Why.
        why: ReleaseReason,
        /// What others may have.
        available_after: i64,
    },
    /// It was released before it came: a hold that arrives later, until this moment, is refused.
    ReservationForbidden {
        /// When the refusal ends.
        until: Timestamp,
    },
    /// The pieces belong to an order and never expire.
    StockAllocated {
        /// Whose.
        order: OrderId,
        /// How many.
        quantity: i64,
    },
    /// Pieces left the shelf for the customer.
    StockShipped {
        /// How many, this time.
        quantity: i64,
        /// How many are still allocated.
        allocated_after: i64,
    },
    /// Pieces came back to the shelf.
    StockReturned {
        /// How many, this time.
        quantity: i64,
        /// How many came back so far.
        returned_after: i64,
    },
}
