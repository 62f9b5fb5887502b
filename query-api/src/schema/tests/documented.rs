//! The queries of `docs/graphql.md` are answered without errors, and its limits are the ones in force.

use read_store::model::Versioned;
use schemas::personal;
use serde_json::json;

use crate::limits;
use crate::testkit::{TestShop, cart_of, category, order_of, product, stock};

const PAGE: &str = include_str!("../../../../docs/graphql.md");

#[tokio::test]
async fn every_documented_query_is_answered() {
    let shop = TestShop::new().await;
    let lights = category(10, "lights", None);
    let lamp = product(1, "lamp", &[1_999, 2_999], &[lights.id]);
    let cart = cart_of(0x77, &[(&lamp, "LAMP-1", 1, 1_500)]);
    let email = shop.seal(cart.id, personal::EMAIL, "ada@example.org");
    shop.put(&lights).await;
    shop.put(&lamp).await;
    shop.put(&stock("LAMP-1", 3, 0)).await;
    let order = order_of(cart.id, "0000000000", &lamp, email);
    shop.put(&order).await;
    let then = Versioned {
        seq: 1,
        version: 1,
        changed: order.placed,
        view: order,
    };
    shop.past.tell(then, Vec::new());
    shop.put(&cart).await;
    let secret = shop.cart_secret(cart.id);

    let queries: Vec<&str> = PAGE
        .split("```graphql\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert_eq!(queries.len(), 6);
    for query in queries {
        let data = shop
            .ask_with(query, json!({}), &[("cart-secret", &secret)])
            .await
            .data();
        let found = data
            .as_object()
            .is_some_and(|fields| fields.values().all(|field| !field.is_null()));
        assert!(found, "{query}: {data}");
    }
}

#[test]
fn the_documented_limits_are_in_force() {
    let numbers = [
        format!("{} KB of request", limits::BODY_BYTES_MAX / 1024),
        format!("{} levels of fields", limits::DEPTH_MAX),
        format!("{} open brackets", limits::NESTING_MAX),
        format!("{} aliases", limits::ALIASES_MAX),
        format!(
            "{} directives ({} on",
            limits::DIRECTIVES_MAX,
            limits::FIELD_DIRECTIVES_MAX
        ),
        format!("{} fragments", limits::FRAGMENTS_MAX),
        format!("{} operations", limits::OPERATIONS_MAX),
        format!("{} seconds", limits::QUERY_MS_MAX / 1_000),
        format!(
            "a plain list {}, looking something up {}",
            limits::LIST_WEIGHT,
            limits::LOOKUP_WEIGHT
        ),
    ];
    let page = PAGE.replace('\n', " ");
    for number in numbers {
        assert!(page.contains(&number), "the page does not say: {number}");
    }
    let thousands = [
        limits::TOKENS_MAX,
        limits::SELECTIONS_MAX,
        limits::VARIABLE_VALUES_MAX,
        limits::COMPLEXITY_MAX,
    ];
    assert_eq!(thousands, [4_000, 1_000, 1_000, 10_000]);
}
