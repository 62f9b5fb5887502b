//! What a decision may know beside the state of its streams.

use crate::shop::settings::Settings;
use crate::value::{LocalizedText, Money, ProductId, Sku, Timestamp};

/// What a decision may know beside the state of its streams. All of it comes in; nothing is looked up.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Now, by the deciding owner's clock; never earlier than the log's last record.
    pub now: Timestamp,
    /// The cause: ids of what is created are derived from it.
    pub cause: uuid::Uuid,
    /// The partition that decides.
    pub partition: u32,
    /// Partitions of every topic that has many.
    pub partitions: u32,
    /// Facts from other shards.
    pub reference: &'a dyn Reference,
}

/// Facts from other shards, folded from the log by every command process. Advisory: what a decision used is
/// recorded in its event; only the stock item decides about stock.
pub trait Reference {
    /// What a shopper is offered under this SKU; none when no published product has it.
    fn offer(&self, sku: &Sku) -> Option<VariantOffer>;

    /// Whether any product, published or not, has this SKU.
    fn has_sku(&self, sku: &Sku) -> bool;

    /// The settings of the shop.
    fn settings(&self) -> &Settings;

    /// The last commit of the catalogue that is folded in.
    fn catalog_seq(&self) -> u64;

    /// The shop's first language: in it is what was said in none in particular.
    fn default_locale(&self) -> &str {
        self.settings().default_locale()
    }
}

/// What a shopper is offered under a SKU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariantOffer {
    /// Of which product.
    pub product: ProductId,
    /// The product's title.
    pub title: LocalizedText,
    /// At most one per currency.
    pub prices: Vec<Money>,
    /// Key of the shop's tax rates.
    pub tax_class: String,
    /// Whether it goes by parcel.
    pub requires_shipping: bool,
    /// Whether its pieces are counted.
    pub tracks_stock: bool,
    /// How many can still be promised, back-orders included; none when it is not counted.
    pub available: Option<i64>,
}
