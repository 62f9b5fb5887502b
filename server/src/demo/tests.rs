use std::collections::BTreeSet;

use domain::value::Currency;

use super::*;
use crate::import::{Reading, read};

fn reading() -> Reading {
    read(PRODUCTS_CSV, Currency::EUR).expect("the demo shop is read")
}

#[test]
fn every_line_of_the_demo_shop_comes_in() {
    let reading = reading();
    assert_eq!(reading.refusals, []);
    assert_eq!(reading.notices, []);
    assert!(
        reading
            .products
            .iter()
            .all(|product| product.product.published == Some(true))
    );
}

#[test]
fn the_demo_shop_has_forty_products_in_six_categories_with_variants_and_stock() {
    let reading = reading();
    let categories: BTreeSet<&str> = reading
        .products
        .iter()
        .flat_map(|product| &product.product.categories)
        .map(|category| category.slug.as_str())
        .collect();
    assert!(reading.products.len() >= 40);
    assert_eq!(categories.len(), 6, "{categories:?}");
    assert!(
        reading
            .products
            .iter()
            .any(|product| product.product.variants.len() > 1)
    );
    let stocks: Vec<i64> = reading
        .products
        .iter()
        .flat_map(|product| &product.stock)
        .map(|(_, stock)| stock.quantity)
        .collect();
    assert!(stocks.iter().any(|quantity| *quantity > 100) && stocks.contains(&0));
}

#[test]
fn every_image_of_the_demo_shop_is_drawn_and_described() {
    let reading = reading();
    let mut shown = BTreeSet::new();
    for image in reading.products.iter().flat_map(|product| &product.product.images) {
        let name = image.url.strip_prefix("/images/").expect("the server has the drawings");
        let drawing = image_text(name);
        assert!(
            drawing.starts_with("<svg") && drawing.trim_end().ends_with("</svg>"),
            "{name}"
        );
        assert!(!drawing.contains("<script") && !drawing.contains("href"), "{name}");
        assert!(image.alt.as_deref().is_some_and(|alt| !alt.is_empty()), "{name}");
        shown.insert(name);
    }
    assert_eq!(shown.len(), IMAGES.len(), "every drawing is shown somewhere");
}

fn image_text(name: &str) -> &'static str {
    let bytes = image(name).unwrap_or_else(|| panic!("{name} is drawn"));
    std::str::from_utf8(bytes).expect("a drawing is text")
}

#[test]
fn what_is_not_drawn_is_not_found() {
    for name in ["", "desk-lamp", "desk-lamp.png", "../products.csv", "zzz.svg"] {
        assert_eq!(image(name), None, "{name}");
    }
}
