//! From a product to rows: a row for each variant and each further image.

use super::columns::{Columns, Row, choices, words_of, words_of_option};
use super::pages::{Category, Price, Product, Variant};
use crate::category_path::{self, Step};

/// What is written of a product.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// Cells in the order of the columns.
    pub(super) rows: Vec<Vec<String>>,
    /// Variants in them.
    pub(super) variants: usize,
    /// What is not in them, and why.
    pub(super) left_out: Vec<String>,
}

/// The rows of a product, and what is not in them.
pub(super) fn of(product: &Product, columns: &Columns) -> Written {
    let (priced, unpriced): (Vec<&Variant>, Vec<&Variant>) =
        product.variants.iter().partition(|variant| !variant.prices.is_empty());
    let mut left_out: Vec<String> = unpriced
        .iter()
        .map(|variant| format!("variant {} has no price", variant.sku))
        .collect();
    if priced.is_empty() {
        left_out.push(format!("product {} has nothing with a price", product.slug));
        return Written {
            left_out,
            ..Written::default()
        };
    }
    let count = priced.len().max(product.images.len());
    let rows = (0..count).map(|index| {
        let mut row = columns.row();
        row.set("Handle", &product.slug);
        if index == 0 {
            set_product(&mut row, product, &priced);
        }
        if let Some(variant) = priced.get(index) {
            set_variant(&mut row, product, variant);
        }
        if let Some(image) = product.images.get(index) {
            row.set("Image Src", &image.url);
            row.count("Image Position", index + 1);
            row.set("Image Alt Text", &image.alt);
            row.translate("Image Alt Text", &image.alt_translations);
        }
        row.finish()
    });
    Written {
        rows: rows.collect(),
        variants: priced.len(),
        left_out,
    }
}

fn set_product(row: &mut Row<'_>, product: &Product, variants: &[&Variant]) {
    let is_published = product.status == "PUBLISHED";
    let kind = |index| product.categories.get(index).map(kind).unwrap_or_default();
    row.set("Title", &product.title);
    row.translate("Title", &product.title_translations);
    row.set("Body (HTML)", &product.description_html);
    row.translate("Body (HTML)", &product.description_html_translations);
    row.set("Vendor", &product.vendor);
    row.set("Type", &kind(0));
    row.set("Collection", &kind(1));
    row.set("Categories", &category_path::written(&paths(&product.categories)));
    row.set("Tags", &product.tags.join(", "));
    row.set("Published", flag(is_published));
    row.set("Gift Card", flag(false));
    row.set("SEO Title", &product.seo.own_title);
    row.set("SEO Description", &product.seo.description);
    row.set("Status", if is_published { "active" } else { "draft" });
    for fact in &product.attributes {
        row.fact(&fact.name, &fact.value);
    }
    let first = variants.first().copied();
    for (choice, (column, _)) in first.into_iter().flat_map(choices) {
        row.set(column, &choice.name);
        row.translate(column, words_of_option(&product.options, &choice.name));
    }
    if first.is_none_or(|variant| variant.selected_options.is_empty()) {
        row.set("Option1 Name", "Title");
        row.set("Option1 Value", "Default Title");
    }
}

fn set_variant(row: &mut Row<'_>, product: &Product, variant: &Variant) {
    for (choice, (_, column)) in choices(variant) {
        row.set(column, &choice.value);
        row.translate(column, words_of(&product.options, choice));
    }
    let levels = variant.stock_levels.as_deref().unwrap_or_default();
    let has_backorders = levels.iter().any(|level| level.backorder_limit > 0);
    row.set("Variant SKU", &code(&variant.sku));
    row.count("Variant Grams", variant.weight_grams);
    if variant.tracks_stock {
        row.set("Variant Inventory Tracker", "shopify");
        // What was never counted is no zero: an import would count it.
        if !levels.is_empty() {
            row.count(
                "Variant Inventory Qty",
                levels.iter().map(|level| level.on_hand).sum::<i64>(),
            );
        }
    }
    row.set(
        "Variant Inventory Policy",
        if has_backorders { "continue" } else { "deny" },
    );
    row.set("Variant Fulfillment Service", "manual");
    for Price {
        price,
        compare_at_price,
    } in &variant.prices
    {
        row.amount("Variant Price", &price.currency, &price.amount);
        if let Some(former) = compare_at_price {
            row.amount("Variant Compare At Price", &price.currency, &former.amount);
        }
    }
    row.set("Variant Requires Shipping", flag(variant.requires_shipping));
    row.set("Variant Taxable", flag(variant.tax_class != "zero"));
    if !matches!(variant.tax_class.as_str(), "zero" | "standard") {
        row.set("Variant Tax Code", &variant.tax_class);
    }
    row.set("Variant Barcode", &code(variant.barcode.as_deref().unwrap_or_default()));
    row.set(
        "Variant Image",
        variant.own_image.as_ref().map_or("", |image| &image.url),
    );
    row.set("Variant Weight Unit", "g");
}

/// Where each category hangs, from the top of the tree.
fn paths(categories: &[Category]) -> Vec<Vec<Step>> {
    let step = |category: &Category| Step {
        slug: category.slug.clone(),
        name: category.name.clone(),
    };
    let path = |category: &Category| category.ancestors.iter().chain([category]).map(step).collect();
    categories.iter().map(path).collect()
}

/// What an import makes the same category of: the name, when its address follows from it, else the address.
fn kind(category: &Category) -> String {
    if slug::slugify(&category.name) == category.slug {
        category.name.clone()
    } else {
        category.slug.clone()
    }
}

fn flag(is_so: bool) -> &'static str {
    if is_so { "TRUE" } else { "FALSE" }
}

/// An apostrophe at the start of a code marks text and is dropped when it is read; one that belongs to it is doubled.
fn code(text: &str) -> String {
    if text.starts_with('\'') {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests;
