//! The variants of one product.

use command_api::http::import::{ImportedOption, ImportedPrice, ImportedVariant, OpeningStock};
use domain::value::{
    AMOUNT_MINOR_MAX, CODE_CHARS_MAX, Currency, Money, PRODUCT_VARIANTS_MAX, STOCK_QUANTITY_MAX, Sku, WEIGHT_GRAMS_MAX,
};

use super::cell;
use super::columns::{Column, OPTIONS};
use super::images::Images;
use super::read::{Reading, dimensions};
use super::report::{Notice, Refusal};
use super::sheet::{Row, Sheet};
use super::sku::Skus;

/// Reads the variants of one product.
pub(super) struct Variants<'a> {
    sheet: &'a Sheet,
    currency: Currency,
    /// The dimensions in which they choose, by their columns.
    dimensions: Vec<(usize, String)>,
    variants: Vec<ImportedVariant>,
    stock: Vec<(String, OpeningStock)>,
    /// Whether a quantity of zero is a count where there is no tracker.
    zero_is_a_count: bool,
}

impl<'a> Variants<'a> {
    pub(super) fn new(sheet: &'a Sheet, head: &Row, currency: Currency, zero_is_a_count: bool) -> Self {
        Self {
            sheet,
            currency,
            dimensions: dimensions(sheet, head),
            variants: Vec::new(),
            stock: Vec::new(),
            zero_is_a_count,
        }
    }

    /// Whether a row that is not a product's first has a variant, and not only one more image.
    pub(super) fn has_variant(&self, row: &Row) -> bool {
        let says = |column| !self.sheet.cell(row, column).is_empty();
        says(Column::Price) || says(Column::Sku) || (0..OPTIONS).any(|index| says(Column::OptionValue(index)))
    }

    /// Takes the variant of a row.
    pub(super) fn take(&mut self, row: &Row, slug: &str, skus: &mut Skus, images: &mut Images, reading: &mut Reading) {
        match self.variant(row, &mut reading.notices) {
            Ok(mut variant) => {
                variant.sku = self.sku(row, slug, &variant.options, skus, &mut reading.notices);
                variant.image = self.image(row, images, &mut reading.refusals);
                if variant.tracks_stock {
                    let stock = self.opening_stock(row, &mut reading.notices);
                    self.stock.push((variant.sku.clone(), stock));
                }
                self.variants.push(variant);
            }
            Err(refusal) => reading.refusals.push(refusal),
        }
    }

    pub(super) fn finish(self) -> (Vec<ImportedVariant>, Vec<(String, OpeningStock)>) {
        (self.variants, self.stock)
    }

    /// The variant of a row, still without its SKU and its image.
    fn variant(&self, row: &Row, notices: &mut Vec<Notice>) -> Result<ImportedVariant, Refusal> {
        if self.variants.len() >= PRODUCT_VARIANTS_MAX {
            let reason = format!("a product has at most {PRODUCT_VARIANTS_MAX} variants");
            return Err(Refusal::new(row.line, "variant.too_many", reason));
        }
        let options = self.options(row)?;
        let written = cell::code(self.sheet.cell(row, Column::Sku));
        if let Err(why) = written.parse::<Sku>()
            && !written.is_empty()
        {
            return Err(Refusal::new(row.line, "sku.invalid", format!("the SKU {why}")));
        }
        let price = self.price(row, notices)?;
        let flag = |column| cell::flag(self.sheet.cell(row, column));
        let is_taxable = flag(Column::Taxable).unwrap_or(true);
        Ok(ImportedVariant {
            sku: String::new(),
            options,
            barcode: self.barcode(row, notices),
            weight_grams: self.weight(row, notices),
            requires_shipping: flag(Column::RequiresShipping).unwrap_or(true),
            tax_class: if is_taxable { "standard" } else { "zero" }.to_owned(),
            tracks_stock: self.tracks_stock(row),
            image: None,
            price,
        })
    }

    fn options(&self, row: &Row) -> Result<Vec<ImportedOption>, Refusal> {
        let mut options = Vec::new();
        for (index, name) in &self.dimensions {
            let value = cell::line(self.sheet.cell(row, Column::OptionValue(*index)));
            if value.is_empty() {
                let reason = format!("the variant does not say which {name:?} it is");
                return Err(Refusal::new(row.line, "option.missing", reason));
            }
            options.push(ImportedOption {
                name: name.clone(),
                value,
            });
        }
        if self.variants.iter().any(|other| other.options == options) {
            let reason = "an earlier line has a variant with the same options";
            return Err(Refusal::new(row.line, "option.repeated", reason));
        }
        Ok(options)
    }

