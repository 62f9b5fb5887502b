//! Texts that are longer than a shop takes.

use std::collections::BTreeMap;

use command_api::http::import::{ImportedCategory, ImportedProduct};
use domain::value::{ATTRIBUTE_CHARS_MAX, DESCRIPTION_BYTES_MAX, Locale, SEO_DESCRIPTION_CHARS_MAX, TITLE_CHARS_MAX};

use super::read::{ReadProduct, Reading};
use super::report::{Notice, Refusal};

/// Refuses products whose title, description or choices are too long, and leaves out other texts that are.
pub(super) fn fit(reading: &mut Reading) {
    let Reading {
        products,
        refusals,
        notices,
        ..
    } = reading;
    products.retain_mut(|read| {
        if let Err(refusal) = check(read) {
            refusals.push(refusal);
            return false;
        }
        let line = read.line;
        notices.extend(left_out(&mut read.product).into_iter().map(|(name, max)| Notice {
            line,
            code: "text.left_out",
            what: format!("{name} stays out: it has more than {max}"),
        }));
        true
    });
}

fn check(read: &ReadProduct) -> Result<(), Refusal> {
    let refuse = |code: &str, reason: String| Err(Refusal::new(read.line, code, reason));
    let product = &read.product;
    if is_longer(product.title.as_deref(), TITLE_CHARS_MAX) {
        return refuse(
            "title.too_long",
            format!("a title has at most {TITLE_CHARS_MAX} characters"),
        );
    }
    let description = product.description_html.as_ref();
    if description.is_some_and(|html| html.len() > DESCRIPTION_BYTES_MAX) {
        let reason = format!("a description has at most {DESCRIPTION_BYTES_MAX} bytes");
        return refuse("description.too_long", reason);
    }
    for variant in &product.variants {
        let mut texts = variant
            .options
            .iter()
            .flatten()
            .flat_map(|option| [&option.name, &option.value]);
        if texts.any(|text| is_longer(Some(text), ATTRIBUTE_CHARS_MAX)) {
            let reason = format!(
                "a choice of {:?} has more than {ATTRIBUTE_CHARS_MAX} characters",
                variant.sku
            );
            return refuse("option.too_long", reason);
        }
    }
    Ok(())
}

/// Takes out what is too long and can be missing: what it was, and how much it may have.
fn left_out(product: &mut ImportedProduct) -> Vec<(&'static str, String)> {
    let mut left_out = Vec::new();
    let mut limit = |name, text: &mut Option<String>, chars_max| {
        if is_longer(text.as_deref(), chars_max) {
            *text = None;
            left_out.push((name, characters(chars_max)));
        }
    };
    limit("the vendor", &mut product.vendor, TITLE_CHARS_MAX);
    limit("the title for search engines", &mut product.seo_title, TITLE_CHARS_MAX);
    let description = &mut product.seo_description;
    limit(
        "the description for search engines",
        description,
        SEO_DESCRIPTION_CHARS_MAX,
    );
    for image in &mut product.images {
        limit("an image's words", &mut image.alt, SEO_DESCRIPTION_CHARS_MAX);
    }
    left_out.extend(left_out_elsewhere(product));
    let before = product.categories.len();
    product.categories.retain(|category| !has_long_name(category));
    let categories = before - product.categories.len();
    let long = ("a category", characters(TITLE_CHARS_MAX));
    left_out.extend(std::iter::repeat_n(long, categories));
    left_out
}

/// The same for what is said in other languages.
fn left_out_elsewhere(product: &mut ImportedProduct) -> Vec<(&'static str, String)> {
    let mut left_out = Vec::new();
    for said in product.translations.values_mut() {
        if is_longer(said.title.as_deref(), TITLE_CHARS_MAX) {
            said.title = None;
            left_out.push(("the title in another language", characters(TITLE_CHARS_MAX)));
        }
        let html = said.description_html.as_ref().map_or(0, String::len);
        if html > DESCRIPTION_BYTES_MAX {
            said.description_html = None;
            let max = format!("{DESCRIPTION_BYTES_MAX} bytes");
            left_out.push(("the description in another language", max));
        }
    }
    for image in &mut product.images {
        left_out.extend(shorter(&mut image.translations, SEO_DESCRIPTION_CHARS_MAX));
    }
    for option in &mut product.option_texts {
        let values = option.values.values_mut();
        let texts = std::iter::once(&mut option.texts).chain(values);
        left_out.extend(texts.flat_map(|texts| shorter(texts, ATTRIBUTE_CHARS_MAX)));
    }
    left_out
}

/// Leaves out what is too long in another language.
fn shorter(texts: &mut BTreeMap<Locale, String>, chars_max: usize) -> Vec<(&'static str, String)> {
    let before = texts.len();
    texts.retain(|_, text| text.chars().count() <= chars_max);
    let long = ("a text in another language", characters(chars_max));
    vec![long; before - texts.len()]
}

/// How much a text may have.
fn characters(chars_max: usize) -> String {
    format!("{chars_max} characters")
}

fn has_long_name(category: &ImportedCategory) -> bool {
    let parents = category.parents.iter().flat_map(|parent| [&parent.slug, &parent.name]);
    let mut names = parents.chain([&category.slug, &category.name]);
    names.any(|name| is_longer(Some(name), TITLE_CHARS_MAX))
}

fn is_longer(text: Option<&str>, chars_max: usize) -> bool {
    text.is_some_and(|text| text.chars().count() > chars_max)
}
