//! Behaviours that the test suites of other shops assert (`docs/scenarios.md`), where no other test has them.

use serde_json::{Value, json};
use tests::{Answer, Shop, Shopkeeper, Shopper};

/// The SKUs of a cart's lines, with their quantities, in their order.
fn lines(cart: &Answer) -> Vec<(String, i64)> {
    let lines = cart.body["lines"].as_array().expect("a cart has lines");
    let line = |line: &Value| {
        let sku = line["sku"].as_str().expect("a SKU").to_owned();
        (sku, line["quantity"].as_i64().expect("a quantity"))
    };
    lines.iter().map(line).collect()
}

#[tokio::test]
async fn a_cart_holds_nothing_and_the_last_piece_goes_to_who_checks_out_first() {
    let shop = Shop::start();
    let keeper = Shopkeeper::new(shop.admin());
    let _ = keeper.stock("LAST-1", "10.00", 1).await;
    let _ = keeper.stock("PLENTY-1", "5.00", 100).await;
    let (first, second) = (
        Shopper::enter(&shop.client()).await,
        Shopper::enter(&shop.client()).await,
    );
    for shopper in [&first, &second] {
        let _ = shopper.add("PLENTY-1", 2).await.expect(200);
        let _ = shopper.add("LAST-1", 1).await.expect(200);
    }
    let shelf = keeper.client().get("/v1/stock/LAST-1").await.expect(200);
    assert_eq!(
        shelf.body["available"], 1,
        "two carts with it hold nothing: {}",
        shelf.body
    );

    let _ = first.check_out().await.expect(201);
    let refused = second.check_out().await.expect(409);
    assert_eq!(refused.code(), "stock.insufficient", "{}", refused.body);
    assert_eq!(
        (&refused.body["sku"], &refused.body["available"]),
        (&json!("LAST-1"), &json!(0))
    );
    assert!(
        !refused.body.to_string().contains("PLENTY-1"),
        "only what is short is named: {}",
        refused.body
    );

    let plenty = keeper.client().get("/v1/stock/PLENTY-1").await.expect(200);
    assert_eq!(
        plenty.body["available"], 98,
        "what was held for the refused one is free again: {}",
        plenty.body
    );
    let rest = second.keyed(&uuid::Uuid::now_v7().to_string());
    let cart = rest
        .post(
            &format!("/v1/carts/{}/lines", second.cart),
            json!({ "sku": "PLENTY-1", "quantity": 1 }),
        )
        .await;
    let cart = cart.expect(200);
    let short = cart.body["lines"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|line| line["sku"] == "LAST-1");
    let line = short.expect("the cart is as it was")["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let path = format!("/v1/carts/{}/lines/{line}", second.cart);
    let _ = second
        .client()
        .send_json(reqwest::Method::DELETE, &path, &json!({}))
        .await
        .expect("an answer")
        .expect(200);
    let _ = second.check_out().await.expect(201);
}

#[tokio::test]
async fn the_other_lines_keep_their_order_when_one_is_removed_by_setting_zero() {
    let shop = Shop::start();
    let keeper = Shopkeeper::new(shop.admin());
    let shopper = Shopper::enter(&shop.client()).await;
    for sku in ["C-1", "A-1", "B-1"] {
        let _ = keeper.stock(sku, "1.00", 10).await;
        let _ = shopper.add(sku, 1).await.expect(200);
    }
    let cart = shopper.add("A-1", 2).await.expect(200);
    let all = [("C-1".to_owned(), 1), ("A-1".to_owned(), 3), ("B-1".to_owned(), 1)];
    assert_eq!(lines(&cart), all);
    let middle = cart.body["lines"][1]["id"].as_str().expect("an id");
    let path = format!("/v1/carts/{}/lines/{middle}", shopper.cart);
    for refused in [-1, -3, 11] {
        let body = json!({ "quantity": refused });
        let answer = shopper
            .client()
            .send_json(reqwest::Method::PATCH, &path, &body)
            .await
            .expect("an answer");
        assert!(answer.status.is_client_error(), "{refused}: {}", answer.body);
    }
    let set = shopper
        .client()
        .send_json(reqwest::Method::PATCH, &path, &json!({ "quantity": 0 }))
        .await;
    let [first, _, last] = all;
    assert_eq!(lines(&set.expect("an answer").expect(200)), [first, last]);
}

#[tokio::test]
async fn two_lines_of_one_variant_are_never_sold_beyond_what_there_is() {
    let shop = Shop::start();
    let keeper = Shopkeeper::new(shop.admin());
    let _ = keeper.stock("RING-1", "1.00", 5).await;
    let shopper = Shopper::enter(&shop.client()).await;
    let _ = shopper.add("RING-1", 3).await.expect(200);
    let engraved =
        |quantity: i64| json!({ "sku": "RING-1", "quantity": quantity, "attributes": { "engraving": "Ada" } });
    let path = format!("/v1/carts/{}/lines", shopper.cart);
    let refused = shopper.client().post(&path, engraved(3)).await.expect(409);
    assert_eq!(
        (refused.code(), &refused.body["available"]),
        ("stock.insufficient", &json!(5))
    );
    let _ = shopper.client().post(&path, engraved(2)).await.expect(200);

    // Somebody else takes one before the two lines are held together.
    let other = Shopper::enter(&shop.client()).await;
    let _ = other.add("RING-1", 1).await.expect(200);
    let _ = other.check_out().await.expect(201);
    let refused = shopper.check_out().await.expect(409);
    assert_eq!(
        (refused.code(), &refused.body["sku"]),
        ("stock.insufficient", &json!("RING-1"))
    );
    let shelf = keeper.client().get("/v1/stock/RING-1").await.expect(200);
    assert_eq!(shelf.body["available"], 4, "neither line is held: {}", shelf.body);
}
