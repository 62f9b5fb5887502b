//! Variants: the ways to buy a product, what they cost, and whether they are there.

use std::sync::Arc;

use async_graphql::{Enum, Object, Result, SimpleObject};
use domain::VariantOffer;
use domain::value::Currency;
use read_store::model::Versioned;
use read_store::model::product::{ImageView, ProductView, VariantView};
use read_store::model::stock::{LocationStockView, StockView};

use super::options::{OptionWords, SelectedOption};
use super::product::{Image, Product};
use super::scalar::Money;
use crate::error::QueryError;
use crate::scope::Scope;

/// Whether something can be bought now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Enum)]
pub(crate) enum Availability {
    /// It cannot.
    OutOfStock,
    /// It can, and comes later.
    Backorder,
    /// It can, and there is not much left.
    LowStock,
    /// It can.
    InStock,
}

/// What there is of a SKU at one location.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(crate) struct StockLevel {
    /// Where.
    location: String,
    /// Pieces on the shelf.
    on_hand: i64,
    /// Pieces that checkouts hold.
    reserved: i64,
    /// Pieces that orders wait for.
    allocated: i64,
    /// Pieces that can still be promised.
    available: i64,
    /// How many may be promised beyond what there is.
    backorder_limit: i64,
    /// From where on it is low; none: the shop's default.
    threshold: Option<i64>,
}

/// What a variant costs in one currency.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(crate) struct VariantPrice {
    /// Now.
    price: Money,
    /// The former price to show beside it.
    compare_at_price: Option<Money>,
}

impl StockLevel {
    pub(crate) fn of(stock: &LocationStockView) -> Self {
        Self {
            location: stock.location.as_str().to_owned(),
            on_hand: stock.levels.on_hand,
            reserved: stock.levels.reserved,
            allocated: stock.levels.allocated,
            available: stock.levels.available(),
            backorder_limit: stock.backorder_limit,
            threshold: stock.threshold,
        }
    }
}

/// A way to buy a product.
#[derive(Clone)]
pub(crate) struct ProductVariant {
    pub(crate) scope: Arc<Scope>,
    pub(crate) product: Arc<Versioned<ProductView>>,
    /// Which of the product's variants; always one of them.
    pub(crate) index: usize,
    /// Of its price.
    pub(crate) currency: Currency,
}

impl ProductVariant {
    pub(crate) fn view(&self) -> &VariantView {
        &self.product.view.variants[self.index]
    }

    /// How its options read.
    fn words(&self) -> OptionWords<'_> {
        OptionWords {
            scope: &self.scope,
            product: &self.product.view,
        }
    }

    fn shown<'a>(&'a self, view: &'a ImageView) -> Image<'a> {
        Image {
            scope: &self.scope,
            view,
        }
    }

    /// Its stock; none when it has none, or its pieces are not counted.
    async fn stock(&self) -> Result<Option<Arc<Versioned<StockView>>>, QueryError> {
        if !self.view().facts.tracks_stock {
            return Ok(None);
        }
        self.scope.loaders.stock.load(self.view().sku.clone()).await
    }

    /// How many pieces can be bought now; none when they are not counted.
    pub(crate) async fn quantity_now(&self) -> Result<Option<i64>, QueryError> {
        if !self.view().facts.tracks_stock {
            return Ok(None);
        }
        let stock = self.stock().await?;
        Ok(Some(stock.as_deref().map_or(0, |stock| promisable(&stock.view)).max(0)))
    }

    pub(crate) async fn availability_now(&self) -> Result<Availability, QueryError> {
        let stock = self.stock().await?;
        let default_threshold = self.scope.shop.settings.low_stock_threshold;
        Ok(availability(
            self.view(),
            stock.as_deref().map(|stock| &stock.view),
            default_threshold,
        ))
    }
}

/// A way to buy a product.
#[Object(serial)]
impl ProductVariant {
    /// Its identity, for ever: what `POST /v1/carts/{cart}/lines` takes.
    async fn sku(&self) -> &str {
        self.view().sku.as_str()
    }

    /// Its choices in words: `M / Red`; empty when the product has only one variant.
    async fn title(&self) -> String {
        let words = self.words();
        let values = self.view().facts.options.iter().map(|option| words.value(option));
        values.collect::<Vec<_>>().join(" / ")
    }

    /// Its choices, one in each of the product's dimensions.
    #[graphql(complexity = "crate::limits::LIST_WEIGHT * child_complexity")]
    async fn selected_options(&self) -> Vec<SelectedOption> {
        self.words().selected(&self.view().facts.options)
    }

    /// What it costs in the currency of the answer (in a cart: of the cart); none when it is not sold in it.
    async fn price(&self) -> Option<Money> {
        let price = self.view().price(self.currency)?;
        Some(Money(price.price))
    }

