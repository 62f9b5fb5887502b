//! What a product may say of itself.

use std::collections::BTreeSet;

use super::{Description, Image, Listing, OptionTexts, OptionValue, Rejection, Variant, VariantFacts};
use crate::Reference;
use crate::value::{
    AMOUNT_MINOR_MAX, ATTRIBUTE_CHARS_MAX, CODE_CHARS_MAX, DESCRIPTION_BYTES_MAX, LocalizedText, Money,
    PRODUCT_ATTRIBUTES_MAX, PRODUCT_OPTIONS_MAX, PRODUCT_TAGS_MAX, SEO_DESCRIPTION_CHARS_MAX, Sku, TITLE_CHARS_MAX,
    URL_CHARS_MAX, ValueError, WEIGHT_GRAMS_MAX, check_locales, check_range, check_set, check_text, check_title,
};

/// Blames a field for what is wrong with its value.
fn blame(field: &'static str) -> impl Fn(ValueError) -> Rejection {
    move |why| Rejection::Value { field, why }
}

pub(super) fn description(description: &Description) -> Result<(), Rejection> {
    check_title(&description.title, TITLE_CHARS_MAX).map_err(blame("title"))?;
    check_locales(&description.description_html).map_err(blame("description_html"))?;
    let too_long = |html: &&String| html.len() > DESCRIPTION_BYTES_MAX;
    if description.description_html.0.values().find(too_long).is_some() {
        return Err(blame("description_html")(ValueError::TooLong(DESCRIPTION_BYTES_MAX)));
    }
    check_text(&description.vendor, 0, TITLE_CHARS_MAX).map_err(blame("vendor"))?;
    check_attributes(description).map_err(blame("attributes"))?;
    check_tags(&description.tags).map_err(blame("tags"))?;
    check_text(&description.seo_title, 0, TITLE_CHARS_MAX).map_err(blame("seo_title"))?;
    check_text(&description.seo_description, 0, SEO_DESCRIPTION_CHARS_MAX).map_err(blame("seo_description"))
}

fn check_attributes(description: &Description) -> Result<(), ValueError> {
    if description.attributes.len() > PRODUCT_ATTRIBUTES_MAX {
        return Err(ValueError::TooMany(PRODUCT_ATTRIBUTES_MAX));
    }
    for (name, value) in &description.attributes {
        check_text(name, 1, ATTRIBUTE_CHARS_MAX)?;
        check_text(value, 0, ATTRIBUTE_CHARS_MAX)?;
    }
    Ok(())
}

fn check_tags(tags: &[String]) -> Result<(), ValueError> {
    check_set(tags, PRODUCT_TAGS_MAX)?;
    tags.iter().try_for_each(|tag| check_text(tag, 1, ATTRIBUTE_CHARS_MAX))
}

/// Whether `facts` can be those of the variant `sku` beside the listing's other variants.
pub(super) fn facts(
    sku: &Sku,
    facts: &VariantFacts,
    listing: &Listing,
    reference: &dyn Reference,
) -> Result<(), Rejection> {
    check_options(&facts.options).map_err(blame("options"))?;
    check_text(&facts.barcode, 0, CODE_CHARS_MAX).map_err(blame("barcode"))?;
    check_range(i64::from(facts.weight_grams), 0, i64::from(WEIGHT_GRAMS_MAX)).map_err(blame("weight_grams"))?;
    let is_class = |class: &str| {
        let rates = &reference.settings().tax_rates;
        rates.iter().any(|rate| rate.tax_class == class)
    };
    if !is_class(&facts.tax_class) {
        return Err(blame("tax_class")(ValueError::Unknown));
    }
    if facts.image.is_some_and(|image| listing.image(image).is_none()) {
        return Err(Rejection::ImageAbsent);
    }
    let others = || listing.variants.iter().filter(|other| other.sku != *sku);
    if others().any(|other| !same_dimensions(&other.facts.options, &facts.options)) {
        return Err(Rejection::OptionsDiffer);
    }
    let same_choice = |other: &&Variant| other.facts.options == facts.options;
    match others().find(same_choice) {
        Some(other) => Err(Rejection::OptionsTaken(other.sku.clone())),
        None => Ok(()),
    }
}

