//! WooCommerce's product export: a row for each product and each variation, a variation naming its parent by id or
//! SKU. Of a file with only some of the columns, only these are said, and what takes several of them to say only where
//! all are there.

mod columns;
mod product;
mod variant;

use std::collections::{BTreeMap, BTreeSet};

use domain::value::Currency;

use super::cell;
use super::read::Reading;
use super::report::Refusal;
use super::sheet::{Row, Sheet, Unreadable};
use super::sku::Skus;
use columns::{Export, list};
use product::ProductReader;

/// A product's row and those of its variations.
struct Group<'a> {
    head: &'a Row,
    /// Whether its variations are what is bought.
    is_variable: bool,
    variations: Vec<&'a Row>,
}

/// What a row is.
enum Kind {
    Simple,
    Variable,
    Variation,
    /// Nothing that a cart of this shop can hold.
    Other(String),
}

/// How many of a header's names are of this format.
pub(super) fn score(sheet: &Sheet) -> usize {
    Export::count(sheet)
}

/// Reads the products of a sheet.
///
/// # Errors
/// Columns are missing that no product can do without.
pub(super) fn read(sheet: &Sheet, currency: Currency, reading: &mut Reading) -> Result<(), Unreadable> {
    let export = Export::find(sheet).map_err(Unreadable::MissingColumns)?;
    let written = sheet.rows.iter().map(|row| cell::code(export.cell(row, "sku")));
    let mut skus = Skus::of(written.filter(|sku| !sku.is_empty()));
    let mut slugs = BTreeSet::new();
    for group in groups(&export, &mut reading.refusals) {
        let reader = ProductReader {
            export: &export,
            group: &group,
            currency,
        };
        reader.read_into(reading, &mut skus, &mut slugs);
    }
    Ok(())
}

/// The products with their variations, in the order of the products' rows.
fn groups<'a>(export: &Export<'a>, refusals: &mut Vec<Refusal>) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut variations: Vec<&'a Row> = Vec::new();
    let mut by_name: BTreeMap<String, usize> = BTreeMap::new();
    let has_types = export.has("type");
    for row in &export.sheet.rows {
        let is_variable = match kind_of(export, row) {
            Kind::Simple => false,
            Kind::Variable => true,
            Kind::Variation => {
                variations.push(row);
                continue;
            }
            Kind::Other(kind) => {
                let reason = format!("products of type {kind:?} are not sold here");
                refusals.push(Refusal::new(row.line, "product.type", reason).at(export.name("type")));
                continue;
            }
        };
        let (id, sku) = (export.cell(row, "id"), export.cell(row, "sku"));
        by_name.insert(format!("id:{id}"), groups.len());
        if !sku.is_empty() {
            by_name.insert(sku.to_owned(), groups.len());
        }
        groups.push(Group {
            head: row,
            is_variable,
            variations: Vec::new(),
        });
    }
    for row in variations {
        let parent = by_name.get(export.cell(row, "parent"));
        match parent
            .and_then(|index| groups.get_mut(*index))
            .filter(|group| group.is_variable || !has_types)
        {
            Some(group) => {
                group.is_variable = true;
                group.variations.push(row);
            }
            None => {
                let reason = "the variation's parent is no variable product of the file";
                refusals.push(Refusal::new(row.line, "variation.parent", reason).at(export.name("parent")));
            }
        }
    }
    groups
}

/// What a row's type says. In a file without types, what has a parent is a variation, and its parent variable.
fn kind_of(export: &Export<'_>, row: &Row) -> Kind {
    if !export.has("type") && !export.cell(row, "parent").is_empty() {
        return Kind::Variation;
    }
    kind(export.cell(row, "type"))
}

/// The first word that says how it is sold; `virtual` and `downloadable` say how it is sent.
fn kind(text: &str) -> Kind {
    let words: Vec<String> = list(&text.to_lowercase());
    let kind = words
        .iter()
        .find(|word| !matches!(word.as_str(), "virtual" | "downloadable"));
    match kind.map(String::as_str) {
        None | Some("simple") => Kind::Simple,
        Some("variable") => Kind::Variable,
        Some("variation") => Kind::Variation,
        Some(other) => Kind::Other(other.to_owned()),
    }
}
