//! The columns of a file: Shopify's, and those that its products need beyond them.

use std::collections::{BTreeMap, BTreeSet};

use super::pages::{Catalogue, Choice, OptionWords, Product, Translation, Variant};
use crate::spreadsheet::marked;

/// The columns that every file has, in the order in which Shopify writes them. The last one is ours: all categories.
const FIXED: [&str; 38] = [
    "Handle",
    "Title",
    "Body (HTML)",
    "Vendor",
    "Product Category",
    "Type",
    "Tags",
    "Published",
    "Option1 Name",
    "Option1 Value",
    "Option2 Name",
    "Option2 Value",
    "Option3 Name",
    "Option3 Value",
    "Variant SKU",
    "Variant Grams",
    "Variant Inventory Tracker",
    "Variant Inventory Qty",
    "Variant Inventory Policy",
    "Variant Fulfillment Service",
    "Variant Price",
    "Variant Compare At Price",
    "Variant Requires Shipping",
    "Variant Taxable",
    "Variant Barcode",
    "Image Src",
    "Image Position",
    "Image Alt Text",
    "Gift Card",
    "SEO Title",
    "SEO Description",
    "Variant Image",
    "Variant Weight Unit",
    "Variant Tax Code",
    "Cost per item",
    "Status",
    "Collection",
    "Categories",
];

/// Names of the option columns.
const OPTIONS: [(&str, &str); 3] = [
    ("Option1 Name", "Option1 Value"),
    ("Option2 Name", "Option2 Value"),
    ("Option3 Name", "Option3 Value"),
];

/// The columns of one file.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    names: Vec<String>,
    places: BTreeMap<String, usize>,
    /// The currency of the columns that name none.
    currency: String,
    /// The language of the columns that name none.
    locale: String,
    /// The columns of free facts, by label.
    facts: BTreeMap<String, String>,
}

/// The cells of one row.
pub(super) struct Row<'a> {
    columns: &'a Columns,
    cells: Vec<String>,
}

impl Columns {
    /// Those in which all of these products can be said.
    pub(super) fn of(catalogue: &Catalogue) -> Self {
        let mut columns = Self {
            names: FIXED.map(str::to_owned).into(),
            places: BTreeMap::new(),
            currency: catalogue.currency.clone(),
            locale: catalogue.locale.clone(),
            facts: facts(&catalogue.products),
        };
        let mut further = BTreeSet::new();
        for product in &catalogue.products {
            columns.add_needed(product, &mut further);
        }
        columns.names.extend(columns.facts.values().cloned());
        columns.names.extend(further.into_iter().map(|(_, _, name)| name));
        let places = columns.names.iter().enumerate();
        columns.places = places.map(|(place, name)| (name.clone(), place)).collect();
        columns
    }

    /// Notes the columns for currencies and languages that a product needs: in the order of both, and in each in that
    /// of [`FIXED`].
    fn add_needed(&self, product: &Product, needed: &mut BTreeSet<(String, usize, String)>) {
        let place = |column: &str| FIXED.iter().position(|name| *name == column).unwrap_or_default();
        let prices = product.variants.iter().flat_map(|variant| &variant.prices);
        for price in prices.filter(|price| price.price.currency != self.currency) {
            let currency = &price.price.currency;
            for column in ["Variant Price", "Variant Compare At Price"] {
                needed.insert((currency.clone(), place(column), in_currency(column, currency)));
            }
        }
        let mut translated = |column: &str, texts: &[Translation]| {
            for text in texts.iter().filter(|text| self.is_further(text)) {
                needed.insert((text.locale.clone(), place(column), in_language(column, &text.locale)));
            }
        };
        translated("Title", &product.title_translations);
        translated("Body (HTML)", &product.description_html_translations);
        for image in &product.images {
            translated("Image Alt Text", &image.alt_translations);
        }
        for variant in &product.variants {
            for (choice, (name, value)) in choices(variant) {
                translated(name, words_of_option(&product.options, &choice.name));
                translated(value, words_of(&product.options, choice));
            }
        }
    }

    /// Their names, as they stand in the first line.
    pub(super) fn header(&self) -> impl Iterator<Item = String> {
        self.names.iter().map(|name| marked(name).into_owned())
    }

