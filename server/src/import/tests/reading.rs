mod images;
mod partial;
mod prices;
mod sheets;
mod variants;

use command_api::http::import::{ImportedPrice, ImportedProduct};
use domain::value::Currency;

use super::super::*;

const HEADER: &str = "Handle,Title,Body (HTML),Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,Option2 Value,\
                      Variant SKU,Variant Grams,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,\
                      Variant Price,Variant Compare At Price,Variant Requires Shipping,Variant Taxable,Variant Barcode,\
                      Image Src,Image Position,Image Alt Text,Variant Image,Gift Card,Status";

/// A row with these cells, by the names of their columns.
fn row(cells: &[(&str, &str)]) -> String {
    let cell = |name: &str| {
        let found = cells.iter().find(|(column, _)| *column == name);
        found.map_or(String::new(), |(_, text)| format!("\"{}\"", text.replace('"', "\"\"")))
    };
    HEADER
        .split(',')
        .map(|name| cell(name.trim()))
        .collect::<Vec<_>>()
        .join(",")
}

fn lamp<'a>(more: &[(&'a str, &'a str)]) -> String {
    let mut cells = more.to_vec();
    cells.extend([
        ("Handle", "floor-lamp"),
        ("Title", "Floor Lamp"),
        ("Variant Price", "69.99"),
    ]);
    row(&cells)
}

fn read_rows(rows: &[String]) -> Reading {
    let text = format!("{HEADER}\n{}\n", rows.join("\n"));
    read(text.as_bytes(), Currency::EUR).expect("the file is read")
}

fn read_text(text: &str) -> Reading {
    read(text.as_bytes(), Currency::EUR).expect("the file is read")
}

/// The only product of a file in which nothing is refused.
fn product(reading: &Reading) -> &ImportedProduct {
    assert_eq!(reading.refusals, []);
    assert_eq!(reading.products.len(), 1);
    &reading.products[0].product
}

fn refused(reading: &Reading) -> Vec<(u64, &str)> {
    reading
        .refusals
        .iter()
        .map(|refusal| (refusal.line, refusal.code.as_str()))
        .collect()
}

fn noticed(reading: &Reading) -> Vec<(u64, &str)> {
    reading
        .notices
        .iter()
        .map(|notice| (notice.line, notice.code))
        .collect()
}

fn skus(reading: &Reading) -> Vec<&str> {
    let variants = reading.products.iter().flat_map(|product| &product.product.variants);
    variants.map(|variant| variant.sku.as_str()).collect()
}

/// The price of a product's first variant.
fn price_of(product: &ImportedProduct) -> ImportedPrice {
    product.variants[0].price.clone().expect("it has a price")
}

#[test]
fn a_product_without_options_is_one_variant() {
    let reading = read_rows(&[lamp(&[
        ("Option1 Name", "Title"),
        ("Option1 Value", "Default Title"),
        ("Type", "Indoor & Cosy"),
        ("Tags", "Black, Lamp,, Black"),
        ("Variant Grams", "3200.5"),
        ("Variant Compare At Price", "85.00"),
        ("Variant Inventory Tracker", "shopify"),
        ("Variant Inventory Qty", "4"),
        ("Variant Inventory Policy", "deny"),
    ])]);
    let lamp = product(&reading);
    assert_eq!(
        (lamp.slug.as_str(), lamp.title.as_deref(), lamp.published),
        ("floor-lamp", Some("Floor Lamp"), Some(true))
    );
    assert_eq!(
        lamp.tags.as_deref(),
        Some(["Black", "Lamp"].map(str::to_owned).as_slice())
    );
    assert_eq!(
        (lamp.categories[0].slug.as_str(), lamp.categories[0].name.as_str()),
        ("indoor-cosy", "Indoor & Cosy")
    );
    let variant = &lamp.variants[0];
    assert_eq!(variant.sku, "FLOOR-LAMP");
    assert_eq!(variant.options, Some(Vec::new()));
    assert_eq!(variant.weight_grams, Some(3_201));
    let price = price_of(lamp);
    assert_eq!(
        (price.amount.as_str(), price.compare_at.as_deref()),
        ("69.99", Some("85.00"))
    );
    assert_eq!(
        (
            variant.tracks_stock,
            variant.requires_shipping,
            variant.tax_class.as_deref()
        ),
        (Some(true), Some(true), Some("standard"))
    );
    let stock = &reading.products[0].stock;
    assert_eq!(
        (stock[0].0.as_str(), stock[0].1.quantity, stock[0].1.backorder),
        ("FLOOR-LAMP", 4, false)
    );
}

#[test]
fn the_columns_of_newer_exports_are_known() {
    let text = "Title,URL handle,Description,Vendor,Product category,Type,Tags,Published on online store,Status,SKU,\
                Barcode,Option1 name,Option1 value,Price,Compare-at price,Charge tax,Inventory tracker,\
                Inventory quantity,Continue selling when out of stock,Weight value (grams),Requires shipping,\
                Product image URL,Image position,Image alt text,Variant image URL,Gift card,SEO title,SEO description\n\
                Tee,tee,<b>Soft</b>,Ours,Apparel > Shirts > T-Shirts,,cotton,TRUE,Active,TEE-S,'0123,Size,S,19.00,,FALSE,\
                shopify,7,CONTINUE,180,TRUE,https://example.com/tee.jpg,1,A tee,,FALSE,Best tee,\"Soft, warm\"\n";
    let reading = read_text(text);
    let tee = product(&reading);
    assert_eq!(
        (tee.categories[0].slug.as_str(), tee.categories[0].name.as_str()),
        ("t-shirts", "T-Shirts")
    );
    assert_eq!(
        (tee.seo_title.as_deref(), tee.seo_description.as_deref()),
        (Some("Best tee"), Some("Soft, warm"))
    );
    let variant = &tee.variants[0];
    assert_eq!(
        (variant.sku.as_str(), variant.barcode.as_deref()),
        ("TEE-S", Some("0123"))
    );
    assert_eq!(
        (variant.tax_class.as_deref(), variant.weight_grams),
        (Some("zero"), Some(180))
    );
    assert_eq!(
        (
            reading.products[0].stock[0].1.quantity,
            reading.products[0].stock[0].1.backorder
        ),
        (7, true)
    );
    assert_eq!(
        (
            tee.images[0].url.as_str(),
            tee.images[0].alt.as_deref().unwrap_or_default()
        ),
        ("https://example.com/tee.jpg", "A tee")
    );
}

