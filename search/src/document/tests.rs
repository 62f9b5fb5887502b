use read_store::model::product::ProductStatus;

use super::*;
use crate::testkit::product;

#[test]
fn a_product_that_shoppers_do_not_see_has_no_document() {
    let mut lamp = product(1, "Lamp", 500);
    assert!(Document::of(&lamp).is_some());
    lamp.status = ProductStatus::Draft;
    assert_eq!(Document::of(&lamp), None);
}

#[test]
fn all_languages_are_one_text() {
    let mut lamp = product(1, "Lamp", 500);
    lamp.description
        .title
        .0
        .insert("de".to_owned(), "Schöne Lampe".to_owned());
    let document = Document::of(&lamp).expect("it is published");
    assert_eq!(document.texts[0], "schone lampe lamp");
    assert_eq!(document.titles.len(), 2);
}

#[test]
fn what_can_be_filtered_by_has_a_facet_and_a_label() {
    let mut lamp = product(1, "Lamp", 500);
    lamp.description.tags = vec!["new".to_owned()];
    lamp.description
        .attributes
        .insert("Material".to_owned(), "Oak".to_owned());
    let document = Document::of(&lamp).expect("it is published");
    for (facet, label) in [
        ("vendor", "Tillroll"),
        ("tag", "new"),
        ("option:Size", "S"),
        ("attribute:Material", "Oak"),
    ] {
        let pair = (facet.to_owned(), label.to_owned());
        assert!(document.values.contains(&pair), "{pair:?}");
    }
}

#[test]
fn an_empty_vendor_is_no_value() {
    let mut lamp = product(1, "Lamp", 500);
    lamp.description.vendor.clear();
    let document = Document::of(&lamp).expect("it is published");
    assert!(document.values.iter().all(|(facet, _)| facet != "vendor"));
}
