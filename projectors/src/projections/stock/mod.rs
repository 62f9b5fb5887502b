//! Stock by SKU, and the lists of those who run the shop.

use domain::inventory::item;
use domain::stream::{Location, StreamId, Topic};
use domain::value::Timestamp;
use domain::{Decided, Event};
use read_store::model::Versioned;
use read_store::model::stock::{LISTED, LocationStockView, PROJECTION, StockView, TABLES, by_sku_key, listed_row};
use read_store::{Key, StoreError, Table};

use crate::projection::{DerivedRow, Projection};

/// Stock by SKU. The items of a SKU at all its locations are in one shard, and feed one view.
#[derive(Debug)]
pub struct Stock;

impl Projection for Stock {
    const NAME: &'static str = PROJECTION;
    const VERSION: u32 = 2;
    const TOPICS: &'static [Topic] = &[Topic::Inventory];
    const TABLES: &'static [&'static Table] = &TABLES;
    const IS_FED_BY_MANY_STREAMS: bool = true;

    type View = StockView;

    fn view_key(stream: &StreamId) -> Option<Key> {
        match stream {
            StreamId::StockItem(sku, _) => Some(by_sku_key(sku)),
            _ => None,
        }
    }

    fn evolve(view: Option<StockView>, decided: &Decided, _at: Timestamp) -> Option<StockView> {
        let (Event::StockItem(event), StreamId::StockItem(sku, location)) = (&decided.event, &decided.stream) else {
            return view;
        };
        let mut view = view.unwrap_or_else(|| StockView {
            sku: sku.clone(),
            locations: Vec::new(),
        });
        let stock = at_location(&mut view.locations, location);
        match event {
            item::Event::StockReceived { levels_after, .. }
            | item::Event::StockAdjusted { levels_after, .. }
            | item::Event::StockCommitted { levels_after, .. } => stock.levels = *levels_after,
            item::Event::ThresholdSet { threshold } => stock.threshold = *threshold,
            item::Event::BackorderAllowed { limit } => stock.backorder_limit = *limit,
            item::Event::StockRanLow { .. } => stock.is_low = true,
            item::Event::StockReplenished { .. } => stock.is_low = false,
            item::Event::StockShort { .. } => {}
        }
        Some(view)
    }

    fn rows(versioned: &Versioned<StockView>) -> Result<Vec<DerivedRow>, StoreError> {
        let row = |is_low| (&LISTED, listed_row(&versioned.view.sku, is_low));
        let low = versioned.view.is_low().then(|| row(true));
        Ok(std::iter::once(row(false)).chain(low).collect())
    }
}

/// The stock at a location, which is there from its first event on.
fn at_location<'a>(locations: &'a mut Vec<LocationStockView>, location: &Location) -> &'a mut LocationStockView {
    let known = locations.iter().position(|stock| stock.location == *location);
    let index = known.unwrap_or_else(|| {
        locations.push(LocationStockView {
            location: location.clone(),
            levels: item::Levels::default(),
            threshold: None,
            backorder_limit: 0,
            is_low: false,
        });
        locations.len() - 1
    });
    &mut locations[index]
}

#[cfg(test)]
mod tests;