fn check_options(options: &[OptionValue]) -> Result<(), ValueError> {
    check_set(options.iter().map(|option| &option.name), PRODUCT_OPTIONS_MAX)?;
    for OptionValue { name, value } in options {
        check_text(name, 1, ATTRIBUTE_CHARS_MAX)?;
        check_text(value, 1, ATTRIBUTE_CHARS_MAX)?;
    }
    Ok(())
}

fn same_dimensions(some: &[OptionValue], others: &[OptionValue]) -> bool {
    some.iter()
        .map(|option| &option.name)
        .eq(others.iter().map(|option| &option.name))
}

pub(super) fn price(price: Money, compare_at: Option<Money>) -> Result<(), Rejection> {
    check_range(price.amount, 0, AMOUNT_MINOR_MAX).map_err(blame("price"))?;
    let Some(compare_at) = compare_at else {
        return Ok(());
    };
    check_range(compare_at.amount, 0, AMOUNT_MINOR_MAX).map_err(blame("compare_at"))?;
    if compare_at.currency == price.currency {
        Ok(())
    } else {
        Err(blame("compare_at")(ValueError::Currency))
    }
}

pub(super) fn image(image: &Image) -> Result<(), Rejection> {
    check_address(&image.url).map_err(blame("url"))?;
    check_text(&image.alt, 0, SEO_DESCRIPTION_CHARS_MAX).map_err(blame("alt"))?;
    alt(&image.alts)
}

/// What an image shows, in words.
pub(super) fn alt(alt: &LocalizedText) -> Result<(), Rejection> {
    check_locales(alt).map_err(blame("alt"))?;
    let mut texts = alt.0.values();
    texts.try_for_each(|text| check_text(text, 0, SEO_DESCRIPTION_CHARS_MAX).map_err(blame("alt")))
}

/// How options read in other languages: only those that the variants have.
pub(super) fn option_texts(options: &[OptionTexts], listing: &Listing) -> Result<(), Rejection> {
    check_set(options.iter().map(|option| &option.name), PRODUCT_OPTIONS_MAX).map_err(blame("options"))?;
    for option in options {
        let chosen = || listing.variants.iter().flat_map(|variant| &variant.facts.options);
        let mut choices = chosen().filter(|known| known.name == option.name).peekable();
        if choices.peek().is_none() {
            return Err(blame("options.name")(ValueError::Unknown));
        }
        let choices: BTreeSet<&str> = choices.map(|known| known.value.as_str()).collect();
        if option.values.keys().any(|value| !choices.contains(value.as_str())) {
            return Err(blame("options.values")(ValueError::Unknown));
        }
        let texts = std::iter::once(&option.texts).chain(option.values.values());
        for text in texts {
            check_locales(text).map_err(blame("options"))?;
            let mut words = text.0.values();
            words.try_for_each(|words| check_text(words, 1, ATTRIBUTE_CHARS_MAX).map_err(blame("options")))?;
        }
    }
    Ok(())
}

/// An address in the web, or a path of this server: never a script, a file or a `//` to somewhere else.
fn check_address(url: &str) -> Result<(), ValueError> {
    check_text(url, 1, URL_CHARS_MAX)?;
    let is_path = url.starts_with('/') && !url.starts_with("//") && !url.starts_with("/\\");
    let has_host = ["http://", "https://"].iter().any(|scheme| {
        let rest = url.strip_prefix(scheme);
        rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
    });
    let is_blank = |character: char| character.is_whitespace() || "<>\"".contains(character);
    if (is_path || has_host) && !url.contains(is_blank) {
        Ok(())
    } else {
        Err(ValueError::Address)
    }
}
