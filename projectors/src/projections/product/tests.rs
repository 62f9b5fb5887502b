use std::collections::{BTreeMap, BTreeSet};

use domain::catalog::product::{Event as Changed, OptionTexts};
use domain::value::{CategoryId, Currency, ImageId, LocalizedText, Money};
use read_store::Row;
use read_store::model::product::ProductStatus;

use super::*;
use crate::testkit::samples::{description, euros, facts, product_stream, sku, uuid};
use crate::testkit::{folded, moment, shape};

fn drafted() -> Event {
    Changed::ProductDrafted {
        description: description("lamp", "Lamp"),
    }
    .into()
}

fn added(text: &str) -> Event {
    Changed::VariantAdded {
        sku: sku(text),
        facts: facts(),
    }
    .into()
}

fn priced(text: &str, price: Money) -> Event {
    Changed::VariantPriced {
        sku: sku(text),
        price,
        compare_at: None,
    }
    .into()
}

fn in_category(number: u128) -> Event {
    Changed::ProductPlaced {
        category: CategoryId(uuid(number)),
    }
    .into()
}

fn published() -> Event {
    Changed::ProductPublished {}.into()
}

fn image(number: u128) -> Event {
    Changed::ImageAdded {
        image: ImageId(uuid(number)),
        url: format!("/images/{number}.svg"),
        alt: String::new(),
        width: 0,
        height: 0,
    }
    .into()
}

