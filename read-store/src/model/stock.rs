//! Stock by SKU: what shoppers are told about availability.
//!
//! The stock items of a SKU, one per location, are routed by the SKU, so they share a shard, and one row holds
//! all of them. The ledger of each is not here: it is the log's.

use domain::inventory::item::Levels;
use domain::stream::Location;
use domain::value::Sku;
use serde::{Deserialize, Serialize};

use super::VIEW_COLUMN;
use crate::port::{Key, Table};

/// The projection's name.
pub const PROJECTION: &str = "stock";

/// The view of each SKU that ever had stock: partition = SKU.
pub static BY_SKU: Table = Table {
    projection: PROJECTION,
    name: "by_sku",
    columns: &[VIEW_COLUMN],
};

/// All tables of the projection, the views' first.
pub static TABLES: [&Table; 1] = [&BY_SKU];

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
}

impl StockView {
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
