//! Events of a checkout. These names and fields are the storage format.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::sales::PaymentMethod;
use crate::stream::Location;
use crate::value::{ReservationId, Sku, Timestamp};

/// Pieces of one SKU that one shard of the inventory is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Demand {
    /// What.
    pub sku: Sku,
    /// Where it lies.
    pub location: Location,
    /// How many: the sum over the cart's lines.
    pub quantity: i64,
}

/// What one shard of the inventory is asked for, in one commit.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DemandGroup {
    /// The shard's partition.
    pub partition: u32,
    /// All SKUs of that shard.
    pub demands: Vec<Demand>,
}

/// What an order asks of the stock that was promised to it.
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
pub enum StockMovement {
    /// Let go of it: the order was cancelled.
    Release,
    /// Take it off the shelf: a parcel left.
    Ship,
    /// Put it back on the shelf: a return came in.
    Return,
}

/// What happened to the process that turns a cart into an order.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames)]
pub enum Event {
    /// It runs.
    CheckoutStarted {
        /// Which try of this cart, from 1.
        attempt: u32,
        /// Under which name it holds stock: v5(checkout, attempt).
        reservation: ReservationId,
        /// What it holds; empty when nothing is counted.
        groups: Vec<DemandGroup>,
        /// How the order is paid.
        payment: PaymentMethod,
        /// When it gives up.
        deadline: Timestamp,
    },
    /// One shard holds what was asked of it.
    StockHeld {
        /// The shard's partition.
        partition: u32,
    },
    /// One shard holds nothing.
    StockRefused {
        /// The shard's partition.
        partition: u32,
        /// What was short.
        sku: Sku,
        /// How many pieces there were.
        available: i64,
        /// The refusal's code.
        code: String,
    },
    /// One shard has promised the pieces to the order.
    StockAllotted {
        /// The shard's partition.
        partition: u32,
    },
    /// One shard holds nothing any more.
    StockFreed {
        /// The shard's partition.
        partition: u32,
    },
    /// The order is placed.
    CheckoutCompleted {},
    /// Its deadline passed: it is being undone.
    CheckoutTimedOut {},
    /// It cannot go on, for a reason other than stock or time: it is being undone.
    CheckoutAbandoned {
        /// The step that failed: `place`.
        step: String,
        /// The code of why.
        why: String,
    },
    /// All is as if it had never begun.
    CheckoutCompensated {
        /// The step that failed: `hold`, `allocate`, `place`, `deadline`.
        step: String,
        /// The code of why.
        why: String,
    },
    /// The order it became asks something of its stock, in the commit in which the order changed.
    StockMovementOwed {
        /// v5(order, `cancel`), or the id of the parcel or of the return.
        movement: Uuid,
        /// What it asks.
        kind: StockMovement,
        /// Of which pieces. Quantities count from the order's beginning, this movement included,
        /// so that repeating or reordering movements changes nothing.
        groups: Vec<DemandGroup>,
    },
    /// One shard has done what the movement asked of it.
    StockMovementDone {
        /// Which.
        movement: Uuid,
        /// The shard's partition.
        partition: u32,
    },
}
