use command_api::http::import::{ImportedProduct, ImportedVariant};
use domain::value::Currency;

use super::super::*;

const HEADER: &str = "ID,Type,SKU,Name,Published,Visibility in catalog,Description,Tax status,Tax class,In stock?,Stock,\
                      Backorders allowed?,Weight (kg),Sale price,Regular price,Categories,Tags,Images,Parent,\
                      Attribute 1 name,Attribute 1 value(s),Attribute 2 name,Attribute 2 value(s)";

fn read_rows(rows: &str) -> Reading {
    read(format!("{HEADER}\n{rows}").as_bytes(), Currency::EUR).expect("the file is read")
}

fn first(reading: &Reading) -> &ImportedProduct {
    &reading.products[0].product
}

fn refused(reading: &Reading) -> Vec<(u64, &str)> {
    let refusals = reading.refusals.iter();
    refusals.map(|refusal| (refusal.line, refusal.code.as_str())).collect()
}

#[test]
fn a_simple_product_is_one_variant() {
    let reading = read_rows(
        "7,simple,CAP-1,Cap,1,visible,<b>Warm</b><script>x()</script>,taxable,reduced-rate,1,5,notify,0.25,8,10,\
         \"Clothing > Caps, Sale\",\"wool, red\",\"https://example.com/a.jpg, https://example.com/b.jpg\",,\
         Material,\"Wool, Silk\",,\n",
    );
    assert_eq!(reading.refusals, []);
    let cap = first(&reading);
    assert_eq!((cap.slug.as_str(), cap.title.as_deref()), ("cap", Some("Cap")));
    assert_eq!(cap.description_html.as_deref(), Some("<b>Warm</b>"));
    assert_eq!(cap.attributes["Material"], "Wool, Silk");
    let paths: Vec<(&str, usize)> = cap
        .categories
        .iter()
        .map(|one| (&*one.slug, one.parents.len()))
        .collect();
    assert_eq!(paths, [("clothing-caps", 1), ("sale", 0)]);
    assert_eq!(cap.images.len(), 2);
    let variant = &cap.variants[0];
    assert_eq!((variant.sku.as_str(), variant.weight_grams), ("CAP-1", Some(250)));
    assert_eq!(variant.tax_class.as_deref(), Some("reduced"));
    let price = variant.price.as_ref().expect("it has a price");
    assert_eq!(
        (price.amount.as_str(), price.compare_at.as_deref()),
        ("8.00", Some("10.00"))
    );
    let stock = reading.products[0].stock[0].1;
    assert_eq!((stock.quantity, stock.backorder), (5, true));
}

#[test]
fn variations_are_variants_of_the_product_that_they_name_by_id_or_sku() {
    let reading = read_rows(
        "9,variation,TEE-S,Tee - S,1,visible,,taxable,parent,1,,0,,,19,,,,id:8,Size,S,,\n\
         8,variable,TEE,Tee,1,visible,,taxable,,1,,0,,,,,,,,Size,\"S, M\",Origin,Wien\n\
         10,variation,,Tee - M,1,visible,,taxable,parent,0,,0,,,20,,,https://example.com/m.jpg,TEE,Size,M,,\n\
         11,variation,LOST,Lost,1,visible,,,,1,,0,,,20,,,,id:99,Size,M,,\n",
    );
    assert_eq!(refused(&reading), [(5, "variation.parent")]);
    let tee = first(&reading);
    let skus: Vec<&str> = tee.variants.iter().map(|variant| variant.sku.as_str()).collect();
    assert_eq!(skus, ["TEE-S", "TEE-M"]);
    assert_eq!(tee.variants[1].image.as_deref(), Some("https://example.com/m.jpg"));
    assert_eq!(tee.attributes.keys().collect::<Vec<_>>(), ["Origin"]);
    let tracked: Vec<_> = tee.variants.iter().map(|variant| variant.tracks_stock).collect();
    assert_eq!(tracked, [Some(false), Some(true)]);
}

#[test]
fn what_a_cart_cannot_hold_is_named_and_the_rest_comes_in() {
    let reading = read_rows(
        "1,external,E,Elsewhere,1,visible,,,,1,,0,,,5,,,,,,,,\n\
         2,grouped,G,Together,1,visible,,,,1,,0,,,,,,,,,,,\n\
         3,\"simple, virtual\",V,Licence,-1,visible,,,,1,,0,,,5,,,,,,,,\n\
         4,simple,F,Free of price,1,visible,,,,1,,0,,,,,,,,,,,\n\
         5,simple,H,Hidden,1,hidden,,,,1,,0,,,5,,,,,,,,\n",
    );
    assert_eq!(
        refused(&reading),
        [
            (2, "product.type"),
            (3, "product.type"),
            (5, "price.missing"),
            (5, "product.no_variants"),
        ]
    );
    let published: Vec<_> = reading.products.iter().map(|read| read.product.published).collect();
    assert_eq!(published, [Some(false), Some(false)]);
    assert_eq!(first(&reading).variants[0].requires_shipping, Some(false));
}

#[test]
fn two_products_of_one_name_are_two() {
    let row = |id: u8| format!("{id},simple,S{id},Cap,1,visible,,,,1,,0,,,5,,,,,,,,\n");
    let reading = read_rows(&format!("{}{}", row(1), row(2)));
    let slugs: Vec<&str> = reading.products.iter().map(|read| read.product.slug.as_str()).collect();
    assert_eq!(slugs, ["cap", "cap-2"]);
}

