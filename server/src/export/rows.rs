//! From a product to rows: a row for each variant and each further image.

use super::pages::{Category, Product, Variant};

/// The columns, in the order in which Shopify writes them.
pub(super) const HEADER: [&str; 37] = [
    "Handle",
    "Title",
    "Body (HTML)",
    "Vendor",
    "Product Category",
    "Type",
    "Tags",
    "Published",
    "Option1 Name",
    "Option1 Value",
    "Option2 Name",
    "Option2 Value",
    "Option3 Name",
    "Option3 Value",
    "Variant SKU",
    "Variant Grams",
    "Variant Inventory Tracker",
    "Variant Inventory Qty",
    "Variant Inventory Policy",
    "Variant Fulfillment Service",
    "Variant Price",
    "Variant Compare At Price",
    "Variant Requires Shipping",
    "Variant Taxable",
    "Variant Barcode",
    "Image Src",
    "Image Position",
    "Image Alt Text",
    "Gift Card",
    "SEO Title",
    "SEO Description",
    "Variant Image",
    "Variant Weight Unit",
    "Variant Tax Code",
    "Cost per item",
    "Status",
    "Collection",
];

/// Names of the option columns.
const OPTIONS: [(&str, &str); 3] = [
    ("Option1 Name", "Option1 Value"),
    ("Option2 Name", "Option2 Value"),
    ("Option3 Name", "Option3 Value"),
];

/// Cells in the order of [`HEADER`].
pub(super) type Row = [String; HEADER.len()];

fn set(row: &mut Row, column: &str, text: impl Into<String>) {
    if let Some(index) = HEADER.iter().position(|name| *name == column) {
        row[index] = text.into();
    }
}

/// Whether a row has a variant, and not only one more image.
pub(super) fn has_variant(row: &Row) -> bool {
    HEADER
        .iter()
        .zip(row)
        .any(|(name, cell)| *name == "Variant SKU" && !cell.is_empty())
}

/// The rows of a product, and what is not in them.
pub(super) fn of(product: &Product) -> (Vec<Row>, Vec<String>) {
    let (priced, unpriced): (Vec<&Variant>, Vec<&Variant>) =
        product.variants.iter().partition(|variant| variant.price.is_some());
    let left_out = |variant: &&Variant| format!("variant {} has no price in the currency of the file", variant.sku);
    let mut left: Vec<String> = unpriced.iter().map(left_out).collect();
    if priced.is_empty() {
        left.push(format!(
            "product {} has nothing with a price in the currency of the file",
            product.slug
        ));
        return (Vec::new(), left);
    }
    let count = priced.len().max(product.images.len());
    let rows = (0..count).map(|index| {
        let mut row: Row = std::array::from_fn(|_| String::new());
        set(&mut row, "Handle", &product.slug);
        if index == 0 {
            set_product(&mut row, product, &priced);
        }
        if let Some(variant) = priced.get(index) {
            set_variant(&mut row, variant);
        }
        if let Some(image) = product.images.get(index) {
            set(&mut row, "Image Src", &image.url);
            set(&mut row, "Image Position", (index + 1).to_string());
            set(&mut row, "Image Alt Text", &image.alt);
        }
        row
    });
    (rows.collect(), left)
}

fn set_product(row: &mut Row, product: &Product, variants: &[&Variant]) {
    let is_published = product.status == "PUBLISHED";
    set(row, "Title", &product.title);
    set(row, "Body (HTML)", &product.description_html);
    set(row, "Vendor", &product.vendor);
    set(row, "Type", product.categories.first().map(kind).unwrap_or_default());
    set(
        row,
        "Collection",
        product.categories.get(1).map(kind).unwrap_or_default(),
    );
    set(row, "Tags", product.tags.join(", "));
    set(row, "Published", flag(is_published));
    set(row, "Gift Card", flag(false));
    set(row, "SEO Title", &product.seo.own_title);
    set(row, "SEO Description", &product.seo.description);
    set(row, "Status", if is_published { "active" } else { "draft" });
    let choices = variants.first().map(|variant| variant.selected_options.as_slice());
    let choices = choices.unwrap_or_default();
    for (choice, (column, _)) in choices.iter().zip(OPTIONS) {
        set(row, column, &choice.name);
    }
    if choices.is_empty() {
        set(row, "Option1 Name", "Title");
        set(row, "Option1 Value", "Default Title");
    }
}

fn set_variant(row: &mut Row, variant: &Variant) {
    for (choice, (_, column)) in variant.selected_options.iter().zip(OPTIONS) {
        set(row, column, &choice.value);
    }
    let levels = variant.stock_levels.as_deref().unwrap_or_default();
    let has_backorders = levels.iter().any(|level| level.backorder_limit > 0);
    set(row, "Variant SKU", code(&variant.sku));
    set(row, "Variant Grams", variant.weight_grams.to_string());
    if variant.tracks_stock {
        set(row, "Variant Inventory Tracker", "shopify");
        // What was never counted is no zero: an import would count it.
        if !levels.is_empty() {
            let on_hand: i64 = levels.iter().map(|level| level.on_hand).sum();
            set(row, "Variant Inventory Qty", on_hand.to_string());
        }
    }
    let policy = if has_backorders { "continue" } else { "deny" };
    set(row, "Variant Inventory Policy", policy);
    set(row, "Variant Fulfillment Service", "manual");
    let amount = |amount: &Option<super::pages::Amount>| amount.as_ref().map(|amount| amount.amount.clone());
    set(row, "Variant Price", amount(&variant.price).unwrap_or_default());
    set(
        row,
        "Variant Compare At Price",
        amount(&variant.compare_at_price).unwrap_or_default(),
    );
    set(row, "Variant Requires Shipping", flag(variant.requires_shipping));
    set(row, "Variant Taxable", flag(variant.tax_class != "zero"));
    if !matches!(variant.tax_class.as_str(), "zero" | "standard") {
        set(row, "Variant Tax Code", &variant.tax_class);
    }
    set(
        row,
        "Variant Barcode",
        code(variant.barcode.as_deref().unwrap_or_default()),
    );
    let image = variant.own_image.as_ref().map(|image| image.url.clone());
    set(row, "Variant Image", image.unwrap_or_default());
    set(row, "Variant Weight Unit", "g");
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
