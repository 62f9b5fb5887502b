//! What a WebSocket says that it should not.

use serde_json::{Value, json};
use tests::{Heard, Listener, Shop};

const PROTOCOL: Option<&str> = Some("graphql-transport-ws");

fn init(payload: Value) -> String {
    json!({ "type": "connection_init", "payload": payload }).to_string()
}

fn subscribe(id: &str) -> String {
    let payload = json!({ "query": "subscription { availabilityChanged(skus: [\"A\"]) { cursor } }" });
    json!({ "type": "subscribe", "id": id, "payload": payload }).to_string()
}

/// Says these things, and hears how the socket ends.
async fn end_of(shop: &Shop, protocol: Option<&str>, said: &[String]) -> Heard {
    let connected = Listener::connect(shop.url(), protocol, None).await;
    let mut listener = connected.expect("the shop takes a WebSocket");
    for text in said {
        listener.say_text(text.clone()).await;
    }
    loop {
        match listener.hear().await {
            Heard::Message(_) => {}
            end => return end,
        }
    }
}

#[tokio::test]
async fn a_socket_that_breaks_the_protocol_is_closed_with_the_code_of_why() {
    let shop = Shop::start();
    let hello = || init(json!({}));
    let bearer = |token: &str| init(json!({ "Authorization": format!("Bearer {token}") }));
    let cases: Vec<(&str, Vec<String>, u16)> = vec![
        ("no JSON", vec!["hello".to_owned()], 4400),
        ("no object", vec!["[]".to_owned()], 4400),
        ("no type", vec!["{}".to_owned()], 4400),
        ("an unknown type", vec![r#"{"type":"start"}"#.to_owned()], 4400),
        ("a payload that is no object", vec![init(json!([1]))], 4400),
        (
            "a secret that is no text",
            vec![init(json!({ "Cart-Secret": 7 }))],
            4400,
        ),
        ("a subscription first", vec![subscribe("a")], 4401),
        ("a token that is none", vec![bearer("nonsense")], 4403),
        (
            "a scheme that is none",
            vec![init(json!({ "Authorization": "Basic YTpi" }))],
            4403,
        ),
        (
            "a currency that is none",
            vec![init(json!({ "X-Currency": "dollars" }))],
            4403,
        ),
        (
            "a consistency token that is none",
            vec![init(json!({ "Consistency-Token": "x" }))],
            4403,
        ),
        (
            "two names under one",
            vec![init(
                json!({ "Authorization": "Bearer a", "authorization": "Bearer b" }),
            )],
            4403,
        ),
        ("nothing", vec![], 4408),
        ("a name twice", vec![hello(), subscribe("a"), subscribe("a")], 4409),
        ("a second init", vec![hello(), hello()], 4429),
        ("a subscription without id", vec![hello(), subscribe("")], 4400),
        ("an id without end", vec![hello(), subscribe(&"a".repeat(1_000))], 4400),
        ("a huge message", vec![hello(), " ".repeat(200_000)], 1009),
    ];
    for (case, said, code) in cases {
        let end = end_of(&shop, PROTOCOL, &said).await;
        assert_eq!(end.close_code(), code, "{case}");
    }
    // So large that nobody reads it to its end.
    let end = end_of(&shop, PROTOCOL, &[hello(), " ".repeat(4_000_000)]).await;
    assert!(matches!(end, Heard::Closed(1009, _) | Heard::Broken), "{end:?}");
}

#[tokio::test]
async fn a_socket_of_another_protocol_or_of_a_foreign_page_is_not_taken() {
    let shop = Shop::start().with("TILLROLL_ORIGINS", "https://shop.example");
    let shop = shop.started();
    let own = shop.url().to_owned();
    let cases = [
        (None, true),
        (Some(own.as_str()), true),
        (Some("https://shop.example"), true),
        (Some("https://evil.example"), false),
        (Some("null"), false),
        (Some("http://127.0.0.1:1"), false),
    ];
    for (origin, is_taken) in cases {
        let connected = Listener::connect(shop.url(), PROTOCOL, origin).await;
        assert_eq!(connected.err(), (!is_taken).then_some(403), "{origin:?}");
    }
    assert_eq!(end_of(&shop, None, &[]).await.close_code(), 4406);
}

#[tokio::test]
async fn what_cannot_be_subscribed_to_ends_with_a_code_and_the_socket_goes_on() {
    let shop = Shop::start();
    let mut listener = Listener::enter(shop.url(), json!({})).await;
    let product = "subscription($id: ID!, $after: String) { productUpdated(id: $id, after: $after) { cursor } }";
    let id = "01900000-0000-7000-8000-000000000001";
    let fine = json!({ "id": id });
    let after = |after: &str| json!({ "id": id, "after": after });
    let cases = [
        ("{ shop { name } }", json!({}), "graphql.not_a_subscription"),
        ("mutation { a }", json!({}), "graphql.not_a_query"),
        ("subscription {", json!({}), "graphql.syntax"),
        ("subscription { nothing }", json!({}), "graphql.invalid"),
        (
            "subscription { a: availabilityChanged(skus: [\"A\"]) { cursor } \
             b: availabilityChanged(skus: [\"A\"]) { cursor } }",
            json!({}),
            "graphql.subscription_fields",
        ),
        ("", json!({}), "request.query_missing"),
        (product, json!({ "id": "nonsense" }), "id.invalid"),
        (product, after("nonsense"), "cursor.invalid"),
        (product, after(&"A".repeat(60_000)), "cursor.invalid"),
        (
            "subscription { availabilityChanged(skus: []) { cursor } }",
            json!({}),
            "subscription.skus",
        ),
    ];
    for (query, variables, code) in cases {
        listener.subscribe("a", query, variables).await;
        let errors = listener.hear().await.expect("error");
        assert_eq!(errors[0]["extensions"]["code"], code, "{query}: {errors}");
    }
    for number in 0..32 {
        listener.subscribe(&format!("s{number}"), product, fine.clone()).await;
        let _ = listener.next().await;
    }
    listener.subscribe("one too many", product, fine.clone()).await;
    let errors = listener.hear().await.expect("error");
    assert_eq!(errors[0]["extensions"]["code"], "subscription.too_many");
    // One that is left makes room for another.
    listener.say(json!({ "type": "complete", "id": "s0" })).await;
    listener.subscribe("another", product, fine).await;
    let _ = listener.next().await;
    listener.say(json!({ "type": "ping" })).await;
    assert_eq!(listener.hear().await, Heard::Message(json!({ "type": "pong" })));
}

#[tokio::test]
async fn a_cursor_of_another_shop_is_told_from_one_that_is_none() {
    let (shop, other) = (Shop::start(), Shop::start());
    let query = "subscription($after: String) { events(after: $after) { cursor } }";
    let bearer = |shop: &Shop| json!({ "Authorization": shop.admin().header("authorization") });
    let mut there = Listener::enter(other.url(), bearer(&other)).await;
    there.subscribe("a", query, json!({})).await;
    let foreign = there.next().await["extensions"]["cursor"].take();
    let mut here = Listener::enter(shop.url(), bearer(&shop)).await;
    here.subscribe("a", query, json!({ "after": foreign })).await;
    let errors = here.hear().await.expect("error");
    assert_eq!(errors[0]["extensions"]["code"], "cursor.other_log", "{errors}");

    // One that followed a single product says nothing of everything.
    let product = "subscription { productUpdated(id: \"01900000-0000-7000-8000-000000000001\") { cursor } }";
    here.subscribe("a", product, json!({})).await;
    let narrow = here.next().await["extensions"]["cursor"].take();
    here.subscribe("b", query, json!({ "after": narrow })).await;
    let errors = here.hear().await.expect("error");
    assert_eq!(errors[0]["extensions"]["code"], "cursor.other_topics", "{errors}");
}
