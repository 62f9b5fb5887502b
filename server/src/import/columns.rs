//! The columns of a product export, under the names they have had.

/// A column that is read. All others are passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Handle,
    Title,
    Body,
    Vendor,
    ProductCategory,
    Type,
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
const NAMES: [(Column, &[&str]); 32] = [
    (Column::Handle, &["handle", "url handle"]),
    (Column::Title, &["title"]),
    (Column::Body, &["body (html)", "body html", "description"]),
    (Column::Vendor, &["vendor"]),
    (Column::ProductCategory, &["product category"]),
    (Column::Type, &["type", "custom product type"]),
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
    (Column::ImageAddress, &["image src", "product image url"]),
    (Column::ImagePosition, &["image position"]),
    (Column::ImageAlt, &["image alt text"]),
    (Column::VariantImage, &["variant image", "variant image url"]),
    (Column::GiftCard, &["gift card"]),
    (Column::SeoTitle, &["seo title"]),
    (Column::SeoDescription, &["seo description"]),
];

/// What no product can do without.
const REQUIRED: [(Column, &str); 3] = [
    (Column::Handle, "Handle"),
    (Column::Title, "Title"),
    (Column::Price, "Variant Price"),
];

/// Where each column stands in a file.
#[derive(Clone, Debug)]
pub(super) struct Columns(Vec<(Column, usize)>);

impl Columns {
    /// Finds the columns in a header.
    ///
    /// # Errors
    /// The names of the required columns that are not there.
    pub(super) fn find<'a>(header: impl Iterator<Item = &'a str>) -> Result<Self, Vec<&'static str>> {
        let header: Vec<String> = header.map(|name| name.trim().to_lowercase()).collect();
        let position = |names: &[&str]| {
            names
                .iter()
                .find_map(|name| header.iter().position(|found| found == name))
        };
        let found: Vec<(Column, usize)> = NAMES
            .iter()
            .filter_map(|(column, names)| position(names).map(|index| (*column, index)))
            .collect();
        let is_missing = |column: Column| !found.iter().any(|(present, _)| *present == column);
        let missing: Vec<&'static str> = REQUIRED
            .iter()
            .filter(|(column, _)| is_missing(*column))
            .map(|(_, name)| *name)
            .collect();
        if missing.is_empty() {
            Ok(Self(found))
        } else {
            Err(missing)
        }
    }

    /// Where a column stands, when the file has it.
    pub(super) fn position(&self, column: Column) -> Option<usize> {
        let mut found = self.0.iter();
        found.find(|(present, _)| *present == column).map(|(_, index)| *index)
    }
}
