//! The variants of one product: its variations, or itself.

use command_api::http::import::{ImportedOption, ImportedPrice, ImportedVariant, OpeningStock};
use domain::value::{
    AMOUNT_MINOR_MAX, CODE_CHARS_MAX, Currency, Money, PRODUCT_VARIANTS_MAX, STOCK_QUANTITY_MAX, WEIGHT_GRAMS_MAX,
};

use super::columns::{Export, list};
use crate::import::cell;
use crate::import::images::{Images, Words};
use crate::import::read::Reading;
use crate::import::report::{Notice, Refusal};
use crate::import::sheet::Row;
use crate::import::sku::Skus;

/// Where exports have had barcodes.
const BARCODES: [&str; 2] = ["gtin, upc, ean, or isbn", "barcode"];

/// Reads the variants of one product.
pub(super) struct VariantReader<'a> {
    export: &'a Export<'a>,
    head: &'a Row,
    currency: Currency,
    /// The attributes in which they differ.
    dimensions: Vec<String>,
    variants: Vec<ImportedVariant>,
    stock: Vec<(String, OpeningStock)>,
}

impl<'a> VariantReader<'a> {
    pub(super) fn new(export: &'a Export<'a>, head: &'a Row, currency: Currency, dimensions: Vec<String>) -> Self {
        Self {
            export,
            head,
            currency,
            dimensions,
            variants: Vec::new(),
            stock: Vec::new(),
        }
    }

    pub(super) fn dimensions(&self) -> &[String] {
        &self.dimensions
    }

    pub(super) fn finish(self) -> (Vec<ImportedVariant>, Vec<(String, OpeningStock)>) {
        (self.variants, self.stock)
    }

    /// Takes the variant of a row.
    pub(super) fn take(&mut self, row: &Row, slug: &str, skus: &mut Skus, images: &mut Images, reading: &mut Reading) {
        let variant = match self.variant(row, slug, skus, &mut reading.notices) {
            Ok(variant) => variant,
            Err(refusal) => return reading.refusals.push(refusal),
        };
        let image = list(self.export.cell(row, "images")).into_iter().next();
        let image = image.map(|url| images.add(row.line, &url, Words::default(), None));
        let image = match image.transpose() {
            // The product's own row has named its images already.
            Err(_) if row.line == self.head.line => None,
            Err(refusal) => {
                reading.refusals.push(refusal.at(self.export.name("images")));
                None
            }
            Ok(url) => url.filter(|_| row.line != self.head.line),
        };
        if variant.tracks_stock == Some(true) {
            let stock = self.opening_stock(row, &mut reading.notices);
            self.stock.push((variant.sku.clone(), stock));
        }
        self.variants.push(ImportedVariant { image, ..variant });
    }

    fn variant(
        &self,
        row: &Row,
        slug: &str,
        skus: &mut Skus,
        notices: &mut Vec<Notice>,
    ) -> Result<ImportedVariant, Refusal> {
        if self.variants.len() >= PRODUCT_VARIANTS_MAX {
            let reason = format!("a product has at most {PRODUCT_VARIANTS_MAX} variants");
            return Err(Refusal::new(row.line, "variant.too_many", reason));
        }
        let written = cell::code(self.export.cell(row, "sku"));
        let says_options = self.export.has_attributes() || written.is_empty();
        let options = says_options.then(|| self.options(row)).transpose()?;
        let says = |name: &str| self.export.has(name);
        let price = says("regular price").then(|| self.price(row, notices));
        let values: Vec<&str> = options.iter().flatten().map(|option| option.value.as_str()).collect();
        let sku = match written {
            "" => skus.give_made(slug, &values),
            written => skus.give_written(row.line, written, notices),
        };
        let barcodes = BARCODES.iter().map(|name| cell::line(self.export.cell(row, name)));
        let barcode = barcodes.max_by_key(|barcode| !barcode.is_empty());
        let barcode = barcode.filter(|_| self.export.has_any(&BARCODES));
        let kinds = self.export.cell(row, "type").to_lowercase();
        Ok(ImportedVariant {
            sku,
            is_sku_made_up: written.is_empty(),
            options,
            prices: Vec::new(),
            barcode: barcode.filter(|barcode| barcode.chars().count() <= CODE_CHARS_MAX),
            weight_grams: self.weight(row),
            requires_shipping: says("type").then(|| !kinds.contains("virtual")),
            tax_class: self.tax_class(row).map(str::to_owned),
            tracks_stock: self.tracks_stock(row),
            image: None,
            price: price.transpose()?,
        })
    }

    /// Its choices. Where the file has no attributes, only SKUs tell variations apart.
    fn options(&self, row: &Row) -> Result<Vec<ImportedOption>, Refusal> {
        let chosen = self.export.attributes(row);
        let mut options = Vec::new();
        for name in &self.dimensions {
            let value = chosen.iter().find(|(known, _)| cell::line(known) == *name);
            let value = value.map(|(_, value)| cell::line(value)).unwrap_or_default();
            if value.is_empty() {
                let reason = format!("the variation stands for any {name:?}: here it has to say which");
                return Err(Refusal::new(row.line, "option.missing", reason));
            }
            options.push(ImportedOption {
                name: name.clone(),
                value,
            });
        }
        if self
            .variants
            .iter()
            .any(|other| other.options.as_ref() == Some(&options))
        {
            let reason = "an earlier line has a variant with the same options";
            return Err(Refusal::new(row.line, "option.repeated", reason));
        }
        Ok(options)
    }

