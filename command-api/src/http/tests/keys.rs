//! Idempotency keys, versions, tokens.

use serde_json::json;
use uuid::Uuid;

use super::desk::Desk;

#[tokio::test]
async fn a_repeat_under_a_key_gets_the_same_answer() {
    let desk = Desk::open().await;
    let key = Uuid::now_v7().to_string();
    let first = desk.ask("POST", "/v1/carts").key(&key).json(&json!({})).send().await;
    let again = desk.ask("POST", "/v1/carts").key(&key).json(&json!({})).send().await;
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.bytes, again.bytes, "byte by byte, the secret as well");
    assert!(!first.headers.contains_key("idempotent-replayed"));
    assert_eq!(again.headers["idempotent-replayed"], "true");
    for header in ["etag", "location", "consistency-token"] {
        assert_eq!(first.headers[header], again.headers[header], "{header}");
    }
}

#[tokio::test]
async fn another_body_under_a_key_is_refused() {
    let desk = Desk::open().await;
    let key = Uuid::now_v7().to_string();
    assert_eq!(
        desk.ask("POST", "/v1/carts")
            .key(&key)
            .json(&json!({}))
            .send()
            .await
            .status,
        201
    );
    let stored = desk.stored();
    let other = desk
        .ask("POST", "/v1/carts")
        .key(&key)
        .json(&json!({"currency": "EUR"}))
        .send()
        .await;
    other.is_refused(422, "key.reused", "Idempotency-Key");
    assert_eq!(desk.stored(), stored, "nothing is stored");
}

#[tokio::test]
async fn a_key_of_nobody_is_a_uuid() {
    let desk = Desk::open().await;
    let asked = desk.ask("POST", "/v1/carts").key("mine").json(&json!({})).send().await;
    asked.is_refused(400, "key.not_a_uuid", "Idempotency-Key");
    let admin = desk
        .ask("POST", "/v1/carts")
        .admin()
        .key("mine")
        .json(&json!({}))
        .send()
        .await;
    assert_eq!(admin.status, 201);
}

#[tokio::test]
async fn the_same_key_of_another_caller_or_place_is_another_intent() {
    let desk = Desk::open().await;
    desk.sell("LAMP-1", "9.99", 30).await;
    let (cart, other) = (desk.cart().await, desk.cart().await);
    for cart in [&cart, &other] {
        let place = cart.place("/v1/carts/{cart}/lines");
        let asked = desk.ask("POST", &place).secret(&cart.secret).key("1");
        let added = asked.json(&json!({"sku": "LAMP-1", "quantity": 1})).send().await;
        assert_eq!((added.status, &added.body["totalQuantity"]), (200, &json!(1)));
        assert!(!added.headers.contains_key("idempotent-replayed"));
        let cleared = desk.ask("DELETE", &place).secret(&cart.secret).key("1").send().await;
        assert_eq!((cleared.status, &cleared.body["totalQuantity"]), (200, &json!(0)));
    }
}

#[tokio::test]
async fn a_uuid_key_from_before_the_window_has_expired() {
    let desk = Desk::open().await;
    let old = Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, 1_600_000_000, 0)).to_string();
    let refused = desk.ask("POST", "/v1/carts").key(&old).json(&json!({})).send().await;
    refused.is_refused(422, "key.expired", "Idempotency-Key");
}

#[tokio::test]
async fn a_version_that_is_not_the_carts_is_refused_and_told() {
    let desk = Desk::open().await;
    desk.sell("LAMP-1", "9.99", 30).await;
    let cart = desk.cart().await;
    let place = cart.place("/v1/carts/{cart}/lines");
    let line = json!({"sku": "LAMP-1", "quantity": 1});
    let asked = |tag: &str| {
        desk.ask("POST", &place)
            .secret(&cart.secret)
            .header("if-match", tag)
            .json(&line)
    };
    let refused = asked("\"7\"").send().await;
    refused.is_refused(412, "version.mismatch", "If-Match");
    assert_eq!(refused.body["version"], 1);
    let added = asked("\"1\"").send().await;
    assert_eq!((added.status, added.headers["etag"].as_bytes()), (200, &b"\"2\""[..]));
    assert_eq!(added.body["version"], 2);
}

#[tokio::test]
async fn a_token_only_grows() {
    let desk = Desk::open().await;
    desk.sell("LAMP-1", "9.99", 30).await;
    let cart = desk.cart().await;
    let asked = desk
        .ask("DELETE", &cart.place("/v1/carts/{cart}/lines"))
        .secret(&cart.secret);
    let reply = asked.header("consistency-token", "catalog.0:1").send().await;
    assert_eq!(reply.status, 200);
    let token = reply.headers["consistency-token"].to_str().expect("a token");
    assert!(token.starts_with("catalog.0:1,sales."), "{token}");
}

#[tokio::test]
async fn what_must_be_seen_and_never_comes_is_said() {
    let desk = Desk::open().await;
    let cart = desk.cart().await;
    let asked = desk
        .ask("POST", &cart.place("/v1/carts/{cart}/lines"))
        .secret(&cart.secret);
    let line = json!({"sku": "LAMP-1", "quantity": 1});
    let reply = asked
        .header("consistency-token", "catalog.0:999999")
        .json(&line)
        .send()
        .await;
    reply.is_refused(503, "token.behind", "");
    assert_eq!(reply.body["outcome"], "not executed");
    assert!(reply.headers.contains_key("retry-after"));
}
