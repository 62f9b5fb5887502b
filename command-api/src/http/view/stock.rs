use domain::State;
use domain::inventory::item::StockItem;
use domain::stream::Location;
use domain::value::Sku;
use schemars::JsonSchema;
use serde::Serialize;

use crate::Outcome;

/// The stock of a SKU at a location.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "StockItem")]
pub(crate) struct StockView<'a> {
    #[serde(rename = "__typename")]
    typename: &'static str,
    sku: &'a str,
    location: &'a str,
    version: u64,
    on_hand: i64,
    reserved: i64,
    allocated: i64,
    /// On hand, less what is reserved and allocated.
    available: i64,
    backorder_limit: i64,
    /// From where on it is low; `null`: the shop's default.
    threshold: Option<i64>,
    /// Whether an import changed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    changed: Option<bool>,
}

impl<'a> StockView<'a> {
    pub(crate) fn of(sku: &'a Sku, location: &'a Location, state: Option<&State>, version: u64) -> Self {
        let stock = match state {
            Some(State::StockItem(item)) => item.stock(),
            _ => StockItem::default().stock(),
        };
        Self {
            typename: "StockItem",
            sku: sku.as_str(),
            location: location.as_str(),
            version,
            on_hand: stock.levels.on_hand,
            reserved: stock.levels.reserved,
            allocated: stock.levels.allocated,
            available: stock.levels.available(),
            backorder_limit: stock.backorder_limit,
            threshold: stock.threshold,
            changed: None,
        }
    }

    pub(crate) fn with_changed(mut self, outcome: &Outcome) -> Self {
        self.changed = Some(!outcome.streams.is_empty());
        self
    }
}
