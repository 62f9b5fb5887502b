//! What objects looked like before.

use access::Role;
use domain::value::Timestamp;
use read_store::model::Versioned;
use read_store::model::order::{Milestone, OrderStatus, OrderView};
use schemas::personal;
use serde_json::json;

use crate::testkit::{TestShop, cart_of, order_of, product};
use crate::{AsOf, OrderStep};

const NUMBER: &str = "0000000000";

/// An order that was confirmed by an admin, and what it was before.
async fn shop_with_an_order() -> (TestShop, OrderView) {
    let shop = TestShop::new().await;
    let lamp = product(1, "lamp", &[1_500], &[]);
    let cart = cart_of(0x77, &[]);
    let sealed = shop.seal(cart.id, personal::EMAIL, "ada@example.org");
    let mut order = order_of(cart.id, NUMBER, &lamp, sealed);
    let milestone = |event: &str| Milestone {
        at: order.placed,
        event: event.to_owned(),
    };
    let (placed, confirmed) = (milestone("OrderPlaced"), milestone("OrderConfirmed"));
    order.status = OrderStatus::Pending;
    order.timeline = vec![placed.clone()];
    let before = Versioned {
        seq: 1,
        version: 1,
        changed: order.placed,
        view: order.clone(),
    };
    let step = |event: &str, actor: &str| OrderStep {
        event: event.to_owned(),
        actor: actor.to_owned(),
    };
    let steps = vec![step("OrderPlaced", "guest"), step("OrderConfirmed", "admin:eve")];
    shop.past.tell(before, steps);
    order.status = OrderStatus::Confirmed;
    order.timeline = vec![placed, confirmed];
    shop.put(&order).await;
    (shop, order)
}

#[tokio::test]
async fn an_order_is_shown_as_it_was_to_who_may_see_it_now() {
    let (shop, order) = shop_with_an_order().await;
    let query = "query($id: ID!, $asOf: String) { order(id: $id, asOf: $asOf) { status version } }";
    let secret = shop.cart_secret(domain::value::CartId(order.id.0));
    let id = order.id.to_string();
    for as_of in ["1", "2026-01-01T00:00:00.5Z"] {
        let variables = json!({ "id": id, "asOf": as_of });
        let seen = shop
            .ask_with(query, variables, &[("cart-secret", &secret)])
            .await
            .data();
        assert_eq!(seen["order"], json!({ "status": "PENDING", "version": 1 }), "{as_of}");
    }
    let now = shop
        .ask_with(query, json!({ "id": id }), &[("cart-secret", &secret)])
        .await;
    assert_eq!(now.data()["order"]["status"], "CONFIRMED");
    let moment = AsOf::Moment(Timestamp(1_767_225_600_500));
    assert_eq!(shop.past.asked(), [AsOf::Version(1), moment]);

    let nobody = shop.ask_with(query, json!({ "id": id, "asOf": "1" }), &[]).await.data();
    assert_eq!(nobody["order"], json!(null));
    assert_eq!(shop.past.asked().len(), 2, "for them there is nothing to look up");
}

#[tokio::test]
async fn what_is_no_moment_is_refused_and_a_past_that_cannot_be_told_says_so() {
    let (shop, order) = shop_with_an_order().await;
    let secret = shop.cart_secret(domain::value::CartId(order.id.0));
    let headers = [("cart-secret", secret.as_str())];
    let query = "query($id: ID!, $asOf: String) { order(id: $id, asOf: $asOf) { status } }";
    let long = "1".repeat(65);
    for as_of in [
        "",
        "yesterday",
        "-1",
        "99999999999999999999",
        "2026-01-01",
        long.as_str(),
    ] {
        let variables = json!({ "id": order.id.to_string(), "asOf": as_of });
        let refused = shop.ask_with(query, variables, &headers).await;
        assert_eq!(refused.code(), "argument.as_of", "{as_of:?}: {}", refused.body);
    }
    let cart = cart_of(0x78, &[]);
    shop.put(&cart).await;
    let secret = shop.cart_secret(cart.id);
    let query = "query($id: ID!) { cart(id: $id, asOf: \"1\") { version } }";
    let variables = json!({ "id": cart.id.to_string() });
    let slow = shop.ask_with(query, variables, &[("cart-secret", &secret)]).await;
    assert_eq!(slow.code(), "history.too_slow", "{}", slow.body);
}

#[tokio::test]
async fn an_orders_story_names_people_to_admins_only() {
    let (shop, order) = shop_with_an_order().await;
    let query = "query($id: ID!) { orderTimeline(order: $id) { version event actor at } }";
    let variables = || json!({ "id": order.id.to_string() });
    let secret = shop.cart_secret(domain::value::CartId(order.id.0));
    let guest = shop
        .ask_with(query, variables(), &[("cart-secret", &secret)])
        .await
        .data();
    let told = |actor: [Option<&str>; 2]| {
        let at = "2026-01-01T00:00:00.000Z";
        json!([
            { "version": 1, "event": "OrderPlaced", "actor": actor[0], "at": at },
            { "version": 2, "event": "OrderConfirmed", "actor": actor[1], "at": at },
        ])
    };
    assert_eq!(guest["orderTimeline"], told([None, None]));
    let bearer = shop.bearer(Role::Admin, "eve");
    let admin = shop
        .ask_with(query, variables(), &[("authorization", &bearer)])
        .await
        .data();
    assert_eq!(admin["orderTimeline"], told([Some("guest"), Some("admin:eve")]));
    let nobody = shop.ask_with(query, variables(), &[]).await.data();
    assert_eq!(nobody["orderTimeline"], json!([]));
}