#[test]
fn html_is_made_safe() {
    let reading = read_rows(&[lamp(&[(
        "Body (HTML)",
        "<p onclick=\"x()\" style=\"color:red\">A <strong>lamp</strong><script>alert(1)</script>\
         <a href=\"javascript:x()\">here</a><iframe src=\"//evil\"></iframe></p>",
    )])]);
    assert_eq!(
        product(&reading).description_html.as_deref(),
        Some("<p>A <strong>lamp</strong><a rel=\"noopener noreferrer\">here</a></p>")
    );
}

#[test]
fn a_product_is_published_when_the_file_says_so() {
    let published = |published, status| {
        let reading = read_rows(&[lamp(&[("Published", published), ("Status", status)])]);
        product(&reading).published == Some(true)
    };
    assert!(published("true", "active") && published("", "") && published("TRUE", ""));
    assert!(!published("false", "active") && !published("true", "draft") && !published("true", "archived"));
}

#[test]
fn rows_of_a_product_need_its_handle_and_its_title() {
    let reading = read_rows(&[
        row(&[("Title", "Nameless"), ("Variant Price", "1")]),
        row(&[("Handle", "untitled"), ("Variant Price", "1")]),
        row(&[("Handle", "untitled"), ("Image Src", "https://example.com/x.jpg")]),
        row(&[("Handle", "!!!"), ("Title", "Signs"), ("Variant Price", "1")]),
        row(&[
            ("Handle", "gift"),
            ("Title", "Gift"),
            ("Variant Price", "1"),
            ("Gift Card", "true"),
        ]),
        lamp(&[]),
    ]);
    assert_eq!(
        refused(&reading),
        [
            (2, "handle.missing"),
            (3, "title.missing"),
            (4, "title.missing"),
            (5, "handle.invalid"),
        ]
    );
    assert_eq!(skus(&reading), ["GIFT", "FLOOR-LAMP"]);
    assert_eq!(noticed(&reading), [(6, "product.gift_card")]);
    let gift = &reading.products[0].product;
    assert_eq!((gift.published, gift.published_when_new), (None, false));
}

#[test]
fn too_many_variants_and_tags_stay_out() {
    let tags: Vec<String> = (0..300).map(|number| format!("tag {number}")).collect();
    let mut rows = vec![lamp(&[
        ("Option1 Name", "No"),
        ("Option1 Value", "0"),
        ("Tags", &tags.join(",")),
    ])];
    for number in 1..=100 {
        let value = number.to_string();
        rows.push(row(&[
            ("Handle", "floor-lamp"),
            ("Option1 Value", &value),
            ("Variant Price", "1"),
        ]));
    }
    let reading = read_rows(&rows);
    assert_eq!(refused(&reading), [(102, "variant.too_many")]);
    assert_eq!(reading.products[0].product.tags.as_ref().map(Vec::len), Some(250));
    assert_eq!(noticed(&reading), [(2, "tags.left_out")]);
}

#[test]
fn texts_that_a_shop_would_refuse_are_named_before_it_is_asked() {
    let long = "long ".repeat(500);
    let (body, heavy) = (format!("<p>{long}</p>"), format!("<p>{}</p>", long.repeat(30)));
    let other = |handle, column, text| lamp(&[("Handle", handle), ("Variant SKU", handle), (column, text)]);
    let reading = read_rows(&[
        other("one", "Title", &long),
        other("two", "Body (HTML)", &heavy),
        lamp(&[("Option1 Name", "Size"), ("Option1 Value", &long)]),
        other("four", "Body (HTML)", &body),
        other("five", "Type", &long),
        lamp(&[
            ("Handle", "six"),
            ("Variant SKU", "six"),
            ("Image Src", "/six.svg"),
            ("Image Alt Text", &long),
        ]),
    ]);
    assert_eq!(
        refused(&reading),
        [
            (2, "title.too_long"),
            (3, "description.too_long"),
            (4, "option.too_long")
        ]
    );
    assert_eq!(skus(&reading), ["four", "five", "six"]);
    assert_eq!(noticed(&reading), [(6, "text.left_out"), (7, "text.left_out")]);
}

#[test]
fn a_description_in_another_language_is_limited_in_bytes() {
    let heavy = "x".repeat(domain::value::DESCRIPTION_BYTES_MAX + 1);
    let reading = read_text(&format!("Handle,Body (HTML) (de)\nlamp,{heavy}\n"));
    let [notice] = reading.notices.as_slice() else {
        panic!("one text stays out: {} do", reading.notices.len());
    };
    let limit = format!("{} bytes", domain::value::DESCRIPTION_BYTES_MAX);
    assert!(notice.what.ends_with(&limit), "{}", notice.what);
}
