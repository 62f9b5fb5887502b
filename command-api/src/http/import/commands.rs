//! From an import's bodies to commands.

use std::fmt::Display;

use domain::Command;
use domain::catalog::product::{Command as ProductCommand, DescriptionChange, ImageChange, OptionValue, VariantChange};
use domain::inventory::item::Command as StockCommand;
use domain::stream::Location;
use domain::value::{Currency, ImageId, LocalizedText, Money, ProductId, STOCK_QUANTITY_MAX, Sku, Slug, derived};
use uuid::Uuid;

use super::{ImportedCategory, ImportedOption, ImportedPrice, ImportedProduct, ImportedVariant, OpeningStock};

/// Namespace of products that came with a handle: a product's id is v5(this, handle).
const HANDLES: Uuid = Uuid::from_u128(0x5b0c_8f6e_3a57_4c1d_9e42_70d1_66b3_a981);

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

/// The product that came with a handle.
pub(crate) fn product_id(handle: &str) -> ProductId {
    ProductId(derived(HANDLES, handle))
}

/// What lets the product `id` be what the import says, in this order, all or nothing.
pub(crate) fn product_commands(
    id: ProductId,
    body: &ImportedProduct,
    locale: &str,
) -> Result<Vec<Command>, InvalidField> {
    let change = description_change(body, locale)?;
    let mut commands = vec![ProductCommand::Import { change }];
    if !body.images.is_empty() {
        commands.push(ProductCommand::ImportImages {
            images: images(id, body, locale),
        });
    }
    for (index, variant) in body.variants.iter().enumerate() {
        commands.push(variant_command(variant).map_err(|invalid| invalid.within("variants", index))?);
    }
    for (index, category) in body.categories.iter().enumerate() {
        let path = category_path(category, locale).map_err(|invalid| invalid.within("categories", index))?;
        commands.push(ProductCommand::ImportIntoCategory { path });
    }
    commands.extend(match body.published {
        Some(true) => Some(ProductCommand::Publish),
        Some(false) => Some(ProductCommand::Unpublish),
        None => None,
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

fn description_change(body: &ImportedProduct, locale: &str) -> Result<DescriptionChange, InvalidField> {
    let said = |text: &Option<String>| text.as_deref().map(|text| LocalizedText::of(locale, text));
    let html = body.description_html.as_deref().map(ammonia::clean);
    Ok(DescriptionChange {
        slug: parsed(&body.slug, "slug")?,
        title: said(&body.title),
        description_html: said(&html),
        vendor: body.vendor.clone(),
        attributes: body.attributes.clone(),
        tags: body.tags.clone(),
        seo_title: body.seo_title.clone(),
        seo_description: body.seo_description.clone(),
    })
}

/// An image's id follows from its address, so an address comes in once.
fn images(product: ProductId, body: &ImportedProduct, locale: &str) -> Vec<ImageChange> {
    let image = |image: &super::ImportedImage| ImageChange {
        id: ImageId::derived(product.0, &image.url),
        url: image.url.clone(),
        alt: image.alt.as_deref().map(|text| LocalizedText::of(locale, text)),
    };
    body.images.iter().map(image).collect()
}

fn category_path(category: &ImportedCategory, locale: &str) -> Result<Vec<(Slug, LocalizedText)>, InvalidField> {
    let parents = category.parents.iter().map(|parent| (&parent.slug, &parent.name));
    let path = parents.chain([(&category.slug, &category.name)]);
    path.map(|(slug, name)| Ok((parsed(slug, "slug")?, LocalizedText::of(locale, name))))
        .collect()
}

fn variant_command(variant: &ImportedVariant) -> Result<ProductCommand, InvalidField> {
    let option = |option: &ImportedOption| OptionValue {
        name: option.name.clone(),
        value: option.value.clone(),
    };
    let options = variant.options.as_ref();
    let change = VariantChange {
        options: options.map(|options| options.iter().map(option).collect()),
        barcode: variant.barcode.clone(),
        weight_grams: variant.weight_grams,
        requires_shipping: variant.requires_shipping,
        tax_class: variant.tax_class.clone(),
        tracks_stock: variant.tracks_stock,
        image: variant.image.clone(),
        price: variant.price.as_ref().map(price).transpose()?,
    };
    Ok(ProductCommand::ImportVariant {
        sku: parsed(&variant.sku, "sku")?,
        is_made_up: variant.is_sku_made_up,
        change,
    })
}

fn price(price: &ImportedPrice) -> Result<(Money, Option<Money>), InvalidField> {
    let currency: Currency = parsed(&price.currency, "price.currency")?;
    let former = price.compare_at.as_deref();
    let former = former.map(|text| money(text, currency, "price.compareAt"));
    Ok((money(&price.amount, currency, "price.amount")?, former.transpose()?))
}

fn parsed<T: std::str::FromStr<Err: Display>>(text: &str, field: &'static str) -> Result<T, InvalidField> {
    text.parse().map_err(|why| invalid(field, &why))
}

fn money(text: &str, currency: Currency, field: &'static str) -> Result<Money, InvalidField> {
    Money::from_decimal(text, currency).map_err(|why| invalid(field, &why))
}

fn invalid(field: &'static str, why: &dyn Display) -> InvalidField {
    InvalidField {
        field: field.to_owned(),
        why: why.to_string(),
    }
}