fn fold(events: &[Event]) -> (ProductView, Vec<(&'static str, Row)>) {
    folded::<Products>(&product_stream(1), events)
}

fn pages(rows: &[(&'static str, Row)]) -> BTreeSet<String> {
    let in_pages = rows.iter().filter(|(table, _)| *table == "category_page");
    in_pages.map(|(_, row)| row.key.partition.clone()).collect()
}

fn places<'a>(rows: &'a [(&'static str, Row)]) -> Vec<(&'static str, &'a str)> {
    let places = rows.iter().map(|(table, row)| (*table, row.key.partition.as_str()));
    places.collect()
}

#[test]
fn a_draft_is_found_by_its_slug_and_its_skus_and_in_no_page() {
    let (view, rows) = fold(&[drafted(), added("LAMP-1"), priced("LAMP-1", euros(5)), in_category(7)]);
    assert_eq!(view.status, ProductStatus::Draft);
    assert_eq!(
        places(&rows),
        [("listed", "draft"), ("by_slug", "lamp"), ("by_sku", "LAMP-1")]
    );
}

#[test]
fn words_are_kept_by_language_once_they_are_said_so() {
    let alt = LocalizedText::of("de", "Eine Lampe");
    let described = Changed::ImageDescribed {
        image: ImageId(uuid(1)),
        alt: alt.clone(),
    };
    let texts = OptionTexts {
        name: "Size".to_owned(),
        texts: LocalizedText::of("de", "Größe"),
        values: BTreeMap::new(),
    };
    let translated = Changed::OptionsTranslated {
        options: vec![texts.clone()],
    };
    let (view, _) = fold(&[drafted(), image(1), image(2), described.into(), translated.into()]);
    let shown: Vec<_> = view.images.iter().map(|image| image.alts.clone()).collect();
    assert_eq!(shown, [alt, LocalizedText::default()]);
    assert_eq!(view.option_texts, [texts]);
}

#[test]
fn a_published_product_is_in_the_pages_of_the_shop_and_of_its_categories_in_every_order() {
    let (_, rows) = fold(&[
        drafted(),
        added("LAMP-1"),
        priced("LAMP-1", euros(5)),
        in_category(7),
        published(),
    ]);
    let category = uuid(7);
    let expected = [
        "all/newest".to_owned(),
        "all/price:EUR".to_owned(),
        "all/title:en".to_owned(),
        format!("{category}/newest"),
        format!("{category}/price:EUR"),
        format!("{category}/title:en"),
    ];
    assert_eq!(pages(&rows), BTreeSet::from(expected));
}

#[test]
fn the_cheapest_variant_decides_the_place_by_price_in_each_currency() {
    let yen = Money {
        amount: 900,
        currency: "JPY".parse().expect("it is a currency"),
    };
    let events = [
        drafted(),
        added("LAMP-1"),
        added("LAMP-2"),
        priced("LAMP-1", euros(700)),
        priced("LAMP-2", euros(500)),
        priced("LAMP-1", yen),
        published(),
    ];
    let (view, rows) = fold(&events);
    assert_eq!(view.lowest_price(Currency::EUR), Some(euros(500)));
    let place = |partition: &str| {
        let row = rows
            .iter()
            .find(|(_, row)| row.key.partition == partition)
            .expect("it is in the page");
        row.1.key.clustering.clone()
    };
    let id = view.id;
    assert_eq!(
        place("all/price:EUR"),
        read_store::model::product::price_clustering(500, id)
    );
    assert_eq!(
        place("all/price:JPY"),
        read_store::model::product::price_clustering(900, id)
    );
}

#[test]
fn publishing_again_does_not_bring_a_product_to_the_front() {
    let events = [
        drafted(),
        published(),
        Changed::ProductUnpublished {}.into(),
        published(),
    ];
    let (view, _) = fold(&events);
    assert_eq!(view.first_published, Some(moment(2)));
}

#[test]
fn an_unpublished_product_leaves_all_pages_and_an_archived_one_its_slug_too() {
    let (_, unpublished) = fold(&[drafted(), published(), Changed::ProductUnpublished {}.into()]);
    assert_eq!(places(&unpublished), [("listed", "draft"), ("by_slug", "lamp")]);
    let (view, archived) = fold(&[drafted(), published(), Changed::ProductArchived {}.into()]);
    assert_eq!(view.status, ProductStatus::Archived);
    assert_eq!(places(&archived), [("listed", "archived")]);
}

#[test]
fn a_new_description_moves_the_slug_and_the_titles() {
    let mut described = description("light", "Light");
    described.title = LocalizedText([("de".to_owned(), "Licht".to_owned())].into());
    let events = [
        drafted(),
        published(),
        Changed::ProductDescribed { description: described }.into(),
    ];
    let (_, rows) = fold(&events);
    assert_eq!(places(&rows)[..2], [("listed", "published"), ("by_slug", "light")]);
    assert_eq!(
        pages(&rows),
        BTreeSet::from(["all/newest".to_owned(), "all/title:de".to_owned()])
    );
}

#[test]
fn variants_images_and_categories_change_in_place() {
    let changed = Changed::VariantChanged {
        sku: sku("LAMP-1"),
        facts: domain::catalog::product::VariantFacts {
            weight_grams: 7,
            ..facts()
        },
    };
    let ordered = Changed::ImagesOrdered {
        images: [2, 1].map(|number| ImageId(uuid(number))).into(),
    };
    let events = [
        drafted(),
        added("LAMP-1"),
        priced("LAMP-1", euros(700)),
        priced("LAMP-1", euros(600)),
        changed.into(),
        image(1),
        image(2),
        image(3),
        ordered.into(),
        Changed::ImageRemoved {
            image: ImageId(uuid(3)),
        }
        .into(),
        in_category(7),
        in_category(7),
        in_category(8),
        Changed::ProductWithdrawn {
            category: CategoryId(uuid(7)),
        }
        .into(),
    ];
    let (view, _) = fold(&events);
    assert_eq!(view.variants[0].facts.weight_grams, 7);
    assert_eq!(view.variants[0].prices.len(), 1);
    assert_eq!(view.variants[0].prices[0].price, euros(600));
    let images: Vec<_> = view.images.iter().map(|image| image.id).collect();
    assert_eq!(images, [2, 1].map(|number| ImageId(uuid(number))));
    assert_eq!(view.categories, [CategoryId(uuid(8))]);
}

#[test]
fn stored_products_look_as_they_did() {
    let events = [
        drafted(),
        added("LAMP-1"),
        priced("LAMP-1", euros(5)),
        image(1),
        in_category(7),
        published(),
    ];
    assert_eq!(shape::<Products>(&product_stream(1), &events), 0x555b_344d_94c2_5172);
}
