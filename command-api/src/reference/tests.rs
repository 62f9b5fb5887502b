use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::catalog::product::{self, Description, VariantFacts};
use domain::inventory::item::{self, Levels};
use domain::{ConsistencyToken, Event};

use crate::error::CommandError;
use crate::shard::Changed;

use super::*;

const CATALOG: Shard = Shard {
    topic: Topic::Catalog,
    partition: 0,
};
const INVENTORY: Shard = Shard {
    topic: Topic::Inventory,
    partition: 3,
};

fn sku() -> Sku {
    "LAMP-1".parse().expect("a SKU")
}

fn lamp() -> ProductId {
    ProductId(uuid::Uuid::from_u128(1))
}

fn came_to(stream: &StreamId, events: &[Event]) -> State {
    let mut state = State::initial(stream);
    events.iter().for_each(|event| state.evolve(event));
    state
}

fn with_lamp(more: &[product::Event]) -> ReferenceView {
    let events: Vec<Event> = drafted().iter().chain(more).cloned().map(Event::from).collect();
    let stream = StreamId::Product(lamp());
    let mut view = ReferenceView::default();
    view.take_in(&stream, &came_to(&stream, &events));
    view
}

fn drafted() -> Vec<product::Event> {
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
    let price = Money {
        amount: 6_999,
        currency: domain::value::Currency::EUR,
    };
    vec![
        product::Event::ProductDrafted { description },
        product::Event::VariantAdded { sku: sku(), facts },
        product::Event::VariantPriced {
            sku: sku(),
            price,
            compare_at: None,
        },
    ]
}

fn stocked(location: &str, on_hand: i64) -> (StreamId, State) {
    let stream = StreamId::StockItem(sku(), location.parse().expect("a location"));
    let levels_after = Levels {
        on_hand,
        reserved: 1,
        allocated: 0,
    };
    let received = item::Event::StockReceived {
        quantity: on_hand,
        levels_after,
    };
    let state = came_to(&stream, &[received.into()]);
    (stream, state)
}

#[test]
fn a_variant_is_offered_while_its_product_is_published() {
    let view = with_lamp(&[]);
    assert_eq!((view.offer(&sku()), view.has_sku(&sku())), (None, true));

    let view = with_lamp(&[product::Event::ProductPublished {}]);
    let offer = view.offer(&sku()).expect("it is offered");
    assert_eq!(
        (offer.product, offer.prices[0].amount, offer.available),
        (lamp(), 6_999, Some(0))
    );

    let view = with_lamp(&[product::Event::ProductPublished {}, product::Event::ProductArchived {}]);
    assert_eq!(view.offer(&sku()), None);
}

#[test]
fn availability_is_the_sum_of_all_shelves() {
    let mut view = with_lamp(&[product::Event::ProductPublished {}]);
    for (stream, state) in [stocked("main", 5), stocked("paris", 3)] {
        view.take_in(&stream, &state);
    }
    assert_eq!(view.offer(&sku()).and_then(|offer| offer.available), Some(6));
}

#[test]
fn a_position_never_goes_back() {
    let mut view = ReferenceView::default();
    view.advance(CATALOG, 2);
    view.advance(CATALOG, 1);
    assert_eq!((view.catalog_seq(), view.position(INVENTORY)), (2, 0));
}

#[tokio::test]
async fn a_token_is_waited_for_in_the_shards_that_the_view_is_made_from() {
    let shared = Arc::new(SharedReference::default());
    let mut token = ConsistencyToken::at(INVENTORY, 4);
    token.include(
        Shard {
            topic: Topic::Sales,
            partition: 1,
        },
        9,
    );
    let soon = Instant::now() + Duration::from_millis(5);
    assert_eq!(shared.after(&token, soon).await, Err(CommandError::Behind));

    let waiting = tokio::spawn({
        let (shared, token) = (Arc::clone(&shared), token.clone());
        async move { shared.after(&token, Instant::now() + Duration::from_secs(10)).await }
    });
    tokio::task::yield_now().await;
    let (stream, state) = stocked("main", 2);
    let changed = Changed {
        stream,
        version: 1,
        state: Some(Arc::new(state)),
    };
    shared.take_in(INVENTORY, 4, &[changed]);
    assert_eq!(waiting.await.expect("the waiter ends"), Ok(()));
    assert_eq!(shared.read().position(INVENTORY), 4);
}
