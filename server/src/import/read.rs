//! From bytes to products, whichever of the known programs wrote them.

use command_api::http::import::{CountedStock, ImportedCategory, ImportedProduct, OpeningStock};
use domain::value::{ATTRIBUTE_CHARS_MAX, Currency, PRODUCT_TAGS_MAX, SLUG_CHARS_MAX};

use super::report::{Notice, Refusal};
use super::sheet::Unreadable;
use super::{cell, inventory, lengths, sheet, shopify, woocommerce};

/// What a file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The products, in the order of their first lines.
    pub products: Vec<ReadProduct>,
    /// What was counted, of an inventory file.
    pub counts: Vec<ReadCount>,
    /// The lines that cannot come in.
    pub refusals: Vec<Refusal>,
    /// What comes in otherwise than the file says.
    pub notices: Vec<Notice>,
}

/// What a file says was counted of a SKU at a location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadCount {
    /// Its line.
    pub line: u64,
    /// Of what.
    pub sku: String,
    /// What is sent.
    pub counted: CountedStock,
}

/// A product of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadProduct {
    /// Its first line.
    pub line: u64,
    /// Its name in the shop that it comes from.
    pub handle: String,
    /// What is sent.
    pub product: ImportedProduct,
    /// What there is of it before anything is sold, by SKU.
    pub stock: Vec<(String, OpeningStock)>,
}

impl ReadProduct {
    /// Whether a SKU was made up for one of its variants.
    pub(super) fn is_made_up(&self, sku: &str) -> bool {
        let mut variants = self.product.variants.iter();
        variants.any(|variant| variant.sku == sku && variant.is_sku_made_up)
    }
}

/// Reads a product export of Shopify or WooCommerce, or an inventory export of Shopify, told apart by the names in its
/// first line. Lines that cannot come in are named, and the rest does.
///
/// # Errors
/// Nothing of the file can be read.
pub fn read(bytes: &[u8], currency: Currency) -> Result<Reading, Unreadable> {
    let mut sheet = sheet::read(bytes)?;
    let mut reading = Reading {
        refusals: std::mem::take(&mut sheet.refusals),
        notices: std::mem::take(&mut sheet.notices),
        ..Reading::default()
    };
    match (shopify::score(&sheet), woocommerce::score(&sheet)) {
        _ if inventory::is_meant(&sheet) => inventory::read(&sheet, &mut reading)?,
        (0, 0) => return Err(Unreadable::UnknownHeader),
        (of_shopify, of_woocommerce) if of_shopify >= of_woocommerce => {
            shopify::read(&sheet, currency, &mut reading)?;
        }
        _ => woocommerce::read(&sheet, currency, &mut reading)?,
    }
    lengths::fit(&mut reading);
    reading.refusals.sort();
    reading.notices.sort();
    Ok(reading)
}

/// The part of an address that a product's name makes.
pub(super) fn slug_of(line: u64, name: &str) -> Result<String, Refusal> {
    let slug = slug::slugify(name);
    if slug.is_empty() || slug.len() > SLUG_CHARS_MAX {
        let reason = format!("no address of 1 to {SLUG_CHARS_MAX} characters can be made of {name:?}");
        return Err(Refusal::new(line, "handle.invalid", reason));
    }
    Ok(slug)
}

/// Categories, each once, by their addresses.
pub(super) fn each_once(categories: impl Iterator<Item = ImportedCategory>) -> Vec<ImportedCategory> {
    let mut once: Vec<ImportedCategory> = Vec::new();
    for category in categories {
        if once.iter().all(|known| known.slug != category.slug) {
            once.push(category);
        }
    }
    once
}

/// Labels, separated by commas, each once.
pub(super) fn tags(line: u64, text: &str, notices: &mut Vec<Notice>) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    let mut left_out = 0;
    for tag in text.split(',').map(cell::line) {
        if tag.is_empty() || tags.contains(&tag) {
            continue;
        }
        if tags.len() >= PRODUCT_TAGS_MAX || tag.chars().count() > ATTRIBUTE_CHARS_MAX {
            left_out += 1;
        } else {
            tags.push(tag);
        }
    }
    if left_out > 0 {
        notices.push(Notice {
            line,
            code: "tags.left_out",
            what: format!(
                "{left_out} tags stay out: at most {PRODUCT_TAGS_MAX} of {ATTRIBUTE_CHARS_MAX} characters come in"
            ),
        });
    }
    tags
}
