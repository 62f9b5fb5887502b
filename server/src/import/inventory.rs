//! Shopify's inventory export: what lies at each location, a row for each variant and location.
//!
//! A file with `On hand (new)` says what is to lie there, and in `On hand (current)` what was there before; one with
//! `On hand` alone says what lies there. Files of the first kind are what Shopify writes since 2024.

use std::collections::BTreeSet;

use command_api::http::import::CountedStock;
use domain::stream::Location;
use domain::value::STOCK_QUANTITY_MAX;

use super::cell;
use super::read::{ReadCount, Reading};
use super::report::{Notice, Refusal};
use super::sheet::{Row, Sheet, Unreadable};
use super::sku::fitting;

const SKU: &str = "sku";
const LOCATION: &str = "location";
const ON_HAND: &str = "on hand";
const ON_HAND_BEFORE: &str = "on hand (current)";
const ON_HAND_NEW: &str = "on hand (new)";
/// How the format says that a location does not have a variant at all.
const NOT_STOCKED: &str = "not stocked";

/// Where the columns stand that are read.
struct Columns {
    sku: usize,
    location: usize,
    on_hand: usize,
    before: Option<usize>,
}

/// Whether a header is of this format.
pub(super) fn is_meant(sheet: &Sheet) -> bool {
    let names: BTreeSet<String> = sheet.columns().collect();
    let is_there = |name: &str| names.contains(name);
    is_there(LOCATION) && (is_there(ON_HAND) || is_there(ON_HAND_BEFORE) || is_there("available"))
}

/// Reads the counts of a sheet.
///
/// # Errors
/// Columns are missing without which nothing is counted.
pub(super) fn read(sheet: &Sheet, reading: &mut Reading) -> Result<(), Unreadable> {
    let columns = Columns::find(sheet)?;
    let named: BTreeSet<&str> = sheet
        .rows
        .iter()
        .map(|row| Sheet::text(row, Some(columns.location)))
        .collect();
    // A shop with one location calls it `main`, whatever it was called elsewhere.
    let is_only_one = named.iter().filter(|name| !name.is_empty()).count() == 1;
    let mut counted = BTreeSet::new();
    for row in &sheet.rows {
        let count = columns.read(sheet, row, is_only_one, &mut reading.notices);
        match count {
            Ok(None) => {}
            Ok(Some(count)) if counted.insert((count.sku.clone(), count.counted.location.clone())) => {
                reading.counts.push(count);
            }
            Ok(Some(count)) => {
                let reason = format!("{:?} was counted at this location on an earlier line", count.sku);
                reading.refusals.push(Refusal::new(row.line, "stock.repeated", reason));
            }
            Err(refusal) => reading.refusals.push(refusal),
        }
    }
    Ok(())
}

impl Columns {
    fn find(sheet: &Sheet) -> Result<Self, Unreadable> {
        let position = |name: &str| sheet.columns().position(|column| column == name);
        let on_hand = position(ON_HAND_NEW).or_else(|| position(ON_HAND));
        let (Some(sku), Some(location), Some(on_hand)) = (position(SKU), position(LOCATION), on_hand) else {
            let columns = [
                ("SKU", position(SKU)),
                ("Location", position(LOCATION)),
                ("On hand", on_hand),
            ];
            let missing = columns.iter().filter(|(_, found)| found.is_none());
            return Err(Unreadable::MissingColumns(missing.map(|(name, _)| *name).collect()));
        };
        Ok(Self {
            sku,
            location,
            on_hand,
            before: position(ON_HAND_NEW).and_then(|_| position(ON_HAND_BEFORE)),
        })
    }

    /// What a row says was counted; none when it says nothing.
    fn read(
        &self,
        sheet: &Sheet,
        row: &Row,
        is_only_one: bool,
        notices: &mut Vec<Notice>,
    ) -> Result<Option<ReadCount>, Refusal> {
        let text = Sheet::text(row, Some(self.on_hand));
        if text.is_empty() || text.eq_ignore_ascii_case(NOT_STOCKED) {
            return Ok(None);
        }
        let blame = |code: &str, reason: String, column: usize| {
            let refusal = Refusal::new(row.line, code, reason);
            refusal.at(sheet.name(column))
        };
        let whole = cell::whole(text, sheet.has_decimal_commas);
        let Some(on_hand) = whole.filter(|on_hand| *on_hand <= STOCK_QUANTITY_MAX) else {
            let reason = format!("the quantity {text:?} cannot lie on a shelf");
            return Err(blame("quantity.invalid", reason, self.on_hand));
        };
        let sku = cell::code(Sheet::text(row, Some(self.sku)));
        if sku.is_empty() {
            let reason = "a count names its variant by its SKU".to_owned();
            return Err(blame("sku.missing", reason, self.sku));
        }
        if on_hand < 0 {
            notices.push(Notice {
                line: row.line,
                code: "quantity.left_out",
                what: format!("the quantity {text:?} cannot lie on a shelf; there are none"),
            });
        }
        let before = self.before.map(|column| Sheet::text(row, Some(column)));
        let before = before.and_then(|text| cell::whole(text, sheet.has_decimal_commas));
        Ok(Some(ReadCount {
            line: row.line,
            sku: fitting(sku),
            counted: CountedStock {
                on_hand: on_hand.max(0),
                expected: before.map(|before| before.max(0)),
                location: self
                    .location(row, is_only_one)
                    .map_err(|(code, reason)| blame(code, reason, self.location))?,
            },
        }))
    }

    fn location(&self, row: &Row, is_only_one: bool) -> Result<Option<String>, (&'static str, String)> {
        let name = Sheet::text(row, Some(self.location));
        if name.is_empty() {
            return Err(("location.missing", "a count names its location".to_owned()));
        }
        if is_only_one {
            return Ok(None);
        }
        let slug = slug::slugify(name);
        match slug.parse::<Location>() {
            Ok(_) => Ok(Some(slug)),
            Err(_) => Err(("location.invalid", format!("no location can be called {name:?}"))),
        }
    }
}
