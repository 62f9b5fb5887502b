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
