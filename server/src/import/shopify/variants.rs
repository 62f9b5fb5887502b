//! The variants of one product.

use std::collections::BTreeMap;

use command_api::http::import::{ImportedOption, ImportedPrice, ImportedVariant, OpeningStock, OptionTextsBody};
use domain::value::{
    AMOUNT_MINOR_MAX, CODE_CHARS_MAX, Currency, Locale, Money, PRODUCT_VARIANTS_MAX, STOCK_QUANTITY_MAX,
    WEIGHT_GRAMS_MAX,
};

use super::Export;
use super::columns::{Column, OPTIONS};
use super::read::dimensions;
use crate::import::cell;
use crate::import::images::{Images, Words};
use crate::import::read::Reading;
use crate::import::report::{Notice, Refusal};
use crate::import::sheet::{Row, Sheet};
use crate::import::sku::Skus;

/// Columns that say something of a variant.
const OF_VARIANTS: [Column; 12] = [
    Column::OptionValue(0),
    Column::Sku,
    Column::Barcode,
    Column::Grams,
    Column::Tracker,
    Column::Quantity,
    Column::Policy,
    Column::Price,
    Column::CompareAt,
    Column::RequiresShipping,
    Column::Taxable,
    Column::VariantImage,
];
/// Micrograms in a gram.
const GRAM: u64 = 1_000_000;

/// A text by language.
type Texts = BTreeMap<Locale, String>;

/// Reads the variants of one product.
pub(super) struct Variants<'a> {
    export: &'a Export<'a>,
    currency: Currency,
    /// The dimensions in which they choose, by their columns; none when the file does not say.
    dimensions: Option<Vec<(usize, String)>>,
    variants: Vec<ImportedVariant>,
    /// How their options read in other languages, by dimension.
    option_texts: BTreeMap<String, OptionTextsBody>,
    stock: Vec<(String, OpeningStock)>,
    /// Whether a quantity of zero is a count where there is no tracker.
    zero_is_a_count: bool,
}

impl<'a> Variants<'a> {
    pub(super) fn new(export: &'a Export<'a>, head: &Row, currency: Currency, zero_is_a_count: bool) -> Self {
        Self {
            export,
            currency,
            dimensions: dimensions(export, head),
            variants: Vec::new(),
            option_texts: BTreeMap::new(),
            stock: Vec::new(),
            zero_is_a_count,
        }
    }

    /// Whether the file says anything of variants.
    pub(super) fn are_said(&self) -> bool {
        let columns = &self.export.columns;
        OF_VARIANTS.iter().any(|column| self.export.has(*column)) || !columns.prices().is_empty()
    }

    /// Whether a row that is not a product's first has a variant, and not only one more image.
    pub(super) fn has_variant(&self, row: &Row) -> bool {
        let says = |column| !self.export.cell(row, column).is_empty();
        let is_priced = || {
            self.further_columns()
                .any(|(_, price, _)| !Sheet::text(row, Some(price)).is_empty())
        };
        says(Column::Price)
            || says(Column::Sku)
            || is_priced()
            || (0..OPTIONS).any(|index| says(Column::OptionValue(index)))
    }

    /// Takes the variant of a row.
    pub(super) fn take(&mut self, row: &Row, slug: &str, skus: &mut Skus, images: &mut Images, reading: &mut Reading) {
        match self.variant(row, &mut reading.notices) {
            Ok(mut variant) => {
                let options = variant.options.as_deref().unwrap_or_default();
                variant.sku = self.sku(row, slug, options, skus, &mut reading.notices);
                variant.image = self.image(row, images, &mut reading.refusals);
                let is_counted = variant.tracks_stock == Some(true);
                let stock = is_counted.then(|| self.opening_stock(row, &mut reading.notices));
                if let Some(stock) = stock.flatten() {
                    self.stock.push((variant.sku.clone(), stock));
                }
                self.take_option_texts(row);
                self.variants.push(variant);
            }
            Err(refusal) => reading.refusals.push(refusal),
        }
    }

    /// The variants, how their options read, and what there is of them.
    pub(super) fn finish(
        mut self,
        head: &Row,
    ) -> (Vec<ImportedVariant>, Vec<OptionTextsBody>, Vec<(String, OpeningStock)>) {
        for (column, name) in self.dimensions.iter().flatten() {
            let texts: Texts = self.texts(head, Column::OptionName(*column)).collect();
            if !texts.is_empty() || self.option_texts.contains_key(name) {
                self.option_texts.entry(name.clone()).or_default().texts = texts;
            }
        }
        let option_texts = self.option_texts.into_iter();
        let option_texts = option_texts.map(|(name, texts)| OptionTextsBody { name, ..texts });
        (self.variants, option_texts.collect(), self.stock)
    }

