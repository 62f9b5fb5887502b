//! What an import sends: a whole product, and its opening stock. One product is one atomic commit, and sending
//! it again changes nothing, because its id follows from its handle and every command says what is to be so.

use domain::Command;
use domain::catalog::product::{Command as ProductCommand, Description, OptionValue, VariantFacts};
use domain::inventory::item::Command as StockCommand;
use domain::stream::Location;
use domain::value::{
    Attributes, Currency, ImageId, LocalizedText, Money, ProductId, STOCK_QUANTITY_MAX, Sku, Slug, derived,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Namespace of products that came with a handle: a product's id is v5(this, handle).
const HANDLES: Uuid = Uuid::from_u128(0x5b0c_8f6e_3a57_4c1d_9e42_70d1_66b3_a981);

/// A whole product, as `PUT /v1/imports/products/{handle}` takes it. Texts are in the shop's first language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ImportedProduct {
    /// Unique among products: `a-z`, `0-9` and single hyphens.
    pub slug: String,
    /// What shoppers read first.
    pub title: String,
    /// Its description; what is not harmless is taken out.
    #[serde(default)]
    pub description_html: String,
    /// Who makes it.
    #[serde(default)]
    pub vendor: String,
    /// Labels.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Title for search engines; empty: the title.
    #[serde(default)]
    pub seo_title: String,
    /// Description for search engines.
    #[serde(default)]
    pub seo_description: String,
    /// Where it is found; a category that does not exist is opened at the top of the tree.
    #[serde(default)]
    pub categories: Vec<ImportedCategory>,
    /// What it looks like, the first image first. An image whose address is known stays as it is.
    #[serde(default)]
    pub images: Vec<ImportedImage>,
    /// The ways in which it can be bought. A variant that is not named here stays as it is.
    pub variants: Vec<ImportedVariant>,
    /// Whether shoppers see it.
    pub published: bool,
}

/// A category by its slug.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ImportedCategory {
    /// Unique among categories.
    pub slug: String,
    /// What shoppers read, should it have to be opened.
    pub name: String,
}

/// An image by its address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ImportedImage {
    /// http, https or an absolute path of this server.
    pub url: String,
    /// What it shows, in words.
    #[serde(default)]
    pub alt: String,
}

/// One way in which a product can be bought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ImportedVariant {
    /// Its identity for ever.
    pub sku: String,
    /// Its choices, one in each of the product's dimensions, in the same order in all variants.
    #[serde(default)]
    pub options: Vec<ImportedOption>,
    /// GTIN, EAN, UPC; empty when it has none.
    #[serde(default)]
    pub barcode: String,
    /// Weight with packing, in grams.
    #[serde(default)]
    pub weight_grams: u32,
    /// Whether it goes by parcel.
    pub requires_shipping: bool,
    /// Key of the shop's tax rates.
    pub tax_class: String,
    /// Whether its pieces are counted.
    pub tracks_stock: bool,
    /// The address of the image that shows it, one of the product's.
    #[serde(default)]
    pub image: Option<String>,
    /// What it costs.
    pub price: ImportedPrice,
}

/// One choice: Size = M.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ImportedOption {
    /// The dimension.
    pub name: String,
    /// The choice in it.
    pub value: String,
}

/// A price and the former price beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ImportedPrice {
    /// In the currency's main unit: `12.90`.
    pub amount: String,
    /// The former price.
    #[serde(default)]
    pub compare_at: Option<String>,
    /// ISO 4217.
    pub currency: String,
}

/// A field whose text cannot be the value it is meant to be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {why}")]
pub(crate) struct InvalidField {
    /// Where it stands: `variants[0].price.amount`.
    pub(crate) field: String,
    /// What is wrong with it.
    pub(crate) why: String,
}

impl InvalidField {
    fn within(self, list: &str, index: usize) -> Self {
        let field = format!("{list}[{index}].{}", self.field);
        Self { field, ..self }
    }
}

/// What there is of a SKU before anything was sold, as `PUT /v1/imports/stock/{sku}` takes it: it opens the
/// ledger of a SKU that has none, and changes no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct OpeningStock {
    /// Pieces.
    pub quantity: i64,
    /// Whether it may be sold when there is none left.
    #[serde(default)]
    pub backorder: bool,
}

/// The product that came with a handle.
pub(crate) fn product_id(handle: &str) -> ProductId {
    ProductId(derived(HANDLES, handle))
}