    /// A row with nothing in it.
    pub(super) fn row(&self) -> Row<'_> {
        Row {
            columns: self,
            cells: vec![String::new(); self.names.len()],
        }
    }

    /// Whether a text has a column of its own language.
    fn is_further(&self, text: &Translation) -> bool {
        text.locale != self.locale && !text.text.is_empty()
    }
}

impl Row<'_> {
    /// Says a text. What a spreadsheet would take for a formula is marked as a text.
    pub(super) fn set(&mut self, column: &str, text: &str) {
        self.put(column, marked(text).into_owned());
    }

    /// Says a number.
    pub(super) fn count(&mut self, column: &str, number: impl ToString) {
        self.put(column, number.to_string());
    }

    /// Says an amount in a currency.
    pub(super) fn amount(&mut self, column: &str, currency: &str, amount: &str) {
        if currency == self.columns.currency {
            self.put(column, amount.to_owned());
        } else {
            self.put(&in_currency(column, currency), amount.to_owned());
        }
    }

    /// Says a text in other languages.
    pub(super) fn translate(&mut self, column: &str, texts: &[Translation]) {
        let columns = self.columns;
        for text in texts.iter().filter(|text| columns.is_further(text)) {
            self.set(&in_language(column, &text.locale), &text.text);
        }
    }

    /// Says a free fact.
    pub(super) fn fact(&mut self, label: &str, value: &str) {
        if let Some(column) = self.columns.facts.get(label) {
            self.set(column, value);
        }
    }

    /// Its cells, in the order of the columns.
    pub(super) fn finish(self) -> Vec<String> {
        self.cells
    }

    fn put(&mut self, column: &str, text: String) {
        let place = self.columns.places.get(column);
        if let Some(cell) = place.and_then(|place| self.cells.get_mut(*place)) {
            *cell = text;
        }
    }
}

/// A variant's choices, each with the columns of its name and its value.
pub(super) fn choices(variant: &Variant) -> impl Iterator<Item = (&Choice, (&'static str, &'static str))> {
    variant.selected_options.iter().zip(OPTIONS)
}

/// How the name of a dimension reads.
pub(super) fn words_of_option<'a>(options: &'a [OptionWords], name: &str) -> &'a [Translation] {
    let option = options.iter().find(|option| option.name == name);
    option.map_or(&[], |option| &option.name_translations)
}

/// How the words of a choice read, by its dimension.
pub(super) fn words_of<'a>(options: &'a [OptionWords], choice: &Choice) -> &'a [Translation] {
    let option = options.iter().find(|option| option.name == choice.name);
    let value = option.and_then(|option| option.values.iter().find(|known| known.name == choice.value));
    value.map_or(&[], |value| &value.name_translations)
}

/// `Title (de)`.
fn in_language(column: &str, locale: &str) -> String {
    format!("{column} ({locale})")
}

/// `Price / USD`: as Shopify calls the columns of markets.
fn in_currency(column: &str, currency: &str) -> String {
    let column = column.strip_prefix("Variant ").unwrap_or(column);
    format!("{column} / {currency}")
}

/// The columns of all free facts, by label: as Shopify calls those of metafields, each under a key of its own.
fn facts(products: &[Product]) -> BTreeMap<String, String> {
    let facts = products.iter().flat_map(|product| &product.attributes);
    let labels: BTreeSet<&str> = facts
        .filter(|fact| !fact.value.is_empty())
        .map(|fact| fact.name.as_str())
        .collect();
    let mut keys = BTreeSet::new();
    let column = |label: &str| {
        let key = slug::slugify(label).replace('-', "_");
        let key = if key.is_empty() { "fact".to_owned() } else { key };
        let numbered = (2..).map(|number| format!("{key}_{number}"));
        let mut candidates = std::iter::once(key.clone()).chain(numbered);
        let free = candidates.find(|candidate| keys.insert(candidate.clone()));
        format!("{label} (product.metafields.custom.{})", free.unwrap_or(key.clone()))
    };
    let mut column = column;
    labels
        .into_iter()
        .map(|label| (label.to_owned(), column(label)))
        .collect()
}