#[test]
fn an_export_that_lacks_columns_says_which() {
    let error = read(b"ID,Type,SKU,In stock?\n", Currency::EUR).expect_err("columns are missing");
    assert_eq!(error.to_string(), "missing the following columns: Name");
}

#[test]
fn what_an_export_has_no_column_for_is_not_said() {
    let text = "ID,Type,SKU,Name,Regular price,Parent\n1,variable,,Cap,,\n2,variation,C-R,Cap - Red,5,id:1\n\
                3,variation,C-B,Cap - Blue,6,id:1\n";
    let reading = read(text.as_bytes(), Currency::EUR).expect("the file is read");
    assert_eq!(reading.refusals, []);
    let cap = first(&reading);
    assert_eq!((cap.slug.as_str(), cap.title.as_deref()), ("cap", Some("Cap")));
    assert_eq!((&cap.description_html, &cap.tags, cap.published), (&None, &None, None));
    let said = |variant: &ImportedVariant| {
        let price = variant.price.as_ref().map(|price| price.amount.clone());
        (variant.sku.clone(), price.unwrap_or_default())
    };
    let variants: Vec<_> = cap.variants.iter().map(said).collect();
    assert_eq!(
        variants,
        [
            ("C-R".to_owned(), "5.00".to_owned()),
            ("C-B".to_owned(), "6.00".to_owned())
        ]
    );
    let variant = &cap.variants[0];
    assert_eq!(
        (
            &variant.options,
            variant.tracks_stock,
            &variant.tax_class,
            &variant.barcode
        ),
        (&None, None, &None, &None)
    );
    let stock = read(b"SKU,Name,Stock,In stock?\nC,Cap,7,1\n", Currency::EUR).expect("the file is read");
    assert_eq!(first(&stock).variants[0].price, None);
    assert_eq!(stock.products[0].stock[0].1.quantity, 7);
}

/// The product of a file with these columns and one row.
fn partial(header: &str, row: &str) -> ReadProduct {
    let text = format!("SKU,Name,{header}\nC,Cap,{row}\n");
    let mut reading = read(text.as_bytes(), Currency::EUR).expect("the file is read");
    assert_eq!(reading.refusals, []);
    reading.products.remove(0)
}

#[test]
fn what_takes_two_columns_to_say_is_not_said_where_one_is_missing() {
    let published = |header, row| partial(header, row).product.published;
    assert_eq!(published("Published", "1"), None);
    assert_eq!(published("Published", "0"), Some(false));
    assert_eq!(published("Published", "-1"), Some(false));
    assert_eq!(published("Visibility in catalog", "visible"), None);
    assert_eq!(published("Visibility in catalog", "hidden"), Some(false));
    assert_eq!(published("Published,Visibility in catalog", "1,visible"), Some(true));
    assert!(partial("Published", "1").product.published_when_new);

    let tax_class = |header, row| partial(header, row).product.variants.remove(0).tax_class;
    assert_eq!(tax_class("Tax status", "taxable"), None);
    assert_eq!(tax_class("Tax class", "reduced-rate"), None);
    let both = tax_class("Tax status,Tax class", "taxable,reduced-rate");
    assert_eq!(both.as_deref(), Some("reduced"));

    let description = |header, row| partial(header, row).product.description_html;
    assert_eq!(description("Short description", "Warm"), None);
    assert_eq!(description("Description", "").as_deref(), Some(""));
    let both = description("Description,Short description", ",Warm");
    assert_eq!(both.as_deref(), Some("Warm"));
}

#[test]
fn of_stock_without_both_columns_only_that_it_is_counted_is_said() {
    let said = |header, row| {
        let read = partial(header, row);
        let quantity = read.stock.first().map(|(_, stock)| stock.quantity);
        (read.product.variants[0].tracks_stock, quantity)
    };
    assert_eq!(said("In stock?", "1"), (None, None));
    assert_eq!(said("In stock?", "0"), (Some(true), Some(0)));
    assert_eq!(said("Stock", "7"), (Some(true), Some(7)));
    assert_eq!(said("Stock", ""), (None, None));
    assert_eq!(said("In stock?,Stock", "1,"), (Some(false), None));
}

#[test]
fn names_of_attributes_without_their_values_say_no_choice() {
    let cap = partial("Attribute 1 name", "Size").product;
    assert_eq!((&cap.variants[0].options, cap.attributes.len()), (&None, 0));
}

#[test]
fn without_types_what_has_a_parent_is_its_variation() {
    let text = "ID,SKU,Name,Regular price,Parent\n2,C-R,Cap - Red,5,id:1\n1,CAP,Cap,,\n3,C-B,Cap - Blue,6,CAP\n\
                4,MUG,Mug,7,\n5,LOST,Lost,8,id:99\n";
    let reading = read(text.as_bytes(), Currency::EUR).expect("the file is read");
    assert_eq!(refused(&reading), [(6, "variation.parent")]);
    let slug_and_skus = |read: &ReadProduct| {
        let variants = read.product.variants.iter();
        let skus: Vec<String> = variants.map(|variant| variant.sku.clone()).collect();
        (read.product.slug.clone(), skus)
    };
    let products: Vec<_> = reading.products.iter().map(slug_and_skus).collect();
    let mug = ("mug".to_owned(), vec!["MUG".to_owned()]);
    let cap = ("cap".to_owned(), vec!["C-R".to_owned(), "C-B".to_owned()]);
    assert_eq!(products, [cap, mug]);
}
