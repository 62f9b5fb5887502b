//! The columns of a product export, under the names they have had.

use domain::value::{Currency, Locale, check_locale};

use crate::import::cell;
use crate::import::sheet::Sheet;

/// A column that is read. All others are passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Handle,
    Title,
    Body,
    Vendor,
    ProductCategory,
    Type,
    Collection,
    Categories,
    Tags,
    Published,
    Status,
    OptionName(usize),
    OptionValue(usize),
    Sku,
    Barcode,
    Grams,
    Tracker,
    Quantity,
    Policy,
    Price,
    CompareAt,
    RequiresShipping,
    Taxable,
    TaxCode,
    ImageAddress,
    ImagePosition,
    ImageAlt,
    VariantImage,
    GiftCard,
    SeoTitle,
    SeoDescription,
}

/// Option columns of the format: `Option1 Name` to `Option3 Value`.
pub(super) const OPTIONS: usize = 3;

/// Every column with the names that exports give it, in lower case: the one of exports since 2024 last.
const NAMES: [(Column, &[&str]); 35] = [
    (Column::Handle, &["handle", "url handle"]),
    (Column::Title, &["title"]),
    (Column::Body, &["body (html)", "body html", "description"]),
    (Column::Vendor, &["vendor"]),
    (
        Column::ProductCategory,
        &["product category", "standard product type", "standardized product type"],
    ),
    (Column::Type, &["type", "custom product type"]),
    (Column::Collection, &["collection"]),
    (Column::Categories, &["categories"]),
    (Column::Tags, &["tags"]),
    (Column::Published, &["published", "published on online store"]),
    (Column::Status, &["status"]),
    (Column::OptionName(0), &["option1 name"]),
    (Column::OptionValue(0), &["option1 value"]),
    (Column::OptionName(1), &["option2 name"]),
    (Column::OptionValue(1), &["option2 value"]),
    (Column::OptionName(2), &["option3 name"]),
    (Column::OptionValue(2), &["option3 value"]),
    (Column::Sku, &["variant sku", "sku"]),
    (Column::Barcode, &["variant barcode", "barcode"]),
    (Column::Grams, &["variant grams", "weight value (grams)"]),
    (Column::Tracker, &["variant inventory tracker", "inventory tracker"]),
    (Column::Quantity, &["variant inventory qty", "inventory quantity"]),
    (
        Column::Policy,
        &["variant inventory policy", "continue selling when out of stock"],
    ),
    (Column::Price, &["variant price", "price"]),
    (
        Column::CompareAt,
        &["variant compare at price", "compare-at price", "compare at price"],
    ),
    (
        Column::RequiresShipping,
        &["variant requires shipping", "requires shipping"],
    ),
    (Column::Taxable, &["variant taxable", "charge tax"]),
    (Column::TaxCode, &["variant tax code", "tax code"]),
    (Column::ImageAddress, &["image src", "product image url"]),
    (Column::ImagePosition, &["image position"]),
    (Column::ImageAlt, &["image alt text"]),
    (Column::VariantImage, &["variant image", "variant image url"]),
    (Column::GiftCard, &["gift card"]),
    (Column::SeoTitle, &["seo title"]),
    (Column::SeoDescription, &["seo description"]),
];

/// What stands behind the name of a free fact, after its label: `Material (product.metafields.custom.material)`.
const FACT_MARK: &str = "(product.metafields.";

/// Columns that there may be once more for a language: `Title (de)`.
const TRANSLATED: [Column; 9] = [
    Column::Title,
    Column::Body,
    Column::ImageAlt,
    Column::OptionName(0),
    Column::OptionName(1),
    Column::OptionName(2),
    Column::OptionValue(0),
    Column::OptionValue(1),
    Column::OptionValue(2),
];

/// Where each column stands in a file.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    known: Vec<(Column, usize)>,
    /// Labels and places of free facts.
    facts: Vec<(String, usize)>,
    /// What stands there in other languages.
    translations: Vec<(Column, Locale, usize)>,
    /// Where prices in other currencies stand, and the former prices beside them.
    prices: Vec<(Currency, usize, Option<usize>)>,
}

