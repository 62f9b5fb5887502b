//! From a cart to an order that is still there after kill -9.

use serde_json::json;
use tests::{Shop, Shopkeeper, Shopper};
use uuid::Uuid;

#[tokio::test]
async fn an_order_survives_kill_9_and_every_retry_of_its_key_gives_the_same_answer() {
    let mut shop = Shop::start();
    Shopkeeper::new(shop.admin()).stock("LAMP-1", "69.99", 5).await;
    let shopper = Shopper::enter(&shop.client()).await;
    let added = shopper.add("LAMP-1", 2).await.expect(200);
    assert_eq!(added.body["totalQuantity"], 2);
    let key = Uuid::now_v7().to_string();
    let ordered = shopper.check_out_keyed(&key).await.expect(201);

    shop.restart();

    let again = shopper.check_out_keyed(&key).await.expect(201);
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.body, ordered.body);
    let order = shopper
        .client()
        .graphql(
            "query($id: ID!) { order(id: $id) { number status cost { total { amount currency } } } }",
            json!({ "id": ordered.id() }),
        )
        .await
        .expect(200);
    assert_eq!(order.body["data"]["order"]["number"], ordered.body["number"]);
    assert_eq!(order.body["data"]["order"]["status"], "CONFIRMED");
}

#[tokio::test]
async fn a_write_is_read_with_its_token() {
    let shop = Shop::start();
    Shopkeeper::new(shop.admin()).stock("LAMP-1", "10.00", 50).await;
    let shopper = Shopper::enter(&shop.client()).await;
    for pieces in 1..=20 {
        let added = shopper.add("LAMP-1", 1).await.expect(200);
        let read = shopper
            .client()
            .with_header("consistency-token", added.header("consistency-token"))
            .graphql(
                "query($id: ID!) { cart(id: $id) { totalQuantity version } }",
                json!({ "id": shopper.cart }),
            )
            .await
            .expect(200);
        assert_eq!(read.body["data"]["cart"]["totalQuantity"], pieces);
        assert_eq!(read.body["extensions"]["consistency"]["stale"], false);
    }
}
