//! The reference view: facts of the catalogue, the stock and the shop that decisions of other shards need.
//!
//! Made from the committed states of their streams, kept in memory, a few hundred bytes for each SKU. Advisory:
//! what a decision used is recorded in its event, and only the stock item decides about stock.

use std::collections::{BTreeMap, HashMap};

use domain::catalog::product::Product;
use domain::shop::settings::Settings;
use domain::stream::{Location, Shard, StreamId, Topic};
use domain::value::{LocalizedText, Money, ProductId, Sku};
use domain::{Reference, State, VariantOffer};

mod shared;

pub(crate) use shared::SharedReference;

#[cfg(test)]
mod tests;

/// The topics that the view is made from.
pub const REFERENCE_TOPICS: [Topic; 3] = [Topic::Catalog, Topic::Inventory, Topic::Shop];

/// What the names of the streams begin with that the view is made from.
pub(crate) const REFERENCE_STREAMS: [&str; 3] = ["product/", "stock/", "shop"];

/// Facts from other shards.
#[derive(Clone, Debug, Default)]
pub struct ReferenceView {
    products: HashMap<ProductId, Shown>,
    variants: HashMap<Sku, Variant>,
    stock: HashMap<Sku, BTreeMap<Location, i64>>,
    settings: Settings,
    positions: BTreeMap<Shard, u64>,
}

#[derive(Clone, Debug)]
struct Shown {
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

impl ReferenceView {
    /// Takes in what a stream came to.
    pub fn take_in(&mut self, stream: &StreamId, state: &State) {
        match (stream, state) {
            (StreamId::Product(id), State::Product(product)) => self.take_product(*id, product),
            (StreamId::StockItem(sku, location), State::StockItem(item)) => {
                let shelves = self.stock.entry(sku.clone()).or_default();
                shelves.insert(location.clone(), item.stock().promisable());
            }
            (StreamId::Shop, State::Shop(shop)) => self.settings.clone_from(shop),
            _ => {}
        }
    }

    /// Everything up to commit `seq` of a shard is taken in.
    pub fn advance(&mut self, shard: Shard, seq: u64) {
        let position = self.positions.entry(shard).or_insert(0);
        *position = (*position).max(seq);
    }

    /// The last commit of a shard that is taken in; 0 before the first.
    #[must_use]
    pub fn position(&self, shard: Shard) -> u64 {
        self.positions.get(&shard).copied().unwrap_or(0)
    }

    fn take_product(&mut self, id: ProductId, product: &Product) {
        let Some(listing) = product.listing() else {
            return;
        };
        let shown = Shown {
            title: listing.description.title.clone(),
            is_published: product.is_published(),
        };
        self.products.insert(id, shown);
        for variant in &listing.variants {
            let taken = Variant {
                product: id,
                prices: variant.prices.iter().map(|known| known.price).collect(),
                tax_class: variant.facts.tax_class.clone(),
                requires_shipping: variant.facts.requires_shipping,
                tracks_stock: variant.facts.tracks_stock,
            };
            self.variants.insert(variant.sku.clone(), taken);
        }
    }

    fn promisable(&self, sku: &Sku) -> i64 {
        self.stock.get(sku).into_iter().flat_map(BTreeMap::values).sum()
    }
}

impl Reference for ReferenceView {
    fn offer(&self, sku: &Sku) -> Option<VariantOffer> {
        let variant = self.variants.get(sku)?;
        let product = self
            .products
            .get(&variant.product)
            .filter(|product| product.is_published)?;
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
        self.position(Shard {
            topic: Topic::Catalog,
            partition: 0,
        })
    }
}