/// What lets the product be what the import says, in this order, all or nothing.
pub(crate) fn product_commands(
    handle: &str,
    body: &ImportedProduct,
    locale: &str,
) -> Result<Vec<Command>, InvalidField> {
    let id = product_id(handle);
    let mut commands = vec![ProductCommand::Import {
        description: description(body, locale)?,
    }];
    commands.extend(body.images.iter().map(|image| add_image(id, image)));
    for (index, variant) in body.variants.iter().enumerate() {
        commands.extend(variant_commands(id, variant).map_err(|invalid| invalid.within("variants", index))?);
    }
    for (index, category) in body.categories.iter().enumerate() {
        let slug = parsed(&category.slug, "slug").map_err(|invalid| invalid.within("categories", index))?;
        let name = LocalizedText::of(locale, &category.name);
        commands.push(ProductCommand::ImportIntoCategory { slug, name });
    }
    commands.push(if body.published {
        ProductCommand::Publish
    } else {
        ProductCommand::Unpublish
    });
    Ok(commands
        .into_iter()
        .map(|command| Command::Product(id, command))
        .collect())
}

/// What opens the ledger of a SKU.
pub(crate) fn stock_command(sku: Sku, body: OpeningStock) -> Command {
    let open = StockCommand::Open {
        quantity: body.quantity,
        backorder_limit: if body.backorder { STOCK_QUANTITY_MAX } else { 0 },
    };
    Command::StockItem(sku, Location::default(), open)
}

fn description(body: &ImportedProduct, locale: &str) -> Result<Description, InvalidField> {
    let slug: Slug = parsed(&body.slug, "slug")?;
    let html = ammonia::clean(&body.description_html);
    let description_html = if html.is_empty() {
        LocalizedText::default()
    } else {
        LocalizedText::of(locale, &html)
    };
    Ok(Description {
        slug,
        title: LocalizedText::of(locale, &body.title),
        description_html,
        vendor: body.vendor.clone(),
        attributes: Attributes::new(),
        tags: body.tags.clone(),
        seo_title: body.seo_title.clone(),
        seo_description: body.seo_description.clone(),
    })
}

/// An image's id follows from its address, so an address comes in once.
fn image_id(product: ProductId, url: &str) -> ImageId {
    ImageId::derived(product.0, url)
}

fn add_image(product: ProductId, image: &ImportedImage) -> ProductCommand {
    ProductCommand::AddImage {
        image: image_id(product, &image.url),
        url: image.url.clone(),
        alt: image.alt.clone(),
        width: 0,
        height: 0,
    }
}

fn variant_commands(product: ProductId, variant: &ImportedVariant) -> Result<[ProductCommand; 2], InvalidField> {
    let sku: Sku = parsed(&variant.sku, "sku")?;
    let currency: Currency = parsed(&variant.price.currency, "price.currency")?;
    let price = money(&variant.price.amount, currency, "price.amount")?;
    let compare_at = match &variant.price.compare_at {
        Some(text) => Some(money(text, currency, "price.compareAt")?),
        None => None,
    };
    let option = |option: &ImportedOption| OptionValue {
        name: option.name.clone(),
        value: option.value.clone(),
    };
    let facts = VariantFacts {
        options: variant.options.iter().map(option).collect(),
        barcode: variant.barcode.clone(),
        weight_grams: variant.weight_grams,
        requires_shipping: variant.requires_shipping,
        tax_class: variant.tax_class.clone(),
        tracks_stock: variant.tracks_stock,
        image: variant.image.as_deref().map(|url| image_id(product, url)),
    };
    Ok([
        ProductCommand::ImportVariant {
            sku: sku.clone(),
            facts,
        },
        ProductCommand::SetPrice { sku, price, compare_at },
    ])
}

fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str, field: &'static str) -> Result<T, InvalidField> {
    text.parse().map_err(|why| invalid(field, &why))
}

fn money(text: &str, currency: Currency, field: &'static str) -> Result<Money, InvalidField> {
    Money::from_decimal(text, currency).map_err(|why| invalid(field, &why))
}

fn invalid(field: &'static str, why: &dyn std::fmt::Display) -> InvalidField {
    InvalidField {
        field: field.to_owned(),
        why: why.to_string(),
    }
}

#[cfg(test)]
mod tests;
