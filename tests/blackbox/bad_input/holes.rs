//! Holes that were found in other shops, kept shut.

use serde_json::json;
use tests::Client;

use super::{NOTHING, Scene};

async fn data(client: &Client, query: &str) -> serde_json::Value {
    client.graphql(query, json!({})).await.expect(200).body["data"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_read_with_its_secret_only_by_id_and_by_number() {
    let scene = Scene::shared().await;
    let order = &scene.buyer.cart;
    let by_id = format!("{{ order(id: \"{order}\") {{ number contact {{ email }} }} }}");
    let seen = data(scene.buyer.client(), &by_id).await;
    let number = seen["order"]["number"].as_str().expect("its buyer sees it").to_owned();
    let by_number = format!("{{ order(number: \"{number}\") {{ number }} }}");
    for stranger in [scene.shop.client(), scene.guest.client().clone()] {
        for query in [
            &by_id,
            &by_number,
            &format!("{{ cart(id: \"{order}\") {{ version }} }}"),
        ] {
            let found = data(&stranger, query).await;
            let found = found
                .as_object()
                .and_then(|data| data.values().next())
                .expect("one field");
            assert!(found.is_null(), "{query}: {found}");
        }
    }
    assert_eq!(
        data(scene.buyer.client(), &by_number).await["order"]["number"],
        json!(number)
    );
    assert_eq!(data(&scene.admin, &by_number).await["order"]["number"], json!(number));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_persons_object_looks_like_an_absent_one() {
    let scene = Scene::shared().await;
    let stranger = scene.shop.client();
    for (theirs, nobodys) in [
        (
            format!("/v1/carts/{}/lines", scene.guest.cart),
            format!("/v1/carts/{NOTHING}/lines"),
        ),
        (
            format!("/v1/orders/{}/cancel", scene.buyer.cart),
            format!("/v1/orders/{NOTHING}/cancel"),
        ),
    ] {
        let hidden = stranger.post(&theirs, json!({"sku": "LAMP-1", "quantity": 1})).await;
        let absent = stranger.post(&nobodys, json!({"sku": "LAMP-1", "quantity": 1})).await;
        let but_for_its_request = |mut body: serde_json::Value| {
            body["request_id"] = json!(null);
            body
        };
        assert_eq!(hidden.status, absent.status);
        assert_eq!(
            but_for_its_request(hidden.body),
            but_for_its_request(absent.body),
            "{theirs}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_lists_carts_or_orders() {
    let scene = Scene::shared().await;
    for query in [
        "{ orders { nodes { number } } }",
        "{ carts { id } }",
        "{ me { orders { nodes { number } } } }",
    ] {
        let answer = scene.shop.client().graphql(query, json!({})).await;
        assert!(answer.body["data"].is_null(), "{query}: {}", answer.body);
        assert!(
            answer.body["errors"][0]["extensions"]["code"].is_string(),
            "{query}: {}",
            answer.body
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_that_say_how_to_answer_are_not_interpolated_into_anything() {
    let scene = Scene::shared().await;
    for (header, value) in [
        ("accept-language", "en'; DROP TABLE rows; --"),
        ("accept-language", "../../etc/passwd"),
        ("accept-language", "%s%n%x"),
        ("x-currency", "EUR' OR '1'='1"),
        ("x-country", "DE\"}"),
    ] {
        let client = scene.shop.client().with_header(header, value);
        let answer = client
            .graphql("{ products(first: 1) { nodes { title } } }", json!({}))
            .await;
        assert!(
            matches!(answer.status.as_u16(), 200 | 400),
            "{header} {value}: {}",
            answer.body
        );
        assert!(
            !String::from_utf8_lossy(&answer.bytes).contains("SQL"),
            "{header} {value}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_other_languages_would_run_are_names() {
    let scene = Scene::shared().await;
    for sku in [
        "' OR 1=1 --",
        "<script>alert(1)</script>",
        "${jndi:ldap://x}",
        "=1+1",
        "../../x",
        "a%00b",
    ] {
        let line = json!({"sku": sku, "quantity": 1});
        let path = format!("/v1/carts/{}/lines", scene.guest.cart);
        let answer = scene.guest.client().post(&path, line).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (422, "variant.unavailable"),
            "{sku}"
        );
        let query = json!({"slug": sku});
        let found = scene
            .shop
            .client()
            .graphql("query($slug: String!) { product(slug: $slug) { id } }", query)
            .await;
        assert!(found.body["data"]["product"].is_null(), "{sku}: {}", found.body);
    }
}
