use std::sync::atomic::{AtomicUsize, Ordering};

use command_api::http::import::{ImportedOption, ImportedProduct};
use domain::value::Currency;
use serde_json::{Value, json};

use super::*;
use crate::import;

fn product(change: impl FnOnce(&mut Value)) -> Product {
    let mut product = json!({
        "slug": "tee", "title": "Tee, \"soft\"", "descriptionHtml": " <p>One\nTwo</p>", "vendor": "Ours",
        "tags": ["cotton", "red"], "status": "PUBLISHED", "seo": { "ownTitle": "", "description": "Soft" },
        "images": [{ "url": "/images/1.png", "alt": "Front" }, { "url": "/images/2.png", "alt": "" },
                   { "url": "/images/3.png", "alt": "" }],
        "categories": [{ "slug": "t-shirts", "name": "T-Shirts" }],
        "variants": [
            { "sku": "TEE-S", "barcode": "0123", "weightGrams": 180, "requiresShipping": true, "taxClass": "reduced",
              "tracksStock": true, "selectedOptions": [{ "name": "Size", "value": "S" }],
              "price": { "amount": "19.00" }, "compareAtPrice": { "amount": "25.00" },
              "ownImage": { "url": "/images/2.png" }, "stockLevels": [{ "onHand": 3, "backorderLimit": 5 }] },
            { "sku": "'M", "barcode": null, "weightGrams": 0, "requiresShipping": false, "taxClass": "zero",
              "tracksStock": false, "selectedOptions": [{ "name": "Size", "value": "M" }],
              "price": { "amount": "20.00" }, "compareAtPrice": null, "ownImage": null, "stockLevels": null }
        ]
    });
    change(&mut product);
    serde_json::from_value(product).expect("a product")
}

fn read_back(rows: &[Row]) -> import::Reading {
    let mut file = csv::Writer::from_writer(Vec::new());
    file.write_record(HEADER).expect("the header is written");
    rows.iter()
        .for_each(|row| file.write_record(row).expect("a row is written"));
    let bytes = file.into_inner().expect("all is written");
    import::read(&bytes, Currency::EUR).expect("the file is read")
}

#[test]
fn what_is_written_reads_as_what_it_was() {
    let (rows, left_out) = of(&product(|_| {}));
    assert_eq!((rows.len(), left_out), (3, Vec::new()));
    let reading = read_back(&rows);
    assert_eq!((&reading.refusals, &reading.notices), (&Vec::new(), &Vec::new()));
    let tee = &reading.products[0].product;
    assert_eq!(tee.title.as_deref(), Some("Tee, \"soft\""));
    assert_eq!(tee.description_html.as_deref(), Some(" <p>One\nTwo</p>"));
    assert_eq!(tee.categories[0].slug, "t-shirts");
    assert_eq!(tee.images.len(), 3);
    let (small, medium) = (&tee.variants[0], &tee.variants[1]);
    assert_eq!((small.sku.as_str(), medium.sku.as_str()), ("TEE-S", "'M"));
    assert_eq!(
        (small.tax_class.as_deref(), medium.tax_class.as_deref()),
        (Some("reduced"), Some("zero"))
    );
    assert_eq!(small.image.as_deref(), Some("/images/2.png"));
    assert_eq!((small.tracks_stock, medium.tracks_stock), (Some(true), Some(false)));
    let stock = reading.products[0].stock[0].1;
    assert_eq!((stock.quantity, stock.backorder), (3, true));
}

#[test]
fn what_was_never_counted_is_not_counted_by_an_import() {
    let (rows, _) = of(&product(|product| product["variants"][0]["stockLevels"] = Value::Null));
    let reading = read_back(&rows);
    assert_eq!(reading.products[0].stock, []);
    assert_eq!(reading.products[0].product.variants[0].tracks_stock, Some(true));
}

#[test]
fn what_has_no_price_in_the_currency_is_left_out_and_named() {
    let unpriced = |index: usize| move |product: &mut Value| product["variants"][index]["price"] = Value::Null;
    let (rows, left_out) = of(&product(unpriced(1)));
    assert_eq!(rows.iter().filter(|row| has_variant(row)).count(), 1);
    assert_eq!(left_out, ["variant 'M has no price in the currency of the file"]);
    let (rows, left_out) = of(&product(|product| {
        unpriced(0)(product);
        unpriced(1)(product);
    }));
    assert_eq!((rows.len(), left_out.len()), (0, 3));
}

#[test]
fn a_category_is_written_as_what_leads_back_to_it() {
    let of_name = |slug: &str, name: &str| {
        let (slug, name) = (slug.to_owned(), name.to_owned());
        kind(&Category { slug, name })
    };
    assert_eq!(of_name("t-shirts", "T-Shirts"), "T-Shirts");
    assert_eq!(of_name("clothing-caps", "Caps"), "clothing-caps");
}

