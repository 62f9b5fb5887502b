//! Events of a stock item. These names and fields are the storage format.

use serde::{Deserialize, Serialize};

use crate::value::ReservationId;

/// The totals of a SKU at a location. available = on hand − reserved − allocated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Levels {
    /// Pieces on the shelf.
    pub on_hand: i64,
    /// Of these, held for checkouts that still run.
    pub reserved: i64,
    /// Of these, promised to orders.
    pub allocated: i64,
}

impl Levels {
    /// What can still be promised; negative while back-ordered or short.
    #[must_use]
    pub fn available(&self) -> i64 {
        self.on_hand - self.reserved - self.allocated
    }
}

/// What happened to the stock of a SKU at a location.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames)]
pub enum Event {
    /// Pieces came in.
    StockReceived {
        /// How many.
        quantity: i64,
        /// Totals afterwards.
        levels_after: Levels,
    },
    /// Somebody counted, lost, found or broke pieces.
    StockAdjusted {
        /// Pieces more (or, negative, fewer) on the shelf.
        delta: i64,
        /// Why, in words.
        reason: String,
        /// Whether an admin insisted against the rule that promises are kept.
        forced: bool,
        /// Totals afterwards.
        levels_after: Levels,
    },
    /// A hold of this SKU changed, in the same commit; this is its line in the ledger.
    StockCommitted {
        /// Which hold.
        reservation: ReservationId,
        /// Totals afterwards.
        levels_after: Levels,
    },
    /// More is promised than there is and may be back-ordered, by a forced adjustment.
    StockShort {
        /// The (negative) number.
        available: i64,
    },
    /// Available fell to the threshold or below.
    StockRanLow {
        /// What is left.
        available: i64,
        /// The threshold in force.
        threshold: i64,
    },
    /// Available rose above the threshold again.
    StockReplenished {
        /// What there is.
        available: i64,
        /// The threshold in force.
        threshold: i64,
    },
    /// From where on the SKU counts as low.
    ThresholdSet {
        /// Pieces; none: the shop's default.
        threshold: Option<i64>,
    },
    /// How many pieces may be promised beyond what there is.
    BackorderAllowed {
        /// Pieces; 0: none.
        limit: i64,
    },
}
