//! The reference view: facts of the catalogue, the stock and the shop that decisions of other shards need.
//!
//! Folded from the log by every command process, kept in memory, a few hundred bytes for each SKU. Advisory:
//! what a decision used is recorded in its event, and only the stock item decides about stock.

use std::collections::{BTreeMap, HashMap};

use domain::catalog::product;
use domain::inventory::item;
use domain::shop::settings::{self, Settings};
use domain::stream::{Location, Shard, StreamId, Topic};
use domain::value::{LocalizedText, Money, ProductId, Sku};
use domain::{Decided, Event, Reference, VariantOffer};

#[cfg(test)]
mod tests;

/// The topics that the view is folded from.
pub const REFERENCE_TOPICS: [Topic; 3] = [Topic::Catalog, Topic::Inventory, Topic::Shop];

/// Facts from other shards.
#[derive(Clone, Debug, Default)]
pub struct ReferenceView {
    products: HashMap<ProductId, Product>,
    variants: HashMap<Sku, Variant>,
    stock: HashMap<Sku, BTreeMap<Location, Shelf>>,
    settings: Settings,
    positions: BTreeMap<Shard, u64>,
}

#[derive(Clone, Debug)]
struct Product {
    title: LocalizedText,
    is_published: bool,
}

#[derive(Clone, Debug)]
struct Variant {
    product: ProductId,
    prices: Vec<Money>,
    tax_class: String,
    requires_shipping: bool,
    tracks_stock: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Shelf {
    available: i64,
    backorder_limit: i64,
}

impl ReferenceView {
    /// Takes a commit in. One at or below the position of its shard changes nothing.
    pub fn fold(&mut self, shard: Shard, seq: u64, events: &[Decided]) {
        let position = self.positions.entry(shard).or_insert(0);
        if seq <= *position {
            return;
        }
        *position = seq;
        for Decided { stream, event } in events {
            match (stream, event) {
                (StreamId::Product(id), Event::Product(event)) => self.fold_product(*id, event),
                (StreamId::StockItem(sku, location), Event::StockItem(event)) => {
                    let shelf = self.stock.entry(sku.clone()).or_default().entry(location.clone()).or_default();
                    shelf.fold(event);
                }
                (StreamId::Shop, Event::Shop(settings::Event::ShopConfigured { settings })) => {
                    self.settings = settings.clone();
                }
                _ => {}
            }
        }
    }

    /// The last commit of a shard that is folded in; 0 before the first.
    #[must_use]
    pub fn position(&self, shard: Shard) -> u64 {
        self.positions.get(&shard).copied().unwrap_or(0)
    }

    fn fold_product(&mut self, id: ProductId, event: &product::Event) {
        match event {
            product::Event::ProductDrafted { description } => {
                let product = Product { title: description.title.clone(), is_published: false };
                self.products.insert(id, product);
            }
            product::Event::ProductDescribed { description } => {
                self.change(id, |product| product.title = description.title.clone());
            }
            product::Event::ProductPublished {} => self.change(id, |product| product.is_published = true),
            product::Event::ProductUnpublished {} | product::Event::ProductArchived {} => {
                self.change(id, |product| product.is_published = false);
            }
            product::Event::VariantAdded { sku, facts } | product::Event::VariantChanged { sku, facts } => {
                self.fold_variant(id, sku, facts);
            }
            product::Event::VariantPriced { sku, price, .. } => {
                if let Some(variant) = self.variants.get_mut(sku) {
                    variant.prices.retain(|known| known.currency != price.currency);
                    variant.prices.push(*price);
                }
            }
            product::Event::ProductPlaced { .. }
            | product::Event::ProductWithdrawn { .. }
            | product::Event::ImageAdded { .. }
            | product::Event::ImagesOrdered { .. }
            | product::Event::ImageRemoved { .. } => {}
        }
    }

    fn fold_variant(&mut self, product: ProductId, sku: &Sku, facts: &product::VariantFacts) {
        let prices = self.variants.remove(sku).map(|known| known.prices).unwrap_or_default();
        let variant = Variant {
            product,
            prices,
            tax_class: facts.tax_class.clone(),
            requires_shipping: facts.requires_shipping,
            tracks_stock: facts.tracks_stock,
        };
        self.variants.insert(sku.clone(), variant);
    }

    fn change(&mut self, id: ProductId, change: impl FnOnce(&mut Product)) {
        if let Some(product) = self.products.get_mut(&id) {
            change(product);
        }
    }

    fn promisable(&self, sku: &Sku) -> i64 {
        let shelves = self.stock.get(sku).into_iter().flat_map(BTreeMap::values);
        shelves.map(|shelf| shelf.available + shelf.backorder_limit).sum()
    }
}

impl Shelf {
    fn fold(&mut self, event: &item::Event) {
        match event {
            item::Event::StockReceived { levels_after, .. }
            | item::Event::StockAdjusted { levels_after, .. }
            | item::Event::StockCommitted { levels_after, .. } => self.available = levels_after.available(),
            item::Event::BackorderAllowed { limit } => self.backorder_limit = *limit,
            item::Event::StockShort { .. }
            | item::Event::StockRanLow { .. }
            | item::Event::StockReplenished { .. }
            | item::Event::ThresholdSet { .. } => {}
        }
    }
}

impl Reference for ReferenceView {
    fn offer(&self, sku: &Sku) -> Option<VariantOffer> {
        let variant = self.variants.get(sku)?;
        let product = self.products.get(&variant.product).filter(|product| product.is_published)?;
        Some(VariantOffer {
            product: variant.product,
            title: product.title.clone(),
            prices: variant.prices.clone(),
            tax_class: variant.tax_class.clone(),
            requires_shipping: variant.requires_shipping,
            tracks_stock: variant.tracks_stock,
            available: variant.tracks_stock.then(|| self.promisable(sku)),
        })
    }

    fn has_sku(&self, sku: &Sku) -> bool {
        self.variants.contains_key(sku)
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }

    fn catalog_seq(&self) -> u64 {
        self.position(Shard { topic: Topic::Catalog, partition: 0 })
    }
}
