//! From rows to products: the rows of one handle are one product.

use std::collections::{BTreeMap, BTreeSet};

use command_api::http::import::{ImportedCategory, ImportedParent, ImportedProduct, ImportedTranslation};
use domain::value::{ATTRIBUTE_CHARS_MAX, Attributes, Currency, Locale, PRODUCT_ATTRIBUTES_MAX};

use super::Export;
use super::columns::{Column, Columns, OPTIONS};
use super::variants::Variants;
use crate::category_path::{self, Step};
use crate::import::cell;
use crate::import::images::{Images, Words};
use crate::import::read::{ReadProduct, Reading, each_once, slug_of, tags};
use crate::import::report::{Notice, Refusal};
use crate::import::sheet::{Row, Sheet, Unreadable};
use crate::import::sku::Skus;

/// How many of a header's names are of this format.
pub(in crate::import) fn score(sheet: &Sheet) -> usize {
    Columns::count(sheet)
}

/// Reads the products of a sheet.
///
/// # Errors
/// Columns are missing that no product can do without.
pub(in crate::import) fn read(sheet: &Sheet, currency: Currency, reading: &mut Reading) -> Result<(), Unreadable> {
    let export = Export {
        columns: Columns::find(sheet).map_err(Unreadable::MissingColumns)?,
        sheet,
    };
    let written = sheet.rows.iter().map(|row| cell::code(export.cell(row, Column::Sku)));
    let zero_is_a_count = zero_is_a_count(&export);
    let mut skus = Skus::of(written.filter(|sku| !sku.is_empty()));
    let mut slugs = BTreeSet::new();
    for rows in by_handle(&export, &mut reading.refusals) {
        let reader = ProductReader {
            export: &export,
            rows: &rows,
            currency,
            zero_is_a_count,
        };
        reader.read_into(reading, &mut skus, &mut slugs);
    }
    Ok(())
}