    /// Notes how the choices of a row read in other languages. What an earlier row said stays, unless it said nothing.
    fn take_option_texts(&mut self, row: &Row) {
        for (column, name) in self.dimensions.iter().flatten() {
            let value = cell::line(self.export.cell(row, Column::OptionValue(*column)));
            let texts: Texts = self.texts(row, Column::OptionValue(*column)).collect();
            if texts.is_empty() {
                continue;
            }
            let known = self
                .option_texts
                .entry(name.clone())
                .or_default()
                .values
                .entry(value)
                .or_default();
            for (locale, text) in texts {
                let said = known.entry(locale).or_default();
                if said.is_empty() {
                    *said = text;
                }
            }
        }
    }

    /// What a row says in the languages of a column.
    fn texts(&self, row: &Row, column: Column) -> impl Iterator<Item = (Locale, String)> {
        let translations = self.export.columns.translations(column);
        translations.map(|(locale, index)| (locale.clone(), cell::line(Sheet::text(row, Some(index)))))
    }

    /// The columns of prices in other currencies than that of the file.
    fn further_columns(&self) -> impl Iterator<Item = (Currency, usize, Option<usize>)> {
        let has_own = self.export.has(Column::Price);
        let prices = self.export.columns.prices().iter().copied();
        prices.filter(move |(currency, _, _)| !has_own || *currency != self.currency)
    }

    /// The variant of a row, still without its SKU and its image.
    fn variant(&self, row: &Row, notices: &mut Vec<Notice>) -> Result<ImportedVariant, Refusal> {
        if self.variants.len() >= PRODUCT_VARIANTS_MAX {
            let reason = format!("a product has at most {PRODUCT_VARIANTS_MAX} variants");
            return Err(Refusal::new(row.line, "variant.too_many", reason));
        }
        let written = cell::code(self.export.cell(row, Column::Sku));
        let options = self.options(row, written.is_empty())?;
        let prices = self.further_prices(row, notices)?;
        let price = self.own_price(row, !prices.is_empty(), notices)?;
        let says = |column| self.export.has(column);
        let flag = |column| cell::flag(self.export.cell(row, column)).unwrap_or(true);
        let says_count = says(Column::Tracker) || says(Column::Quantity);
        Ok(ImportedVariant {
            sku: String::new(),
            is_sku_made_up: written.is_empty(),
            options,
            barcode: says(Column::Barcode).then(|| self.barcode(row, notices)),
            weight_grams: says(Column::Grams).then(|| self.weight(row, notices)),
            requires_shipping: says(Column::RequiresShipping).then(|| flag(Column::RequiresShipping)),
            tax_class: says(Column::Taxable).then(|| self.tax_class(row)),
            tracks_stock: says_count.then(|| self.tracks_stock(row)),
            image: None,
            price,
            prices,
        })
    }

    /// Codes in capitals are those of tax programs and mean nothing here; this program exports the names of classes.
    fn tax_class(&self, row: &Row) -> String {
        let code = self.export.cell(row, Column::TaxCode);
        let is_class = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        match cell::flag(self.export.cell(row, Column::Taxable)) {
            Some(false) => "zero".to_owned(),
            _ if !code.is_empty() && code.bytes().all(is_class) => code.to_owned(),
            _ => "standard".to_owned(),
        }
    }

    /// Its choices. Where the file does not say in what variants differ, only their SKUs tell them apart.
    fn options(&self, row: &Row, has_no_sku: bool) -> Result<Option<Vec<ImportedOption>>, Refusal> {
        let mut options = Vec::new();
        for (index, name) in self.dimensions.iter().flatten() {
            let value = cell::line(self.export.cell(row, Column::OptionValue(*index)));
            if value.is_empty() {
                let reason = format!("the variant does not say which {name:?} it is");
                let column = self.export.name(Column::OptionValue(*index));
                return Err(Refusal::new(row.line, "option.missing", reason).at(column));
            }
            options.push(ImportedOption {
                name: name.clone(),
                value,
            });
        }
        let options = self.dimensions.as_ref().map(|_| options);
        let is_told_apart = options.is_none() && !has_no_sku;
        if !is_told_apart && self.variants.iter().any(|other| other.options == options) {
            let reason = "an earlier line has a variant with the same options";
            return Err(Refusal::new(row.line, "option.repeated", reason));
        }
        Ok(options)
    }

