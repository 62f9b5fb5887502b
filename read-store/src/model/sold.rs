//! What was sold: a row for each order, by the day on which it was placed.
//!
//! Sums are made on read, from these rows, and kept nowhere: a row follows from its order alone, so a replay, a retry
//! and a rebuild write the same, and the days may be those of any time zone.

use domain::value::{Currency, ProductId, Timestamp};
use serde::{Deserialize, Serialize};

use super::order::{OrderStatus, OrderView, PROJECTION};
use super::{Clustering, damaged};
use crate::port::{Column, ColumnType, Key, Row, StoreError, Table, Value};

/// What each order sold: partition = [`sold_partition`], clustering = when it was placed, the oldest first, and its id.
pub static SOLD: Table = Table {
    projection: PROJECTION,
    name: "sold",
    columns: &[SALE_COLUMN],
};

/// The column of a [`Sale`], encoded with postcard.
const SALE_COLUMN: Column = Column {
    name: "sale",
    kind: ColumnType::Blob,
};

/// A day of 24 hours.
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// What an order sold. All amounts are minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sale {
    /// When it was placed.
    pub placed: Timestamp,
    /// Of all amounts.
    pub currency: Currency,
    /// What was to pay, with tax and shipping.
    pub total: i64,
    /// The part of the total that is tax.
    pub tax: i64,
    /// What went back so far.
    pub refunded: i64,
    /// Whether it was called off.
    pub is_cancelled: bool,
    /// What was bought.
    pub lines: Vec<SoldLine>,
}

/// A line of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SoldLine {
    /// Of which product.
    pub product: ProductId,
    /// How many.
    pub pieces: u32,
    /// What they cost together, with tax and after discount.
    pub gross: i64,
}

/// The day of a moment in UTC, as the number of days since 1970. Partitions go by it, whatever the shop's time zone.
#[must_use]
pub fn utc_day(at: Timestamp) -> i64 {
    at.0.div_euclid(DAY_MS)
}

/// The partition of [`SOLD`] of the orders that were placed on a day, as [`utc_day`] counts them.
#[must_use]
pub fn sold_partition(utc_day: i64) -> String {
    utc_day.to_string()
}

/// What in [`SOLD`] comes after all orders that were placed before a moment, and before all others.
#[must_use]
pub fn sold_from(moment: Timestamp) -> Vec<u8> {
    Clustering::new().integer(moment.0).into_bytes()
}

/// The row of [`SOLD`] of an order.
///
/// # Errors
/// [`StoreError::Damaged`] when it cannot be encoded, which no sale does.
pub fn sold_row(order: &OrderView) -> Result<Row, StoreError> {
    let lines = order.lines.iter().map(|line| SoldLine {
        product: line.product,
        pieces: line.quantity,
        gross: line.gross,
    });
    let sale = Sale {
        placed: order.placed,
        currency: order.totals.currency,
        total: order.totals.total,
        tax: order.totals.tax,
        refunded: order.refunded,
        is_cancelled: order.status == OrderStatus::Cancelled,
        lines: lines.collect(),
    };
    let key = Key {
        partition: sold_partition(utc_day(order.placed)),
        clustering: Clustering::new().integer(order.placed.0).id(order.id.0).into_bytes(),
    };
    let bytes = postcard::to_allocvec(&sale).map_err(|error| damaged(&key, &error.to_string()))?;
    Ok(Row {
        key,
        values: vec![Value::Blob(bytes)],
    })
}

/// The sale in a row of [`SOLD`].
///
/// # Errors
/// [`StoreError::Damaged`] when there is none in it.
pub fn sale(row: &Row) -> Result<Sale, StoreError> {
    match row.values.as_slice() {
        [Value::Blob(bytes)] => postcard::from_bytes(bytes).map_err(|error| damaged(&row.key, &error.to_string())),
        _ => Err(damaged(&row.key, "has no sale")),
    }
}
