//! From rows to products: the rows of one handle are one product.

use std::collections::BTreeMap;

use command_api::http::import::{ImportedCategory, ImportedProduct, OpeningStock};
use domain::value::{Currency, PRODUCT_TAGS_MAX, SLUG_CHARS_MAX};

use super::columns::{Column, OPTIONS};
use super::images::Images;
use super::report::{Notice, Refusal};
use super::sheet::{Row, Sheet, Unreadable};
use super::sku::Skus;
use super::variants::Variants;
use super::{cell, sheet};

/// What a file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The products, in the order of their first lines.
    pub products: Vec<ReadProduct>,
    /// The lines that cannot come in.
    pub refusals: Vec<Refusal>,
    /// What comes in otherwise than the file says.
    pub notices: Vec<Notice>,
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

/// Reads a product export in Shopify's CSV format. Lines that cannot come in are named, and the rest does.
///
/// # Errors
/// Nothing of the file can be read.
pub fn read(bytes: &[u8], currency: Currency) -> Result<Reading, Unreadable> {
    let mut sheet = sheet::read(bytes)?;
    let mut reading = Reading {
        refusals: std::mem::take(&mut sheet.refusals),
        ..Reading::default()
    };
    let written = sheet.rows.iter().map(|row| cell::code(sheet.cell(row, Column::Sku)));
    let zero_is_a_count = zero_is_a_count(&sheet);
    let mut skus = Skus::of(written.filter(|sku| !sku.is_empty()));
    for rows in by_handle(&sheet, &mut reading.refusals) {
        let reader = ProductReader {
            sheet: &sheet,
            rows: &rows,
            currency,
            zero_is_a_count,
        };
        reader.read_into(&mut reading, &mut skus);
    }
    reading.refusals.sort();
    reading.notices.sort();
    Ok(reading)
}

/// The rows of each handle, in the order of their first rows.
fn by_handle<'a>(sheet: &'a Sheet, refusals: &mut Vec<Refusal>) -> Vec<Vec<&'a Row>> {
    let mut positions: BTreeMap<&str, usize> = BTreeMap::new();
    let mut groups: Vec<Vec<&Row>> = Vec::new();
    for row in &sheet.rows {
        let handle = sheet.cell(row, Column::Handle);
        if handle.is_empty() {
            refusals.push(Refusal::new(row.line, "handle.missing", "the row has no handle"));
            continue;
        }
        let position = *positions.entry(handle).or_insert(groups.len());
        match groups.get_mut(position) {
            Some(group) => group.push(row),
            None => groups.push(vec![row]),
        }
    }
    groups
}

/// What a quantity of zero means for a variant without a tracker: sold out, when most variants without one have
/// a count; not counted, as the format has it, when most have none.
fn zero_is_a_count(sheet: &Sheet) -> bool {
    let without_tracker = sheet
        .rows
        .iter()
        .filter(|row| sheet.cell(row, Column::Tracker).is_empty());
    let quantities = without_tracker.filter_map(|row| cell::whole(sheet.cell(row, Column::Quantity)));
    let (zeros, counts): (Vec<i64>, Vec<i64>) = quantities.partition(|quantity| *quantity == 0);
    counts.len() > zeros.len()
}

/// Reads the rows of one handle.
struct ProductReader<'a> {
    sheet: &'a Sheet,
    /// At least one.
    rows: &'a [&'a Row],
    currency: Currency,
    zero_is_a_count: bool,
}

