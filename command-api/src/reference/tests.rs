use domain::catalog::product::{Description, VariantFacts};
use domain::inventory::item::Levels;

use super::*;

const CATALOG: Shard = Shard { topic: Topic::Catalog, partition: 0 };
const INVENTORY: Shard = Shard { topic: Topic::Inventory, partition: 3 };

fn sku() -> Sku {
    "LAMP-1".parse().expect("a SKU")
}

fn lamp() -> ProductId {
    ProductId(uuid::Uuid::from_u128(1))
}

fn told(events: Vec<product::Event>) -> Vec<Decided> {
    let decided = |event: product::Event| Decided { stream: StreamId::Product(lamp()), event: event.into() };
    events.into_iter().map(decided).collect()
}

fn drafted() -> Vec<Decided> {
    let description = Description {
        slug: "lamp".parse().expect("a slug"),
        title: LocalizedText::of("en", "Lamp"),
        description_html: LocalizedText::default(),
        vendor: String::new(),
        attributes: BTreeMap::new(),
        tags: Vec::new(),
        seo_title: String::new(),
        seo_description: String::new(),
    };
    let facts = VariantFacts {
        options: Vec::new(),
        barcode: String::new(),
        weight_grams: 0,
        requires_shipping: true,
        tax_class: "standard".to_owned(),
        tracks_stock: true,
        image: None,
    };
    let price = Money { amount: 6_999, currency: domain::value::Currency::EUR };
    told(vec![
        product::Event::ProductDrafted { description },
        product::Event::VariantAdded { sku: sku(), facts },
        product::Event::VariantPriced { sku: sku(), price, compare_at: None },
    ])
}

#[test]
fn a_variant_is_offered_while_its_product_is_published() {
    let mut view = ReferenceView::default();
    view.fold(CATALOG, 1, &drafted());
    assert_eq!((view.offer(&sku()), view.has_sku(&sku())), (None, true));

    view.fold(CATALOG, 2, &told(vec![product::Event::ProductPublished {}]));
    let offer = view.offer(&sku()).expect("it is offered");
    assert_eq!((offer.product, offer.prices[0].amount, offer.available), (lamp(), 6_999, Some(0)));

    view.fold(CATALOG, 3, &told(vec![product::Event::ProductArchived {}]));
    assert_eq!(view.offer(&sku()), None);
}

#[test]
fn availability_is_the_sum_of_all_shelves_and_back_orders() {
    let mut view = ReferenceView::default();
    view.fold(CATALOG, 1, &drafted());
    view.fold(CATALOG, 2, &told(vec![product::Event::ProductPublished {}]));
    let received = |location: &str, on_hand| Decided {
        stream: StreamId::StockItem(sku(), location.parse().expect("a location")),
        event: item::Event::StockReceived {
            quantity: on_hand,
            levels_after: Levels { on_hand, reserved: 1, allocated: 0 },
        }
        .into(),
    };
    view.fold(INVENTORY, 1, &[received("main", 5), received("paris", 3)]);
    assert_eq!(view.offer(&sku()).and_then(|offer| offer.available), Some(6));
}

#[test]
fn a_commit_is_folded_once() {
    let mut view = ReferenceView::default();
    view.fold(CATALOG, 2, &drafted());
    view.fold(CATALOG, 1, &told(vec![product::Event::ProductPublished {}]));
    assert_eq!((view.offer(&sku()), view.catalog_seq()), (None, 2));
}