/// The rows of each handle, in the order of their first rows.
fn by_handle<'a>(export: &'a Export<'_>, refusals: &mut Vec<Refusal>) -> Vec<Vec<&'a Row>> {
    let mut positions: BTreeMap<&str, usize> = BTreeMap::new();
    let mut groups: Vec<Vec<&Row>> = Vec::new();
    for row in &export.sheet.rows {
        let handle = export.cell(row, Column::Handle);
        if handle.is_empty() {
            let refusal = Refusal::new(row.line, "handle.missing", "the row has no handle");
            refusals.push(refusal.at(export.name(Column::Handle)));
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
fn zero_is_a_count(export: &Export<'_>) -> bool {
    let rows = export.sheet.rows.iter();
    let without_tracker = rows.filter(|row| export.cell(row, Column::Tracker).is_empty());
    let has_commas = export.sheet.has_decimal_commas;
    let quantities = without_tracker.filter_map(|row| cell::whole(export.cell(row, Column::Quantity), has_commas));
    let (zeros, counts): (Vec<i64>, Vec<i64>) = quantities.partition(|quantity| *quantity == 0);
    counts.len() > zeros.len()
}

/// Reads the rows of one handle.
struct ProductReader<'a> {
    export: &'a Export<'a>,
    /// At least one.
    rows: &'a [&'a Row],
    currency: Currency,
    zero_is_a_count: bool,
}

impl ProductReader<'_> {
    fn read_into(&self, reading: &mut Reading, skus: &mut Skus, slugs: &mut BTreeSet<String>) {
        let Some(head) = self.rows.first() else { return };
        let slug = match self.check_head(head, slugs) {
            Ok(slug) => slug,
            Err(refusal) => return self.refuse_all(&refusal, &mut reading.refusals),
        };
        let handle = self.text(head, Column::Handle);
        let mut variants = Variants::new(self.export, head, self.currency, self.zero_is_a_count);
        let mut images = Images::default();
        for row in self.rows {
            if variants.are_said() && (row.line == head.line || variants.has_variant(row)) {
                variants.take(row, &slug, skus, &mut images, reading);
            }
            self.take_image(row, &mut images, &mut reading.refusals);
        }
        let are_said = variants.are_said();
        let (variants, option_texts, stock) = variants.finish(head);
        if variants.is_empty() && are_said {
            let reason = format!("product {handle:?} has no variant that can come in");
            let refusal = Refusal::new(head.line, "product.no_variants", reason);
            reading.refusals.push(refusal);
            return;
        }
        let is_gift_card = self.is_gift_card(head, &mut reading.notices);
        let said = |column| self.export.has(column).then(|| self.text(head, column));
        let says_published = self.export.has(Column::Status) || self.export.has(Column::Published);
        let product = ImportedProduct {
            title: said(Column::Title),
            description_html: self.description(head),
            vendor: said(Column::Vendor),
            attributes: self.facts(head, &mut reading.notices),
            tags: self.tags(head, &mut reading.notices),
            seo_title: said(Column::SeoTitle),
            seo_description: said(Column::SeoDescription),
            categories: self.categories(head),
            translations: self.translations(head),
            option_texts,
            images: images.finish(),
            variants,
            published: (says_published && !is_gift_card).then(|| self.is_published(head)),
            published_when_new: !is_gift_card,
            slug,
        };
        reading.products.push(ReadProduct {
            line: head.line,
            handle,
            product,
            stock,
        });
    }

    /// The product's slug, when its first row says what is needed.
    fn check_head(&self, head: &Row, slugs: &mut BTreeSet<String>) -> Result<String, Refusal> {
        if self.export.has(Column::Title) && self.text(head, Column::Title).is_empty() {
            let reason = "the first row of a product has its title";
            return Err(Refusal::new(head.line, "title.missing", reason).at(self.export.name(Column::Title)));
        }
        let at_handle = |refusal: Refusal| refusal.at(self.export.name(Column::Handle));
        let slug = slug_of(head.line, self.export.cell(head, Column::Handle)).map_err(at_handle)?;
        if !slugs.insert(slug.clone()) {
            let reason = format!("another handle of the file has the address {slug:?}");
            return Err(at_handle(Refusal::new(head.line, "handle.repeated", reason)));
        }
        Ok(slug)
    }

    fn take_image(&self, row: &Row, images: &mut Images, refusals: &mut Vec<Refusal>) {
        let text = self.export.cell(row, Column::ImageAddress);
        if text.is_empty() {
            return;
        }
        let position = cell::whole(self.export.cell(row, Column::ImagePosition), false);
        let alt = self
            .export
            .has(Column::ImageAlt)
            .then(|| self.text(row, Column::ImageAlt));
        let translations = self.export.columns.translations(Column::ImageAlt);
        let words = Words {
            alt,
            translations: translations
                .map(|(locale, index)| (locale.clone(), cell::line(Sheet::text(row, Some(index)))))
                .collect(),
        };
        if let Err(refusal) = images.add(row.line, text, words, position) {
            refusals.push(refusal.at(self.export.name(Column::ImageAddress)));
        }
    }

    /// A gift card is money of its own kind, which this shop does not issue: it comes in, but nobody sees it before
    /// somebody has thought about it.
    fn is_gift_card(&self, head: &Row, notices: &mut Vec<Notice>) -> bool {
        let is_gift_card = cell::flag(self.export.cell(head, Column::GiftCard)) == Some(true);
        if is_gift_card {
            notices.push(Notice {
                line: head.line,
                code: "product.gift_card",
                what: "this shop issues no gift cards; the product comes in hidden, or stays as it is".to_owned(),
            });
        }
        is_gift_card
    }

    fn description(&self, head: &Row) -> Option<String> {
        let column = self.export.columns.position(Column::Body)?;
        Some(ammonia::clean(Sheet::raw(head, Some(column))))
    }

    /// What its first row says in other languages.
    fn translations(&self, head: &Row) -> BTreeMap<Locale, ImportedTranslation> {
        let mut translations: BTreeMap<Locale, ImportedTranslation> = BTreeMap::new();
        let columns = &self.export.columns;
        for (locale, index) in columns.translations(Column::Title) {
            let title = cell::line(Sheet::text(head, Some(index)));
            translations.entry(locale.clone()).or_default().title = Some(title);
        }
        for (locale, index) in columns.translations(Column::Body) {
            let html = ammonia::clean(Sheet::raw(head, Some(index)));
            translations.entry(locale.clone()).or_default().description_html = Some(html);
        }
        translations
    }

    fn tags(&self, head: &Row, notices: &mut Vec<Notice>) -> Option<Vec<String>> {
        let text = || self.export.cell(head, Column::Tags);
        self.export.has(Column::Tags).then(|| tags(head.line, text(), notices))
    }

    /// No row of a product comes in without its first one.
    fn refuse_all(&self, refusal: &Refusal, refusals: &mut Vec<Refusal>) {
        let reason = format!("its product was refused on line {}", refusal.line);
        let others = self.rows.iter().skip(1);
        refusals.push(refusal.clone());
        refusals.extend(others.map(|row| Refusal::new(row.line, refusal.code.clone(), reason.clone())));
    }

    fn text(&self, row: &Row, column: Column) -> String {
        cell::line(self.export.cell(row, column))
    }

    /// The free facts of its metafields that are not blank.
    fn facts(&self, head: &Row, notices: &mut Vec<Notice>) -> Attributes {
        let mut facts = Attributes::new();
        for (label, column) in self.export.columns.facts() {
            let value = cell::line(Sheet::text(head, Some(*column)));
            let fits = |text: &str| text.chars().count() <= ATTRIBUTE_CHARS_MAX;
            if value.is_empty() {
                continue;
            }
            if facts.len() < PRODUCT_ATTRIBUTES_MAX && fits(label) && fits(&value) {
                facts.insert(label.clone(), value);
            } else {
                notices.push(Notice {
                    line: head.line,
                    code: "fact.left_out",
                    what: format!("the fact {label:?} is too long or one too many and stays out"),
                });
            }
        }
        facts
    }

    /// From `Categories`, where this program says all; from `Type`, else the last part of the product category (`Home >
    /// Lighting > Lamps`); and from `Collection`.
    fn categories(&self, head: &Row) -> Vec<ImportedCategory> {
        let kind = self.text(head, Column::Type);
        let path = self.text(head, Column::ProductCategory);
        let last_part = path.rsplit('>').next().unwrap_or_default().trim().to_owned();
        let first = if kind.is_empty() { last_part } else { kind };
        let paths = category_path::read(self.export.cell(head, Column::Categories), cell::line);
        let all = paths.into_iter().filter_map(|path| {
            let steps = path
                .into_iter()
                .map(|Step { slug, name }| ImportedParent { slug, name });
            let mut parents: Vec<ImportedParent> = steps.collect();
            let ImportedParent { slug, name } = parents.pop()?;
            Some(ImportedCategory { slug, name, parents })
        });
        let named = [first, self.text(head, Column::Collection)]
            .into_iter()
            .map(|name| ImportedCategory {
                slug: slug::slugify(&name),
                name,
                parents: Vec::new(),
            });
        each_once(all.chain(named.filter(|category| !category.slug.is_empty())))
    }

    /// Both columns must agree; one that is not there says nothing. What is archived there is hidden here, where
    /// archiving is for ever.
    fn is_published(&self, head: &Row) -> bool {
        let status = self.export.cell(head, Column::Status).to_lowercase();
        let is_active = status.is_empty() || status == "active";
        is_active && cell::flag(self.export.cell(head, Column::Published)).unwrap_or(true)
    }
}

/// The dimensions in which a product's variants choose, by their columns; none when the file does not say.
pub(super) fn dimensions(export: &Export<'_>, head: &Row) -> Option<Vec<(usize, String)>> {
    if !export.has(Column::OptionName(0)) {
        return None;
    }
    let name = |index| cell::line(export.cell(head, Column::OptionName(index)));
    let named = (0..OPTIONS).map(|index| (index, name(index)));
    let dimensions: Vec<(usize, String)> = named.filter(|(_, name)| !name.is_empty()).collect();
    match dimensions.as_slice() {
        [(index, name)] if is_default(name, &cell::line(export.cell(head, Column::OptionValue(*index)))) => {
            Some(Vec::new())
        }
        _ => Some(dimensions),
    }
}

/// How the format says that a product has no options.
fn is_default(name: &str, value: &str) -> bool {
    name.eq_ignore_ascii_case("title") && value.eq_ignore_ascii_case("default title")
}