impl ProductReader<'_> {
    fn read_into(&self, reading: &mut Reading, skus: &mut Skus) {
        let Some(head) = self.rows.first() else { return };
        let slug = match self.check_head(head) {
            Ok(slug) => slug,
            Err(refusal) => return self.refuse_all(refusal, &mut reading.refusals),
        };
        let handle = self.text(head, Column::Handle);
        let mut variants = Variants::new(self.sheet, head, self.currency, self.zero_is_a_count);
        let mut images = Images::default();
        for row in self.rows {
            if row.line == head.line || variants.has_variant(row) {
                variants.take(row, &slug, skus, &mut images, reading);
            }
            images.take(self.sheet, row, &mut reading.refusals);
        }
        let (variants, stock) = variants.finish();
        if variants.is_empty() {
            let reason = format!("product {handle:?} has no variant that can come in");
            reading
                .refusals
                .push(Refusal::new(head.line, "product.no_variants", reason));
            return;
        }
        let product = ImportedProduct {
            slug,
            title: self.text(head, Column::Title),
            description_html: ammonia::clean(self.sheet.cell(head, Column::Body)),
            vendor: self.text(head, Column::Vendor),
            tags: self.tags(head, &mut reading.notices),
            seo_title: self.text(head, Column::SeoTitle),
            seo_description: self.text(head, Column::SeoDescription),
            categories: self.category(head).into_iter().collect(),
            images: images.finish(),
            variants,
            published: self.is_published(head),
        };
        reading.products.push(ReadProduct {
            line: head.line,
            handle,
            product,
            stock,
        });
    }

    /// The product's slug, when its first row says what is needed.
    fn check_head(&self, head: &Row) -> Result<String, Refusal> {
        if self.text(head, Column::Title).is_empty() {
            return Err(Refusal::new(
                head.line,
                "title.missing",
                "the first row of a product has its title",
            ));
        }
        if cell::flag(self.sheet.cell(head, Column::GiftCard)) == Some(true) {
            return Err(Refusal::new(
                head.line,
                "product.gift_card",
                "gift cards are not sold by this shop",
            ));
        }
        let slug = slug::slugify(self.sheet.cell(head, Column::Handle));
        if slug.is_empty() || slug.len() > SLUG_CHARS_MAX {
            let reason = format!("no address of 1 to {SLUG_CHARS_MAX} characters can be made of the handle");
            return Err(Refusal::new(head.line, "handle.invalid", reason));
        }
        Ok(slug)
    }

    /// No row of a product comes in without its first one.
    fn refuse_all(&self, refusal: Refusal, refusals: &mut Vec<Refusal>) {
        let reason = format!("its product was refused on line {}", refusal.line);
        let others = self.rows.iter().skip(1);
        refusals.extend(others.map(|row| Refusal::new(row.line, refusal.code.clone(), reason.clone())));
        refusals.push(refusal);
    }

    fn text(&self, row: &Row, column: Column) -> String {
        cell::line(self.sheet.cell(row, column))
    }

    /// From `Type`; else the last part of the product category, `Home > Lighting > Lamps`.
    fn category(&self, head: &Row) -> Option<ImportedCategory> {
        let kind = self.text(head, Column::Type);
        let category = self.text(head, Column::ProductCategory);
        let last_part = category.rsplit('>').next().unwrap_or_default().trim();
        let name = if kind.is_empty() { last_part.to_owned() } else { kind };
        let slug = slug::slugify(&name);
        (!slug.is_empty()).then_some(ImportedCategory { slug, name })
    }

    fn tags(&self, head: &Row, notices: &mut Vec<Notice>) -> Vec<String> {
        let mut tags: Vec<String> = Vec::new();
        for tag in self.sheet.cell(head, Column::Tags).split(',').map(cell::line) {
            if !tag.is_empty() && !tags.contains(&tag) {
                tags.push(tag);
            }
        }
        if tags.len() > PRODUCT_TAGS_MAX {
            tags.truncate(PRODUCT_TAGS_MAX);
            notices.push(Notice {
                line: head.line,
                code: "tags.left_out",
                what: format!("only the first {PRODUCT_TAGS_MAX} tags came in"),
            });
        }
        tags
    }

    /// Both columns must agree; one that is not there says nothing.
    fn is_published(&self, head: &Row) -> bool {
        let status = self.sheet.cell(head, Column::Status).to_lowercase();
        let is_active = status.is_empty() || status == "active";
        is_active && cell::flag(self.sheet.cell(head, Column::Published)).unwrap_or(true)
    }
}

/// The dimensions in which a product's variants choose, by their columns.
pub(super) fn dimensions(sheet: &Sheet, head: &Row) -> Vec<(usize, String)> {
    let name = |index| cell::line(sheet.cell(head, Column::OptionName(index)));
    let named = (0..OPTIONS).map(|index| (index, name(index)));
    let dimensions: Vec<(usize, String)> = named.filter(|(_, name)| !name.is_empty()).collect();
    match dimensions.as_slice() {
        [(index, name)] if is_default(name, sheet.cell(head, Column::OptionValue(*index))) => Vec::new(),
        _ => dimensions,
    }
}

/// How the format says that a product has no options.
fn is_default(name: &str, value: &str) -> bool {
    name.eq_ignore_ascii_case("title") && value.eq_ignore_ascii_case("default title")
}
