//! Products: by id, by slug, and in pages.
//!
//! A page lists the published products of one category, or of the whole shop, in one order. A product stands in
//! the pages of the categories that it was placed in, and in no others: what a category shows of the categories
//! below it is merged on read (`merged_page`), so that moving a category in the tree moves no products.

use std::fmt;

use domain::catalog::product::{Description, OptionTexts, VariantFacts};
use domain::value::{CategoryId, Currency, ImageId, Locale, LocalizedText, Money, ProductId, Sku, Slug, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Clustering, ID_COLUMN, VIEW_COLUMN};
use crate::port::{Key, Table};

/// The projection's name.
pub const PROJECTION: &str = "product";

/// The view of each product that ever was: partition = id. Drafts and archived products are in it.
pub static BY_ID: Table = Table {
    projection: PROJECTION,
    name: "by_id",
    columns: &[VIEW_COLUMN],
};

/// The id of each product that is not archived: partition = slug.
pub static BY_SLUG: Table = Table {
    projection: PROJECTION,
    name: "by_slug",
    columns: &[ID_COLUMN],
};

/// The id of the product, if it is not archived, that a SKU is a variant of: partition = SKU.
pub static BY_SKU: Table = Table {
    projection: PROJECTION,
    name: "by_sku",
    columns: &[ID_COLUMN],
};

/// The ids of published products: partition = [`page_partition`], clustering = the order and the id.
pub static CATEGORY_PAGE: Table = Table {
    projection: PROJECTION,
    name: "category_page",
    columns: &[ID_COLUMN],
};

/// For those who run the shop: the ids of all products, those that shoppers do not see included: partition =
/// [`listed_partition`], clustering = slug and id.
pub static LISTED: Table = Table {
    projection: PROJECTION,
    name: "listed",
    columns: &[ID_COLUMN],
};

/// All tables of the projection, the views' first.
pub static TABLES: [&Table; 5] = [&BY_ID, &BY_SLUG, &BY_SKU, &CATEGORY_PAGE, &LISTED];

/// What is shown of a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductView {
    /// Its id.
    pub id: ProductId,
    /// What it says of itself.
    pub description: Description,
    /// In the order they were added.
    pub variants: Vec<VariantView>,
    /// Where it was placed, in that order.
    pub categories: Vec<CategoryId>,
    /// In their order.
    pub images: Vec<ImageView>,
    /// Who may see it.
    pub status: ProductStatus,
    /// When it was drafted.
    pub drafted: Timestamp,
    /// When shoppers saw it first; "newest" goes by it, so that publishing again brings nothing to the front.
    pub first_published: Option<Timestamp>,
    /// How its options read in other languages.
    pub option_texts: Vec<OptionTexts>,
}

/// Who may see a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProductStatus {
    /// Not shoppers: not yet, or not any more.
    Draft,
    /// Everybody.
    Published,
    /// Nobody; orders still name it.
    Archived,
}

/// A way to buy a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariantView {
    /// Its identity.
    pub sku: Sku,
    /// What it is.
    pub facts: VariantFacts,
    /// At most one per currency, in the order they were first set.
    pub prices: Vec<PriceView>,
}

/// What a variant costs in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceView {
    /// Now.
    pub price: Money,
    /// The former price to show beside it.
    pub compare_at: Option<Money>,
}

/// An image of a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageView {
    /// Its id.
    pub id: ImageId,
    /// Where it is.
    pub url: String,
    /// What it shows, in words of the shop's first language; empty once it says so by language.
    pub alt: String,
    /// What it shows, by language.
    pub alts: LocalizedText,
    /// In pixels; 0 when not known.
    pub width: u32,
    /// In pixels; 0 when not known.
    pub height: u32,
}

impl ProductView {
    /// Whether shoppers see it.
    #[must_use]
    pub fn is_published(&self) -> bool {
        self.status == ProductStatus::Published
    }

    /// The variant with this SKU.
    #[must_use]
    pub fn variant(&self, sku: &Sku) -> Option<&VariantView> {
        self.variants.iter().find(|variant| variant.sku == *sku)
    }

    /// The lowest price of its variants in a currency; none when no variant has one.
    #[must_use]
    pub fn lowest_price(&self, currency: Currency) -> Option<Money> {
        self.variants
            .iter()
            .filter_map(|variant| variant.price(currency))
            .map(|price| price.price)
            .min()
    }
}

impl VariantView {
    /// What it costs in a currency.
    #[must_use]
    pub fn price(&self, currency: Currency) -> Option<&PriceView> {
        self.prices.iter().find(|price| price.price.currency == currency)
    }
}

/// The order of a page, read forward.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Sort {
    /// First published last.
    Newest,
    /// The cheapest variant's price in this currency, the lowest first. Products without a price in the
    /// currency cannot be bought in it and are not in the page.
    Price(Currency),
    /// The title in this language, without case and accents. Products without a title in the language are not
    /// in the page: read the language that the shop falls back to for those that it was not asked to speak.
    Title(Locale),
}

/// `newest`, `price:EUR`, `title:en`.
impl fmt::Display for Sort {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Newest => formatter.write_str("newest"),
            Self::Price(currency) => write!(formatter, "price:{currency}"),
            Self::Title(locale) => write!(formatter, "title:{locale}"),
        }
    }
}

/// Where the view of a product is.
#[must_use]
pub fn by_id_key(id: ProductId) -> Key {
    Key::of(id.to_string())
}

/// Where the id of the product with a slug is.
#[must_use]
pub fn by_slug_key(slug: &Slug) -> Key {
    Key::of(slug.to_string())
}

/// The partition of [`LISTED`] of the products that so many may see.
#[must_use]
pub fn listed_partition(status: ProductStatus) -> String {
    let status = match status {
        ProductStatus::Draft => "draft",
        ProductStatus::Published => "published",
        ProductStatus::Archived => "archived",
    };
    status.to_owned()
}

/// Where a product stands in [`LISTED`].
#[must_use]
pub fn listed_clustering(slug: &Slug, id: ProductId) -> Vec<u8> {
    Clustering::new().text(slug.as_str()).id(id.0).into_bytes()
}

/// Where the id of the product with this SKU is.
#[must_use]
pub fn by_sku_key(sku: &Sku) -> Key {
    Key::of(sku.to_string())
}

/// The partition of a page: of a category, or of the whole shop (none). Written `<category or all>/<sort>`.
#[must_use]
pub fn page_partition(category: Option<CategoryId>, sort: &Sort) -> String {
    match category {
        Some(category) => format!("{category}/{sort}"),
        None => format!("all/{sort}"),
    }
}

/// Where a product stands in the pages of [`Sort::Newest`].
#[must_use]
pub fn newest_clustering(first_published: Timestamp, id: ProductId) -> Vec<u8> {
    Clustering::new()
        .integer_descending(first_published.0)
        .id(id.0)
        .into_bytes()
}

/// Where a product stands in the pages of [`Sort::Price`].
#[must_use]
pub fn price_clustering(minor_units: i64, id: ProductId) -> Vec<u8> {
    Clustering::new().integer(minor_units).id(id.0).into_bytes()
}

/// Where a product stands in the pages of [`Sort::Title`].
#[must_use]
pub fn title_clustering(title: &str, id: ProductId) -> Vec<u8> {
    Clustering::new().text(title).id(id.0).into_bytes()
}
