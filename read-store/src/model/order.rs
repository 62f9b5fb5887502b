//! Orders by id, by number, and in the lists of those who run the shop.

use domain::sales::order::LineQuantity;
use domain::sales::{FrozenLine, PaymentMethod, ShippingChoice, Totals};
use domain::value::{OrderId, Sealed, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::sold::SOLD;
use super::{Clustering, ID_COLUMN, VIEW_COLUMN};
use crate::port::{Key, Table};

/// The projection's name.
pub const PROJECTION: &str = "order";

/// The view of each order: partition = id.
pub static BY_ID: Table = Table {
    projection: PROJECTION,
    name: "by_id",
    columns: &[VIEW_COLUMN],
};

/// The id of each order: partition = number.
pub static BY_NUMBER: Table = Table {
    projection: PROJECTION,
    name: "by_number",
    columns: &[ID_COLUMN],
};

/// For those who run the shop: the ids of all orders: partition = [`listed_partition`], clustering = when it was
/// placed, the newest first, and the id.
pub static LISTED: Table = Table {
    projection: PROJECTION,
    name: "listed",
    columns: &[ID_COLUMN],
};

/// All tables of the projection, the views' first.
pub static TABLES: [&Table; 4] = [&BY_ID, &BY_NUMBER, &LISTED, &SOLD];

/// What is shown of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderView {
    /// Its id: the UUID of its cart.
    pub id: OrderId,
    /// What people call it.
    pub number: String,
    /// Whose it is; none: whoever has the cart's secret.
    pub customer: Option<Uuid>,
    /// Mail address to write to.
    pub email: Sealed,
    /// Telephone.
    pub phone: Option<Sealed>,
    /// Where the parcels go (an address as JSON).
    pub shipping_address: Option<Sealed>,
    /// Who is invoiced, when different.
    pub billing_address: Option<Sealed>,
    /// ISO 3166 alpha-2.
    pub country: String,
    /// What was bought, with tax, discount and share of each line.
    pub lines: Vec<FrozenLine>,
    /// Sums with tax, discount and shipping.
    pub totals: Totals,
    /// How it goes there.
    pub shipping: Option<ShippingChoice>,
    /// How it is paid.
    pub payment: PaymentMethod,
    /// How far it is.
    pub status: OrderStatus,
    /// How far its payment is.
    pub payment_status: PaymentStatus,
    /// Minor units that went back so far.
    pub refunded: i64,
    /// Why it was cancelled, in words; empty when it was not.
    pub cancelled_why: String,
    /// Its parcels, in the order they were packed.
    pub fulfilments: Vec<FulfilmentView>,
    /// What came back or shall, in the order it was asked for.
    pub returns: Vec<ReturnView>,
    /// What was written down, for admins.
    pub notes: Vec<NoteView>,
    /// What happened, in order.
    pub timeline: Vec<Milestone>,
    /// When it was placed.
    pub placed: Timestamp,
}

/// How far an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OrderStatus {
    /// Placed.
    Pending,
    /// Captured, invoiced or nothing to pay.
    Confirmed,
    /// Some of it is on its way.
    PartiallyShipped,
    /// All of it is on its way.
    Shipped,
    /// All of it is there.
    Delivered,
    /// It is over.
    Cancelled,
}

/// How far the payment of an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PaymentStatus {
    /// Not paid.
    Pending,
    /// All of it is paid.
    Paid,
    /// Some money went back.
    PartiallyRefunded,
    /// All of it went back.
    Refunded,
}

/// A parcel of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FulfilmentView {
    /// Its id.
    pub id: Uuid,
    /// What is in it.
    pub lines: Vec<LineQuantity>,
    /// Who carries it.
    pub carrier: String,
    /// The carrier's number.
    pub tracking_number: String,
    /// Where to follow it.
    pub tracking_url: String,
    /// How far it is.
    pub status: FulfilmentStatus,
}

/// How far a parcel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FulfilmentStatus {
    /// Being packed.
    Packed,
    /// On its way.
    Shipped,
    /// There.
    Delivered,
}

/// What a customer sends back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnView {
    /// The request's id.
    pub id: Uuid,
    /// What.
    pub lines: Vec<LineQuantity>,
    /// Why, in words.
    pub reason: String,
    /// How far it is.
    pub status: ReturnStatus,
    /// Minor units that it is worth; 0 until it came back.
    pub refund_due: i64,
}

/// How far a return is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReturnStatus {
    /// Asked for.
    Requested,
    /// It may come.
    Approved,
    /// It came.
    Received,
}

/// A note on an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteView {
    /// When.
    pub at: Timestamp,
    /// What.
    pub note: Sealed,
}

/// A line of an order's story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Milestone {
    /// When.
    pub at: Timestamp,
    /// The name of the event, for example `OrderPlaced`.
    pub event: String,
}

/// Where the view of an order is.
#[must_use]
pub fn by_id_key(id: OrderId) -> Key {
    Key::of(id.to_string())
}

/// Where the id of the order with a number is.
#[must_use]
pub fn by_number_key(number: &str) -> Key {
    Key::of(number.to_owned())
}

/// The partition of [`LISTED`] of the orders that are so far.
#[must_use]
pub fn listed_partition(status: OrderStatus) -> String {
    let status = match status {
        OrderStatus::Pending => "pending",
        OrderStatus::Confirmed => "confirmed",
        OrderStatus::PartiallyShipped => "partially_shipped",
        OrderStatus::Shipped => "shipped",
        OrderStatus::Delivered => "delivered",
        OrderStatus::Cancelled => "cancelled",
    };
    status.to_owned()
}

/// Where an order stands in [`LISTED`].
#[must_use]
pub fn listed_clustering(placed: Timestamp, id: OrderId) -> Vec<u8> {
    Clustering::new().integer_descending(placed.0).id(id.0).into_bytes()
}

/// What in [`LISTED`] comes after all orders of a moment or later, and before all that are older.
#[must_use]
pub fn listed_before(moment: Timestamp) -> Vec<u8> {
    Clustering::new()
        .integer_descending(moment.0.saturating_sub(1))
        .into_bytes()
}
