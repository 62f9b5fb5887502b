//! What an import sends: a whole product, and its opening stock. One product is one atomic commit, and sending
//! it again changes nothing, because its id follows from its handle and every command says what is to be so.

mod commands;

use std::collections::BTreeMap;

pub(crate) use commands::{InvalidField, product_commands, product_id, stock_command};
use domain::catalog::product::OptionTexts;
use domain::value::{
    ATTRIBUTE_CHARS_MAX, Attributes, CODE_CHARS_MAX, DESCRIPTION_BYTES_MAX, Locale, LocalizedText,
    PRODUCT_ATTRIBUTES_MAX, PRODUCT_CATEGORIES_MAX, PRODUCT_IMAGES_MAX, PRODUCT_OPTIONS_MAX, PRODUCT_VARIANTS_MAX,
    SEO_DESCRIPTION_CHARS_MAX, SHOP_CURRENCIES_MAX, STOCK_QUANTITY_MAX, TITLE_CHARS_MAX, WEIGHT_GRAMS_MAX,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::http::openapi::form;

/// A product, as `PUT /v1/imports/products/{handle}` takes it. What is left out or null stays as it is; a product or
/// a variant that is new gets nothing there. Texts are in the shop's first language, but for those that
/// name theirs; in languages that are not named they stay.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
#[schemars(extend("required" = ["slug"]))]
pub struct ImportedProduct {
    /// Unique among products: `a-z`, `0-9` and single hyphens.
    #[schemars(with = "form::Slug")]
    pub slug: String,
    /// What shoppers read first; a new product needs one.
    #[schemars(with = "Option<form::Line<0, TITLE_CHARS_MAX>>")]
    pub title: Option<String>,
    /// Its description; what is not harmless is taken out.
    #[schemars(length(max = DESCRIPTION_BYTES_MAX))]
    pub description_html: Option<String>,
    /// Who makes it.
    #[schemars(with = "Option<form::Line<0, TITLE_CHARS_MAX>>")]
    pub vendor: Option<String>,
    /// Free facts; those that are not named here stay as they are.
    #[schemars(with = "form::Facts<PRODUCT_ATTRIBUTES_MAX>")]
    pub attributes: Attributes,
    /// All its labels.
    #[schemars(with = "Option<form::Tags>")]
    pub tags: Option<Vec<String>>,
    /// Title for search engines; empty: the title.
    #[schemars(with = "Option<form::Line<0, TITLE_CHARS_MAX>>")]
    pub seo_title: Option<String>,
    /// Description for search engines.
    #[schemars(with = "Option<form::Line<0, SEO_DESCRIPTION_CHARS_MAX>>")]
    pub seo_description: Option<String>,
    /// Where it is found; it stays in all others.
    #[schemars(length(max = PRODUCT_CATEGORIES_MAX))]
    pub categories: Vec<ImportedCategory>,
    /// What it says in other languages than the shop's first; in those that are not named it says what it did.
    #[schemars(with = "form::ByLocale<ImportedTranslation>")]
    pub translations: BTreeMap<Locale, ImportedTranslation>,
    /// How its options read in other languages; in those that are not named they read as they did.
    #[schemars(length(max = PRODUCT_OPTIONS_MAX))]
    pub option_texts: Vec<OptionTextsBody>,
    /// What it looks like, the first image first. An image whose address is known stays as it is, but for
    /// its words and its place among those that are named here.
    #[schemars(length(max = PRODUCT_IMAGES_MAX))]
    pub images: Vec<ImportedImage>,
    /// The ways in which it can be bought. A variant that is not named here stays as it is.
    #[schemars(length(max = PRODUCT_VARIANTS_MAX))]
    pub variants: Vec<ImportedVariant>,
    /// Whether shoppers see it.
    pub published: Option<bool>,
    /// Whether shoppers see it when nothing is said of that and it is new; it has to have a price then.
    pub published_when_new: bool,
}

/// What a product says in another language. What is left out or null stays as it is; what is empty is said no more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct ImportedTranslation {
    /// What shoppers read first.
    #[schemars(with = "Option<form::Line<0, TITLE_CHARS_MAX>>")]
    pub title: Option<String>,
    /// Its description; what is not harmless is taken out.
    #[schemars(length(max = DESCRIPTION_BYTES_MAX))]
    pub description_html: Option<String>,
}

/// How an option and its choices read in other languages than the one that variants are written in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OptionTextsBody {
    /// The dimension, as the variants have it.
    pub name: String,
    /// How it reads, by language.
    #[serde(default)]
    pub texts: BTreeMap<Locale, String>,
    /// How its choices read, by language, each under its name in the variants.
    #[serde(default)]
    pub values: BTreeMap<String, BTreeMap<Locale, String>>,
}