    /// The sale's price beside the regular one; a sale with a date is not known to be on and stays out. A price and the
    /// former one are said together: without the sale's column there is none.
    fn price(&self, row: &Row, notices: &mut Vec<Notice>) -> Result<ImportedPrice, Refusal> {
        let regular = self.amount(row, "regular price")?;
        let Some(regular) = regular else {
            let refusal = Refusal::new(row.line, "price.missing", "the variant has no price");
            return Err(refusal.at(self.export.name("regular price")));
        };
        let has_dates = ["date sale price starts", "date sale price ends"]
            .iter()
            .any(|name| !self.export.cell(row, name).is_empty());
        let sale = self.amount(row, "sale price").ok().flatten();
        let is_sale = |sale: &Money| sale.amount < regular.amount && !has_dates;
        let (price, former) = match sale.filter(is_sale) {
            Some(sale) => (sale, Some(regular)),
            None => (regular, None),
        };
        if former.is_none() && !self.export.cell(row, "sale price").is_empty() {
            notices.push(Notice {
                line: row.line,
                code: "sale.left_out",
                what: "the sale's price is not lower, or has dates, and stays out".to_owned(),
            });
        }
        Ok(ImportedPrice {
            amount: price.decimal(),
            compare_at: former.map(|former| former.decimal()),
            currency: self.currency.to_string(),
        })
    }

    fn amount(&self, row: &Row, name: &str) -> Result<Option<Money>, Refusal> {
        let text = self.export.cell(row, name);
        if text.is_empty() {
            return Ok(None);
        }
        let invalid = |why: String| {
            let refusal = Refusal::new(row.line, "price.invalid", format!("the price {text:?} {why}"));
            refusal.at(self.export.name(name))
        };
        let amount = cell::amount(text, self.currency, self.export.sheet.has_decimal_commas);
        let amount = amount.map_err(|why| invalid(why.to_string()))?;
        if !(0..=AMOUNT_MINOR_MAX).contains(&amount.amount) {
            return Err(invalid("is negative or too large".to_owned()));
        }
        Ok(Some(amount))
    }

    fn weight(&self, row: &Row) -> Option<u32> {
        let (text, unit) = self.export.weight(row)?;
        let grams = cell::grams_in(text, unit, self.export.sheet.has_decimal_commas);
        grams.filter(|grams| *grams <= WEIGHT_GRAMS_MAX)
    }

    /// A variation's class may be its parent's. Which it is takes both columns to say.
    fn tax_class(&self, row: &Row) -> Option<&'static str> {
        if !self.export.has_all(&["tax status", "tax class"]) {
            return None;
        }
        let own = self.export.cell(row, "tax class").to_lowercase();
        let class = match own.as_str() {
            "parent" => self.export.cell(self.head, "tax class").to_lowercase(),
            _ => own,
        };
        let is_taxed = !self.export.cell(row, "tax status").eq_ignore_ascii_case("none");
        Some(match (is_taxed, class.as_str()) {
            (false, _) | (true, "zero-rate") => "zero",
            (true, "reduced-rate") => "reduced",
            (true, _) => "standard",
        })
    }

    /// A count is a count; without one, "not in stock" is none, and "in stock" is as many as are wanted. Without both
    /// columns, only that it is counted can be said.
    fn tracks_stock(&self, row: &Row) -> Option<bool> {
        let text = self.export.cell(row, "stock");
        let in_stock = self.export.cell(row, "in stock?");
        let is_counted = self.count(text).is_some() || cell::flag(in_stock) == Some(false);
        let has_both = self.export.has_all(&["stock", "in stock?"]);
        (has_both || is_counted).then_some(is_counted)
    }

    fn count(&self, text: &str) -> Option<i64> {
        cell::whole(text, self.export.sheet.has_decimal_commas)
    }

    fn opening_stock(&self, row: &Row, notices: &mut Vec<Notice>) -> OpeningStock {
        let text = self.export.cell(row, "stock");
        let written = self.count(if text.is_empty() { "0" } else { text });
        let quantity = written.filter(|quantity| (0..=STOCK_QUANTITY_MAX).contains(quantity));
        if quantity.is_none() {
            notices.push(Notice {
                line: row.line,
                code: "quantity.left_out",
                what: format!("the quantity {text:?} cannot lie on a shelf; there are none"),
            });
        }
        let backorders = self.export.cell(row, "backorders allowed?");
        OpeningStock {
            quantity: quantity.unwrap_or(0),
            backorder: backorders.eq_ignore_ascii_case("notify") || cell::flag(backorders) == Some(true),
        }
    }
}
