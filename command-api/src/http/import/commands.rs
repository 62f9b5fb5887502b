//! From an import's bodies to commands.

use std::collections::BTreeMap;
use std::fmt::Display;

use domain::Command;
use domain::catalog::product::{Command as ProductCommand, DescriptionChange, ImageChange, OptionValue, VariantChange};
use domain::inventory::item::Command as StockCommand;
use domain::stream::Location;
use domain::value::{
    Currency, ImageId, Locale, LocalizedText, Money, PRODUCT_OPTIONS_MAX, ProductId, SHOP_CURRENCIES_MAX,
    STOCK_QUANTITY_MAX, Sku, Slug, TEXT_LOCALES_MAX, ValueError, check_locale, derived,
};
use uuid::Uuid;

use super::{
    ImportedCategory, ImportedOption, ImportedPrice, ImportedProduct, ImportedTranslation, ImportedVariant,
    OpeningStock, OptionTextsBody,
};

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
    check_limits(body)?;
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
    if !body.option_texts.is_empty() {
        let options = body.option_texts.iter().cloned().map(OptionTextsBody::read);
        commands.push(ProductCommand::ImportOptionTexts {
            options: options.collect(),
        });
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
    let title = |said: &ImportedTranslation| said.title.clone();
    let html = |said: &ImportedTranslation| said.description_html.as_deref().map(ammonia::clean);
    let first = ImportedTranslation {
        title: body.title.clone(),
        description_html: body.description_html.clone(),
    };
    let others = |text: fn(&ImportedTranslation) -> Option<String>| {
        let others = body.translations.iter();
        others.filter_map(move |(locale, said)| Some((locale.clone(), text(said)?)))
    };
    Ok(DescriptionChange {
        slug: parsed(&body.slug, "slug")?,
        title: said(locale, title(&first), others(title)),
        description_html: said(locale, html(&first), others(html)),
        vendor: body.vendor.clone(),
        attributes: body.attributes.clone(),
        tags: body.tags.clone(),
        seo_title: body.seo_title.clone(),
        seo_description: body.seo_description.clone(),
    })
}

/// A text in the shop's first language and in others; none when nothing is said in any.
fn said(
    locale: &str,
    first: Option<String>,
    others: impl IntoIterator<Item = (Locale, String)>,
) -> Option<LocalizedText> {
    let mut texts: BTreeMap<Locale, String> = others.into_iter().collect();
    texts.extend(first.map(|first| (locale.to_owned(), first)));
    (!texts.is_empty()).then_some(LocalizedText(texts))
}

/// What no rule of the domain looks at, because it is gone by then.
fn check_limits(body: &ImportedProduct) -> Result<(), InvalidField> {
    at_most("optionTexts", body.option_texts.len(), PRODUCT_OPTIONS_MAX)?;
    check_languages("translations", body.translations.keys())?;
    let mut images = body.images.iter().enumerate();
    images.try_for_each(|(index, image)| {
        let languages = check_languages("translations", image.translations.keys());
        languages.map_err(|invalid| invalid.within("images", index))
    })
}

fn check_languages<'a>(
    field: &'static str,
    locales: impl ExactSizeIterator<Item = &'a Locale>,
) -> Result<(), InvalidField> {
    at_most(field, locales.len(), TEXT_LOCALES_MAX)?;
    let mut locales = locales.map(|locale| check_locale(locale));
    locales.try_for_each(|checked| checked.map_err(|why| invalid(field, &why)))
}

fn at_most(field: &'static str, count: usize, max: usize) -> Result<(), InvalidField> {
    if count <= max {
        return Ok(());
    }
    Err(invalid(field, &ValueError::TooMany(max)))
}

/// An image's id follows from its address, so an address comes in once.
fn images(product: ProductId, body: &ImportedProduct, locale: &str) -> Vec<ImageChange> {
    let image = |image: &super::ImportedImage| ImageChange {
        id: ImageId::derived(product.0, &image.url),
        url: image.url.clone(),
        alt: said(locale, image.alt.clone(), image.translations.clone()),
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
        prices: prices(variant)?,
    };
    Ok(ProductCommand::ImportVariant {
        sku: parsed(&variant.sku, "sku")?,
        is_made_up: variant.is_sku_made_up,
        change,
    })
}

/// In its own currency and in further ones; the field of a further one is named with its place.
fn prices(variant: &ImportedVariant) -> Result<Vec<(Money, Option<Money>)>, InvalidField> {
    at_most("prices", variant.prices.len(), SHOP_CURRENCIES_MAX)?;
    let own = variant.price.iter().map(price);
    let further = variant.prices.iter().enumerate().map(|(index, further)| {
        price(further).map_err(|invalid| InvalidField {
            field: invalid.field.replacen("price", &format!("prices[{index}]"), 1),
            ..invalid
        })
    });
    own.chain(further).collect()
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
