//! What the index holds of a product: a pure function of its view.

use std::collections::{BTreeMap, BTreeSet};

use domain::value::{Currency, LocalizedText};
use read_store::model::Clustering;
use read_store::model::product::ProductView;

use crate::words::{folded, text_of_html, vocabulary};

/// The facet of the categories that a product was placed in; its labels are their UUIDs.
pub(crate) const CATEGORY: &str = "category";
/// The facet of vendors.
pub(crate) const VENDOR: &str = "vendor";
/// The facet of tags.
pub(crate) const TAG: &str = "tag";
/// What the facets of options begin with: `option:Size`.
pub(crate) const OPTION: &str = "option:";
/// What the facets of attributes begin with: `attribute:Material`.
pub(crate) const ATTRIBUTE: &str = "attribute:";

/// The columns of the full-text table with what a hit in each is worth.
pub(crate) const TEXT_COLUMNS: [(&str, f64); 7] = [
    ("title", 10.0),
    ("sku", 8.0),
    ("vendor", 4.0),
    ("tags", 4.0),
    ("options", 2.0),
    ("attributes", 1.0),
    ("description", 1.0),
];

/// What the index holds of a product that shoppers see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Document {
    /// When shoppers saw it first, in milliseconds, negative: the newest is the least.
    pub(crate) newest: i64,
    /// Folded, in the order of [`TEXT_COLUMNS`]; all languages together, so that each finds it.
    pub(crate) texts: [String; TEXT_COLUMNS.len()],
    /// What it can be filtered by: (facet, label).
    pub(crate) values: BTreeSet<(String, String)>,
    /// What its variants cost, in minor units of each currency.
    pub(crate) prices: BTreeMap<Currency, BTreeSet<i64>>,
    /// Where it stands by title, in each language.
    pub(crate) titles: BTreeMap<String, Vec<u8>>,
    /// The words that suggestions may offer because of it.
    pub(crate) words: BTreeSet<String>,
}

impl Document {
    /// None of a product that shoppers do not see.
    pub(crate) fn of(view: &ProductView) -> Option<Self> {
        let first_published = view.first_published.filter(|_| view.is_published())?;
        Some(Self {
            newest: -first_published.0,
            texts: texts(view),
            values: values(view),
            prices: prices(view),
            titles: titles(&view.description.title),
            words: offered_words(view),
        })
    }
}

fn texts(view: &ProductView) -> [String; TEXT_COLUMNS.len()] {
    let description = &view.description;
    let lines = |texts: Vec<&str>| folded(&texts.join(" \u{a0}"));
    let all_languages = |text: &'_ LocalizedText| text.0.values().cloned().collect::<Vec<_>>().join(" ");
    let skus = view.variants.iter().map(|variant| variant.sku.as_str());
    let barcodes = view.variants.iter().map(|variant| variant.facts.barcode.as_str());
    [
        folded(&all_languages(&description.title)),
        lines(skus.chain(barcodes).collect()),
        folded(&description.vendor),
        lines(description.tags.iter().map(String::as_str).collect()),
        lines(option_values(view).into_iter().collect()),
        lines(description.attributes.values().map(String::as_str).collect()),
        folded(&text_of_html(&all_languages(&description.description_html))),
    ]
}

fn option_values(view: &ProductView) -> BTreeSet<&str> {
    let options = view.variants.iter().flat_map(|variant| &variant.facts.options);
    options.map(|option| option.value.as_str()).collect()
}

fn values(view: &ProductView) -> BTreeSet<(String, String)> {
    let description = &view.description;
    let named = |facet: &str, label: &str| (facet.to_owned(), label.to_owned());
    let options = view.variants.iter().flat_map(|variant| &variant.facts.options);
    let mut values = BTreeSet::new();
    values.insert(named(VENDOR, &description.vendor));
    values.extend(description.tags.iter().map(|tag| named(TAG, tag)));
    values.extend(
        view.categories
            .iter()
            .map(|category| named(CATEGORY, &category.to_string())),
    );
    values.extend(options.map(|option| named(&format!("{OPTION}{}", option.name), &option.value)));
    let attributes = description.attributes.iter();
    values.extend(attributes.map(|(name, value)| named(&format!("{ATTRIBUTE}{name}"), value)));
    values.retain(|(_, label)| !label.is_empty());
    values
}

fn prices(view: &ProductView) -> BTreeMap<Currency, BTreeSet<i64>> {
    let mut prices: BTreeMap<Currency, BTreeSet<i64>> = BTreeMap::new();
    for price in view.variants.iter().flat_map(|variant| &variant.prices) {
        prices
            .entry(price.price.currency)
            .or_default()
            .insert(price.price.amount);
    }
    prices
}

fn titles(title: &LocalizedText) -> BTreeMap<String, Vec<u8>> {
    let place = |text: &str| Clustering::new().text(text).into_bytes();
    title
        .0
        .iter()
        .map(|(locale, text)| (locale.clone(), place(text)))
        .collect()
}

fn offered_words(view: &ProductView) -> BTreeSet<String> {
    let description = &view.description;
    let titles = description.title.0.values().map(String::as_str);
    let tags = description.tags.iter().map(String::as_str);
    let vendor = std::iter::once(description.vendor.as_str());
    vocabulary(titles.chain(tags).chain(vendor).chain(option_values(view)))
}

#[cfg(test)]
mod tests;