    fn price(&self, row: &Row, notices: &mut Vec<Notice>) -> Result<ImportedPrice, Refusal> {
        let text = self.sheet.cell(row, Column::Price);
        if text.is_empty() {
            return Err(Refusal::new(row.line, "price.missing", "the variant has no price"));
        }
        let invalid = |why: String| Refusal::new(row.line, "price.invalid", format!("the price {text:?} {why}"));
        let read = |text| cell::amount(text, self.currency, self.sheet.has_decimal_commas);
        let price = read(text).map_err(|why| invalid(why.to_string()))?;
        if !(0..=AMOUNT_MINOR_MAX).contains(&price.amount) {
            return Err(invalid("is negative or too large".to_owned()));
        }
        let former = self.sheet.cell(row, Column::CompareAt);
        let is_higher = |former: &Money| former.amount > price.amount && former.amount <= AMOUNT_MINOR_MAX;
        let compare_at = read(former).ok().filter(is_higher);
        if compare_at.is_none() && !is_nothing(former) {
            notices.push(Notice {
                line: row.line,
                code: "compare_at.left_out",
                what: format!("the former price {former:?} is not a higher amount and stays out"),
            });
        }
        Ok(ImportedPrice {
            amount: price.decimal(),
            compare_at: compare_at.map(|former| former.decimal()),
            currency: self.currency.to_string(),
        })
    }

    fn barcode(&self, row: &Row, notices: &mut Vec<Notice>) -> String {
        let barcode = cell::line(cell::code(self.sheet.cell(row, Column::Barcode)));
        if barcode.chars().count() <= CODE_CHARS_MAX {
            return barcode;
        }
        notices.push(Notice {
            line: row.line,
            code: "barcode.left_out",
            what: format!("the barcode has more than {CODE_CHARS_MAX} characters and stays out"),
        });
        String::new()
    }

    fn weight(&self, row: &Row, notices: &mut Vec<Notice>) -> u32 {
        let text = self.sheet.cell(row, Column::Grams);
        let grams = cell::grams(text).filter(|grams| *grams <= WEIGHT_GRAMS_MAX);
        if grams.is_none() && !text.is_empty() {
            notices.push(Notice {
                line: row.line,
                code: "weight.left_out",
                what: format!("the weight {text:?} is no number of grams and stays out"),
            });
        }
        grams.unwrap_or(0)
    }

    /// A variant is counted when something tracks it. Exports also come without trackers but with counts: a
    /// count that is not zero was made by somebody, and selling more than that would be the worse mistake.
    fn tracks_stock(&self, row: &Row) -> bool {
        let has_tracker = !self.sheet.cell(row, Column::Tracker).is_empty();
        match cell::whole(self.sheet.cell(row, Column::Quantity)) {
            _ if has_tracker => true,
            Some(0) => self.zero_is_a_count,
            count => count.is_some(),
        }
    }

    fn opening_stock(&self, row: &Row, notices: &mut Vec<Notice>) -> OpeningStock {
        let text = self.sheet.cell(row, Column::Quantity);
        let written = cell::whole(if text.is_empty() { "0" } else { text });
        let quantity = written.filter(|quantity| (0..=STOCK_QUANTITY_MAX).contains(quantity));
        if quantity.is_none() {
            notices.push(Notice {
                line: row.line,
                code: "quantity.left_out",
                what: format!("the quantity {text:?} cannot lie on a shelf; there are none"),
            });
        }
        let policy = self.sheet.cell(row, Column::Policy);
        OpeningStock {
            quantity: quantity.unwrap_or(0),
            backorder: policy.eq_ignore_ascii_case("continue") || cell::flag(policy) == Some(true),
        }
    }

    fn sku(
        &self,
        row: &Row,
        slug: &str,
        options: &[ImportedOption],
        skus: &mut Skus,
        notices: &mut Vec<Notice>,
    ) -> String {
        let written = cell::code(self.sheet.cell(row, Column::Sku));
        if written.is_empty() {
            let values: Vec<&str> = options.iter().map(|option| option.value.as_str()).collect();
            return skus.give_made(slug, &values);
        }
        let given = skus.give_written(written);
        if given != written {
            notices.push(Notice {
                line: row.line,
                code: "sku.repeated",
                what: format!("SKU {written:?} is that of an earlier line; this variant got {given:?}"),
            });
        }
        given
    }

    fn image(&self, row: &Row, images: &mut Images, refusals: &mut Vec<Refusal>) -> Option<String> {
        let text = self.sheet.cell(row, Column::VariantImage);
        if text.is_empty() {
            return None;
        }
        match images.add_for_variant(row.line, text) {
            Ok(url) => Some(url),
            Err(refusal) => {
                refusals.push(refusal);
                None
            }
        }
    }
}

/// Whether a cell says that there is no former price.
fn is_nothing(text: &str) -> bool {
    text.chars().all(|character| matches!(character, '0' | '.' | ','))
}