    /// In the file's currency. Who has prices in others may have none in this one.
    fn own_price(
        &self,
        row: &Row,
        has_others: bool,
        notices: &mut Vec<Notice>,
    ) -> Result<Option<ImportedPrice>, Refusal> {
        let columns = &self.export.columns;
        let Some(price) = columns.position(Column::Price) else {
            return Ok(None);
        };
        if !Sheet::text(row, Some(price)).is_empty() {
            let columns = (self.currency, price, columns.position(Column::CompareAt));
            return self.price(row, columns, notices).map(Some);
        }
        if has_others {
            return Ok(None);
        }
        let refusal = Refusal::new(row.line, "price.missing", "the variant has no price");
        Err(refusal.at(self.export.name(Column::Price)))
    }

    fn further_prices(&self, row: &Row, notices: &mut Vec<Notice>) -> Result<Vec<ImportedPrice>, Refusal> {
        let says = |(_, price, _): &(Currency, usize, Option<usize>)| !Sheet::text(row, Some(*price)).is_empty();
        let columns = self.further_columns().filter(says);
        columns.map(|columns| self.price(row, columns, notices)).collect()
    }

    /// The price in a currency, by its column and that of the former price.
    fn price(
        &self,
        row: &Row,
        (currency, column, former): (Currency, usize, Option<usize>),
        notices: &mut Vec<Notice>,
    ) -> Result<ImportedPrice, Refusal> {
        let text = Sheet::text(row, Some(column));
        let invalid = |why: String| {
            let refusal = Refusal::new(row.line, "price.invalid", format!("the price {text:?} {why}"));
            refusal.at(self.export.sheet.name(column))
        };
        let read = |text| cell::amount(text, currency, self.export.sheet.has_decimal_commas);
        let price = read(text).map_err(|why| invalid(why.to_string()))?;
        if !(0..=AMOUNT_MINOR_MAX).contains(&price.amount) {
            return Err(invalid("is negative or too large".to_owned()));
        }
        let former = Sheet::text(row, former);
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
            currency: currency.to_string(),
        })
    }

    fn barcode(&self, row: &Row, notices: &mut Vec<Notice>) -> String {
        let barcode = cell::line(cell::code(self.export.cell(row, Column::Barcode)));
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
        let text = self.export.cell(row, Column::Grams);
        let grams =
            cell::grams_in(text, GRAM, self.export.sheet.has_decimal_commas).filter(|grams| *grams <= WEIGHT_GRAMS_MAX);
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
        let has_tracker = !self.export.cell(row, Column::Tracker).is_empty();
        match cell::whole(
            self.export.cell(row, Column::Quantity),
            self.export.sheet.has_decimal_commas,
        ) {
            _ if has_tracker => true,
            Some(0) => self.zero_is_a_count,
            count => count.is_some(),
        }
    }

    /// None when nobody has counted.
    fn opening_stock(&self, row: &Row, notices: &mut Vec<Notice>) -> Option<OpeningStock> {
        let policy = self.export.cell(row, Column::Policy);
        let backorder = policy.eq_ignore_ascii_case("continue") || cell::flag(policy) == Some(true);
        let text = self.export.cell(row, Column::Quantity);
        let has_commas = self.export.sheet.has_decimal_commas;
        let written = cell::whole(if text.is_empty() { "0" } else { text }, has_commas);
        let quantity = written.filter(|quantity| (0..=STOCK_QUANTITY_MAX).contains(quantity));
        if quantity.is_none() {
            notices.push(Notice {
                line: row.line,
                code: "quantity.left_out",
                what: format!("the quantity {text:?} cannot lie on a shelf; there are none"),
            });
        }
        let says_something = backorder || !text.is_empty();
        says_something.then_some(OpeningStock {
            quantity: quantity.unwrap_or(0),
            backorder,
        })
    }

    fn sku(
        &self,
        row: &Row,
        slug: &str,
        options: &[ImportedOption],
        skus: &mut Skus,
        notices: &mut Vec<Notice>,
    ) -> String {
        let written = cell::code(self.export.cell(row, Column::Sku));
        if written.is_empty() {
            let values: Vec<&str> = options.iter().map(|option| option.value.as_str()).collect();
            return skus.give_made(slug, &values);
        }
        skus.give_written(row.line, written, notices)
    }

    fn image(&self, row: &Row, images: &mut Images, refusals: &mut Vec<Refusal>) -> Option<String> {
        let text = self.export.cell(row, Column::VariantImage);
        if text.is_empty() {
            return None;
        }
        // After the product's own, whose places the file names.
        let added = images.add(row.line, text, Words::default(), None);
        let added = added.map_err(|refusal| refusals.push(refusal.at(self.export.name(Column::VariantImage))));
        added.ok()
    }
}

/// Whether a cell says that there is no former price.
fn is_nothing(text: &str) -> bool {
    text.chars().all(|character| matches!(character, '0' | '.' | ','))
}