impl Columns {
    /// How many of a header's names are of this format.
    pub(super) fn count(sheet: &Sheet) -> usize {
        let is_known = |name: &String| NAMES.iter().any(|(_, names)| names.contains(&name.as_str()));
        sheet.columns().filter(is_known).count()
    }

    /// Finds the columns in a header.
    ///
    /// # Errors
    /// The names of the required columns that are not there.
    pub(super) fn find(sheet: &Sheet) -> Result<Self, Vec<&'static str>> {
        let header: Vec<String> = sheet.columns().collect();
        let position = |names: &[&str]| {
            names
                .iter()
                .find_map(|name| header.iter().position(|found| found == name))
        };
        let known: Vec<(Column, usize)> = NAMES
            .iter()
            .filter_map(|(column, names)| position(names).map(|index| (*column, index)))
            .collect();
        let label = |index: usize| {
            let (label, _) = sheet.name(index).rsplit_once(FACT_MARK)?;
            Some((cell::line(label), index))
        };
        let facts = (0..header.len())
            .filter_map(label)
            .filter(|(label, _)| !label.is_empty());
        let found = Self {
            facts: facts.collect(),
            known,
            translations: (0..header.len())
                .filter_map(|index| translation(sheet, index))
                .collect(),
            prices: prices(sheet),
        };
        match found.position(Column::Handle) {
            Some(_) => Ok(found),
            None => Err(vec!["Handle"]),
        }
    }

    /// Where a column stands, when the file has it.
    pub(super) fn position(&self, column: Column) -> Option<usize> {
        let mut known = self.known.iter();
        known.find(|(present, _)| *present == column).map(|(_, index)| *index)
    }

    /// The languages and places of the columns in which a column's text stands once more.
    pub(super) fn translations(&self, column: Column) -> impl Iterator<Item = (&Locale, usize)> {
        let translations = self.translations.iter();
        translations
            .filter(move |(translated, _, _)| *translated == column)
            .map(|(_, locale, index)| (locale, *index))
    }

    /// Currencies of further prices, where these stand, and the former prices beside them.
    pub(super) fn prices(&self) -> &[(Currency, usize, Option<usize>)] {
        &self.prices
    }

    /// Labels and places of the columns that hold free facts.
    pub(super) fn facts(&self) -> &[(String, usize)] {
        &self.facts
    }
}

fn is_called(column: Column, name: &str) -> bool {
    let name = name.trim().to_lowercase();
    NAMES
        .iter()
        .any(|(known, names)| *known == column && names.contains(&name.as_str()))
}

/// `Title (de)`.
fn translation(sheet: &Sheet, index: usize) -> Option<(Column, Locale, usize)> {
    let (name, locale) = sheet.name(index).strip_suffix(')')?.rsplit_once('(')?;
    let column = TRANSLATED.into_iter().find(|column| is_called(*column, name))?;
    check_locale(locale).ok()?;
    Some((column, locale.to_owned(), index))
}

/// `Price / USD` and `Compare At Price / USD`. Markets that are called otherwise are passed over: this shop has
/// currencies.
fn prices(sheet: &Sheet) -> Vec<(Currency, usize, Option<usize>)> {
    let priced = |column| {
        let names = sheet.columns().enumerate();
        names.filter_map(move |(index, name)| {
            let (name, market) = name.rsplit_once('/')?;
            let currency: Currency = market.trim().to_uppercase().parse().ok()?;
            is_called(column, name).then_some((currency, index))
        })
    };
    let former: Vec<(Currency, usize)> = priced(Column::CompareAt).collect();
    let mut prices: Vec<(Currency, usize, Option<usize>)> = Vec::new();
    for (currency, index) in priced(Column::Price) {
        if prices.iter().all(|(known, _, _)| *known != currency) {
            let beside = former
                .iter()
                .find(|(known, _)| *known == currency)
                .map(|(_, index)| *index);
            prices.push((currency, index, beside));
        }
    }
    prices
}