impl OptionTextsBody {
    pub(crate) fn read(self) -> OptionTexts {
        let values = self.values.into_iter();
        OptionTexts {
            name: self.name,
            texts: LocalizedText(self.texts),
            values: values.map(|(value, texts)| (value, LocalizedText(texts))).collect(),
        }
    }
}

/// A category by its slug. Where it hangs matters only when it has to be opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ImportedCategory {
    /// Unique among categories.
    #[schemars(with = "form::Slug")]
    pub slug: String,
    /// What shoppers read, should it have to be opened.
    #[schemars(with = "form::Line<1, TITLE_CHARS_MAX>")]
    pub name: String,
    /// The categories above it, from the top of the tree; opened as well when they are not there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parents: Vec<ImportedParent>,
}

/// A category above another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ImportedParent {
    /// Unique among categories.
    #[schemars(with = "form::Slug")]
    pub slug: String,
    /// What shoppers read, should it have to be opened.
    #[schemars(with = "form::Line<1, TITLE_CHARS_MAX>")]
    pub name: String,
}

/// An image by its address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ImportedImage {
    /// http, https or an absolute path of this server.
    #[schemars(with = "form::ImageUrl")]
    pub url: String,
    /// What it shows, in words of the shop's first language; what is left out or null stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<form::Line<0, SEO_DESCRIPTION_CHARS_MAX>>")]
    pub alt: Option<String>,
    /// What it shows, in words of other languages; in those that are not named it says what it did.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "form::ByLocale<form::Line<0, SEO_DESCRIPTION_CHARS_MAX>>")]
    pub translations: BTreeMap<Locale, String>,
}

/// One way in which a product can be bought. What is left out or null stays as it is; of a variant that is new it is
/// nothing, goes by parcel, is taxed as most things are, and its pieces are not counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
#[schemars(extend("required" = ["sku"]))]
pub struct ImportedVariant {
    /// Its identity for ever.
    #[schemars(with = "form::Sku")]
    pub sku: String,
    /// Whether the SKU was made up, because the source has none: then a variant with the same choices is meant,
    /// whatever its SKU.
    pub is_sku_made_up: bool,
    /// Its choices, one in each of the product's dimensions, in the same order in all variants.
    #[schemars(length(max = PRODUCT_OPTIONS_MAX))]
    pub options: Option<Vec<ImportedOption>>,
    /// GTIN, EAN, UPC; empty when it has none.
    #[schemars(with = "Option<form::Line<0, CODE_CHARS_MAX>>")]
    pub barcode: Option<String>,
    /// Weight with packing, in grams.
    #[schemars(range(max = WEIGHT_GRAMS_MAX))]
    pub weight_grams: Option<u32>,
    /// Whether it goes by parcel.
    pub requires_shipping: Option<bool>,
    /// Key of the shop's tax rates.
    pub tax_class: Option<String>,
    /// Whether its pieces are counted.
    pub tracks_stock: Option<bool>,
    /// The address of the image that shows it, one of the product's.
    pub image: Option<String>,
    /// What it costs.
    pub price: Option<ImportedPrice>,
    /// What it costs in further currencies; in those that are not named it costs what it did.
    #[schemars(length(max = SHOP_CURRENCIES_MAX))]
    pub prices: Vec<ImportedPrice>,
}

/// One choice: Size = M.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ImportedOption {
    /// The dimension.
    #[schemars(with = "form::Line<1, ATTRIBUTE_CHARS_MAX>")]
    pub name: String,
    /// The choice in it.
    #[schemars(with = "form::Line<1, ATTRIBUTE_CHARS_MAX>")]
    pub value: String,
}

/// A price and the former price beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(with = "form::Price")]
pub struct ImportedPrice {
    /// In the currency's main unit: `12.90`.
    pub amount: String,
    /// The former price.
    #[serde(default)]
    pub compare_at: Option<String>,
    /// ISO 4217.
    pub currency: String,
}

/// What there is of a SKU before anything was sold, as `PUT /v1/imports/stock/{sku}` takes it: it opens the
/// ledger of a SKU that has none, and changes no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct OpeningStock {
    /// Pieces.
    #[schemars(range(min = 0, max = STOCK_QUANTITY_MAX))]
    pub quantity: i64,
    /// Whether it may be sold when there is none left.
    #[serde(default)]
    pub backorder: bool,
}

/// What was counted of a SKU at a location, as `PUT /v1/imports/stock/{sku}/count` takes it: it lies there from now on,
/// whatever the ledger said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CountedStock {
    /// Pieces on the shelf.
    #[schemars(range(min = 0, max = STOCK_QUANTITY_MAX))]
    pub on_hand: i64,
    /// What was believed to be there before it was counted: refused when it is something else, unless it is what was
    /// counted already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = STOCK_QUANTITY_MAX))]
    pub expected: Option<i64>,
    /// `main` unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<form::Slug>")]
    pub location: Option<String>,
}

#[cfg(test)]
mod tests;