    /// The former price to show beside it.
    async fn compare_at_price(&self) -> Option<Money> {
        let price = self.view().price(self.currency)?;
        price.compare_at.map(Money)
    }

    /// What it costs in each currency that it is sold in.
    #[graphql(complexity = "crate::limits::TRANSLATIONS_WEIGHT * child_complexity")]
    async fn prices(&self) -> Vec<VariantPrice> {
        let prices = self.view().prices.iter().map(|price| VariantPrice {
            price: Money(price.price),
            compare_at_price: price.compare_at.map(Money),
        });
        prices.collect()
    }

    /// Whether it can be bought now.
    #[graphql(complexity = "crate::limits::STOCK_WEIGHT")]
    async fn availability(&self) -> Result<Option<Availability>> {
        Ok(Some(self.availability_now().await?))
    }

    /// How many pieces can be bought now, back-orders included; none when they are not counted.
    #[graphql(complexity = "crate::limits::STOCK_WEIGHT")]
    async fn quantity_available(&self) -> Result<Option<i64>> {
        Ok(self.quantity_now().await?)
    }

    /// GTIN, EAN, UPC; none when it has none.
    async fn barcode(&self) -> Option<&str> {
        Some(self.view().facts.barcode.as_str()).filter(|barcode| !barcode.is_empty())
    }

    /// With packing.
    async fn weight_grams(&self) -> u32 {
        self.view().facts.weight_grams
    }

    /// Whether it goes by parcel.
    async fn requires_shipping(&self) -> bool {
        self.view().facts.requires_shipping
    }

    /// The image that shows it, else the product's first.
    async fn image(&self) -> Option<Image<'_>> {
        let images = &self.product.view.images;
        let own = self
            .view()
            .facts
            .image
            .and_then(|id| images.iter().find(|image| image.id == id));
        let view = own.or_else(|| images.first())?;
        Some(self.shown(view))
    }

    /// The image that shows it; none when nothing but the product's images does.
    async fn own_image(&self) -> Option<Image<'_>> {
        let id = self.view().facts.image?;
        let mut images = self.product.view.images.iter();
        images.find(|image| image.id == id).map(|view| self.shown(view))
    }

    /// Key of the shop's tax rates.
    async fn tax_class(&self) -> &str {
        &self.view().facts.tax_class
    }

    /// Whether its pieces are counted.
    async fn tracks_stock(&self) -> bool {
        self.view().facts.tracks_stock
    }

    /// What lies on the shelves, at each location; null to everybody but admins, and when nothing was ever counted.
    #[graphql(complexity = "crate::limits::STOCK_WEIGHT + crate::limits::LIST_WEIGHT * child_complexity")]
    async fn stock_levels(&self) -> Result<Option<Vec<StockLevel>>> {
        if !self.scope.visitor().identity().is_admin() {
            return Ok(None);
        }
        let stock = self.scope.loaders.stock.load(self.view().sku.clone()).await?;
        Ok(stock.map(|stock| stock.view.locations.iter().map(StockLevel::of).collect()))
    }

    /// What it is a variant of.
    async fn product(&self) -> Product {
        Product::new(Arc::clone(&self.scope), Arc::clone(&self.product))
    }
}

/// How many pieces can still be promised, back-orders included.
fn promisable(stock: &StockView) -> i64 {
    stock.available() + stock.backorder_limit()
}

fn availability(variant: &VariantView, stock: Option<&StockView>, default_threshold: i64) -> Availability {
    if !variant.facts.tracks_stock {
        return Availability::InStock;
    }
    let available = stock.map_or(0, StockView::available);
    let threshold = stock.and_then(StockView::threshold).unwrap_or(default_threshold);
    if available > threshold.max(0) {
        Availability::InStock
    } else if available > 0 {
        Availability::LowStock
    } else if stock.is_some_and(|stock| promisable(stock) > 0) {
        Availability::Backorder
    } else {
        Availability::OutOfStock
    }
}

/// What shoppers are offered under a SKU, in the words of the rules: with it a cart is priced here exactly as the
/// command side prices it.
pub(crate) fn offer(product: &ProductView, variant: &VariantView, stock: Option<&StockView>) -> VariantOffer {
    VariantOffer {
        product: product.id,
        title: product.description.title.clone(),
        prices: variant.prices.iter().map(|price| price.price).collect(),
        tax_class: variant.facts.tax_class.clone(),
        requires_shipping: variant.facts.requires_shipping,
        tracks_stock: variant.facts.tracks_stock,
        available: variant.facts.tracks_stock.then(|| stock.map_or(0, promisable)),
    }
}

#[cfg(test)]
mod tests;