/// A product of a file as a shop would tell it that knew nothing of it before; none when an export could not tell
/// it: it has rows for variants, one column for a category, and none for free facts.
fn told(read: &import::ReadProduct) -> Option<Product> {
    let product = &read.product;
    let is_said_otherwise =
        product.variants.is_empty() || !product.attributes.is_empty() || product.categories.len() > 1;
    if is_said_otherwise || product.categories.iter().any(|category| !category.parents.is_empty()) {
        return None;
    }
    let stock = |sku: &str| read.stock.iter().find(|(stocked, _)| stocked == sku);
    let variants = product.variants.iter().map(|variant| {
        let price = variant.price.as_ref()?;
        let levels = stock(&variant.sku)
            .map(|(_, stock)| vec![json!({ "onHand": stock.quantity, "backorderLimit": i64::from(stock.backorder) })]);
        let tax_class = variant.tax_class.as_deref().unwrap_or("standard");
        let image = variant.image.as_ref().filter(|url| !url.is_empty());
        Some(json!({
            "sku": variant.sku, "barcode": variant.barcode, "weightGrams": variant.weight_grams.unwrap_or_default(),
            "requiresShipping": variant.requires_shipping.unwrap_or(true), "taxClass": tax_class,
            "tracksStock": variant.tracks_stock.unwrap_or(levels.is_some()),
            "selectedOptions": variant.options.as_ref()?, "price": { "amount": price.amount },
            "compareAtPrice": price.compare_at.as_ref().map(|amount| json!({ "amount": amount })),
            "ownImage": image.map(|url| json!({ "url": url })), "stockLevels": levels,
        }))
    });
    let variants: Option<Vec<Value>> = variants.collect();
    let is_published = product.published.unwrap_or(product.published_when_new);
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let told = json!({
        "slug": product.slug, "title": product.title.as_ref()?, "descriptionHtml": text(&product.description_html),
        "vendor": text(&product.vendor), "tags": product.tags.clone().unwrap_or_default(),
        "status": if is_published { "PUBLISHED" } else { "HIDDEN" },
        "seo": { "ownTitle": text(&product.seo_title), "description": text(&product.seo_description) },
        "images": product.images, "categories": product.categories, "variants": variants?,
    });
    Some(serde_json::from_value(told).expect("a product"))
}

/// What is said of a product, without what `first` left unsaid. A SKU that was made up is one's own after it.
fn said(read: &import::ReadProduct, first: &import::ReadProduct) -> ImportedProduct {
    let (mut said, first) = (read.product.clone(), &first.product);
    said.description_html = said.description_html.filter(|_| first.description_html.is_some());
    said.vendor = said.vendor.filter(|_| first.vendor.is_some());
    said.tags = said.tags.filter(|_| first.tags.is_some());
    said.seo_title = said.seo_title.filter(|_| first.seo_title.is_some());
    said.seo_description = said.seo_description.filter(|_| first.seo_description.is_some());
    said.published = said.published.filter(|_| first.published.is_some());
    said.published_when_new = false;
    for (image, first) in said.images.iter_mut().zip(&first.images) {
        image.alt = image.alt.take().filter(|_| first.alt.is_some());
    }
    for (variant, first) in said.variants.iter_mut().zip(&first.variants) {
        variant.is_sku_made_up = false;
        // In this format the only choice of this name is none.
        let is_none = |option: &ImportedOption| {
            option.name.eq_ignore_ascii_case("title") && option.value.eq_ignore_ascii_case("default title")
        };
        if let Some([option]) = variant.options.as_deref()
            && is_none(option)
        {
            variant.options = Some(Vec::new());
        }
        variant.barcode = variant.barcode.take().filter(|_| first.barcode.is_some());
        variant.weight_grams = variant.weight_grams.filter(|_| first.weight_grams.is_some());
        variant.requires_shipping = variant.requires_shipping.filter(|_| first.requires_shipping.is_some());
        variant.tax_class = variant.tax_class.take().filter(|_| first.tax_class.is_some());
        variant.tracks_stock = variant.tracks_stock.filter(|_| first.tracks_stock.is_some());
        variant.image = variant.image.take().filter(|_| first.image.is_some());
    }
    said
}

#[test]
fn what_is_near_a_product_file_says_the_same_after_an_export() {
    static COMPARED: AtomicUsize = AtomicUsize::new(0);
    fuzzing::near!(fuzzing::files(env!("CARGO_MANIFEST_DIR"), "csv"), 5_000, |bytes| {
        let Ok(reading) = import::read(bytes, Currency::EUR) else {
            return;
        };
        for read in &reading.products {
            let Some(product) = told(read) else { continue };
            let (rows, left_out) = of(&product);
            assert_eq!(left_out, Vec::<String>::new());
            let again = read_back(&rows);
            assert_eq!(again.refusals, [], "{product:?}");
            let [again] = again.products.as_slice() else {
                panic!("{product:?} became {again:?}");
            };
            assert_eq!(again.stock, read.stock);
            assert_eq!(said(again, read), said(read, read));
            COMPARED.fetch_add(1, Ordering::Relaxed);
        }
    });
    let compared = COMPARED.load(Ordering::Relaxed);
    assert!(compared > 500, "only {compared} products were compared");
}
