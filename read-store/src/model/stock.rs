//! Stock by SKU: what shoppers are told about availability.
//!
//! The stock items of a SKU, one per location, are routed by the SKU, so they share a shard, and one row holds
//! all of them. The ledger of each is not here: it is the log's.

use domain::inventory::item::Levels;
use domain::stream::Location;
use domain::value::{Sku, derived};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Clustering, VIEW_COLUMN};
use crate::port::{Column, ColumnType, Key, Row, StoreError, Table, Value};

/// Namespace of what tells SKUs apart that are read alike.
const SKUS: Uuid = Uuid::from_u128(0x7d3e_52a1_90c4_4f6b_8a1d_c5f0_3b92_6e48);

/// The projection's name.
pub const PROJECTION: &str = "stock";

/// The view of each SKU that ever had stock: partition = SKU.
pub static BY_SKU: Table = Table {
    projection: PROJECTION,
    name: "by_sku",
    columns: &[VIEW_COLUMN],
};

/// For those who run the shop: the SKUs that ever had stock, and those of which there is little left somewhere:
/// partition = [`listed_partition`], clustering = SKU.
pub static LISTED: Table = Table {
    projection: PROJECTION,
    name: "listed",
    columns: &[SKU_COLUMN],
};

/// The column of a SKU that a row leads to.
pub const SKU_COLUMN: Column = Column {
    name: "sku",
    kind: ColumnType::Text,
};

/// All tables of the projection, the views' first.
pub static TABLES: [&Table; 2] = [&BY_SKU, &LISTED];

/// What is shown of the stock of a SKU.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockView {
    /// Of what.
    pub sku: Sku,
    /// Where it lies, in the order the locations were first used.
    pub locations: Vec<LocationStockView>,
}

/// The stock of a SKU at one location.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocationStockView {
    /// Where.
    pub location: Location,
    /// How many pieces.
    pub levels: Levels,
    /// From where on it is low; none: the shop's default.
    pub threshold: Option<i64>,
    /// How many pieces may be promised beyond what there is.
    pub backorder_limit: i64,
    /// Whether it ran low and was not replenished since.
    pub is_low: bool,
}

impl StockView {
    /// Whether there is little left at some location.
    #[must_use]
    pub fn is_low(&self) -> bool {
        self.locations.iter().any(|stock| stock.is_low)
    }

    /// What can still be promised from the shelves, at all locations together; what one is short of counts
    /// against what another has.
    #[must_use]
    pub fn available(&self) -> i64 {
        self.locations.iter().map(|stock| stock.levels.available()).sum()
    }

    /// How many pieces may be promised beyond what there is, at all locations together.
    #[must_use]
    pub fn backorder_limit(&self) -> i64 {
        self.locations.iter().map(|stock| stock.backorder_limit).sum()
    }

    /// From where on it is low: the largest of its locations'; none: the shop's default.
    #[must_use]
    pub fn threshold(&self) -> Option<i64> {
        self.locations.iter().filter_map(|stock| stock.threshold).max()
    }
}

/// Where the view of a SKU's stock is.
#[must_use]
pub fn by_sku_key(sku: &Sku) -> Key {
    Key::of(sku.to_string())
}

/// The partition of [`LISTED`] of all SKUs, or of those of which there is little left.
#[must_use]
pub fn listed_partition(is_low: bool) -> String {
    if is_low { "low" } else { "all" }.to_owned()
}

/// The row of [`LISTED`] that leads to a SKU. Two SKUs that are read alike stand beside each other.
#[must_use]
pub fn listed_row(sku: &Sku, is_low: bool) -> Row {
    let clustering = Clustering::new().text(sku.as_str()).id(derived(SKUS, sku.as_str()));
    Row {
        key: Key {
            partition: listed_partition(is_low),
            clustering: clustering.into_bytes(),
        },
        values: vec![Value::Text(sku.to_string())],
    }
}

/// The SKU that a row of [`LISTED`] leads to.
///
/// # Errors
/// [`StoreError::Damaged`] when there is none in it.
pub fn listed_sku(row: &Row) -> Result<Sku, StoreError> {
    let damaged = || StoreError::Damaged(format!("the row at {:?} has no SKU", row.key.partition));
    match row.values.as_slice() {
        [Value::Text(text)] => text.parse().map_err(|_| damaged()),
        _ => Err(damaged()),
    }
}
