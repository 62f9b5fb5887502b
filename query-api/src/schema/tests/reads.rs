//! How often the store is read does not depend on how much a page shows.

use std::sync::Arc;

use access::Role;
use domain::value::CartId;
use read_store::ReadStore;
use read_store::model::product::ProductStatus;
use serde_json::json;
use uuid::Uuid;

use crate::QueryOptions;
use crate::testkit::{CountingStore, TestShop, cart_of, category, order_of, product, stock};

/// Products, each with an order of it.
const PRODUCTS: u128 = 40;

async fn shop_with_much() -> (TestShop, Arc<CountingStore>) {
    let store = CountingStore::new();
    let shop = TestShop::over(Arc::clone(&store) as Arc<dyn ReadStore>, QueryOptions::default()).await;
    for number in 0..PRODUCTS {
        let light = category(1_000 + number, &format!("lights-{number}"), None);
        let lamp = product(1 + number, &format!("lamp{number}"), &[1_000, 2_000], &[light.id]);
        let cart = CartId(Uuid::from_u128(2_000 + number));
        let email = shop.seal(cart, schemas::personal::EMAIL, "ada@example.org");
        shop.put(&light).await;
        shop.put(&lamp).await;
        shop.put(&stock(&format!("LAMP{number}-1"), 3, 0)).await;
        shop.put(&order_of(cart, &format!("N{number}"), &lamp, email)).await;
    }
    (shop, store)
}

#[tokio::test]
async fn a_larger_page_reads_the_store_no_more_often() {
    let (shop, store) = shop_with_much().await;
    let token = shop.bearer(Role::Admin, "ada");
    let queries = [
        "query($rows: Int!) { products(first: $rows) { nodes { title availability quantityAvailable category { name } \
         variants { sku availability selectedOptions { name } image { alt } product { slug } } } } }",
        "query($rows: Int!) { admin { sales(from: \"2026-01-01\", to: \"2026-01-01\") { \
         topProducts(first: $rows) { pieces product { title availability category { slug } } } } } }",
    ];
    for query in queries {
        let mut reads = Vec::new();
        for rows in [5, 30] {
            // The first question may have read what is kept from then on; the answer itself is not for the second.
            for rows in [rows + 1, rows] {
                store.take_reads();
                let answer = shop
                    .ask_with(query, json!({ "rows": rows }), &[("authorization", &token)])
                    .await;
                let shown = answer.data().to_string();
                assert!(shown.matches("\"availability\"").count() >= rows, "{shown}");
            }
            reads.push(store.take_reads());
        }
        assert_eq!(reads[0], reads[1], "{query}");
        assert!(reads[0] > 0, "{query}");
    }
}

#[tokio::test]
async fn a_cart_with_more_lines_reads_the_store_no_more_often() {
    let (shop, store) = shop_with_much().await;
    let token = shop.bearer(Role::Admin, "ada");
    let lamps: Vec<_> = (0..PRODUCTS)
        .map(|number| product(1 + number, &format!("lamp{number}"), &[1_000, 2_000], &[]))
        .collect();
    let skus: Vec<String> = (0..PRODUCTS).map(|number| format!("LAMP{number}-1")).collect();
    // The shop itself is read once, and kept from then on.
    let _ = shop.ask("{ shop { name } }").await.data();
    let mut reads = Vec::new();
    for lines in [2, 20] {
        let number = 0x7700 + u128::try_from(lines).expect("a small number");
        let in_cart: Vec<_> = (0..lines)
            .map(|line| (&lamps[line], skus[line].as_str(), 1, 1_000))
            .collect();
        let cart = cart_of(number, &in_cart);
        shop.put(&cart).await;
        let query = "query($id: ID!) { cart(id: $id) { cost { total { amount } } problems { __typename } \
                     lines { cost { total { amount } } merchandise { availability product { title } } } } }";
        store.take_reads();
        let id = json!({ "id": cart.id.to_string() });
        let _ = shop.ask_with(query, id, &[("authorization", &token)]).await.data();
        reads.push(store.take_reads());
    }
    assert_eq!(reads[0], reads[1]);
}

#[tokio::test]
async fn what_is_the_same_for_everybody_is_read_once_and_a_draft_by_each_who_asks() {
    let (shop, store) = shop_with_much().await;
    let mut draft = product(9_000, "secret-lamp", &[1_000], &[]);
    draft.status = ProductStatus::Draft;
    shop.put(&draft).await;
    let (ada, secret) = (
        shop.bearer(Role::Admin, "ada"),
        shop.cart_secret(CartId(Uuid::from_u128(7))),
    );
    let callers: [&[(&str, &str)]; 3] = [&[("authorization", &ada)], &[("cart-secret", &secret)], &[]];
    let ask = async |query: &str, who: usize| {
        store.take_reads();
        let data = shop.ask_with(query, json!({}), callers[who]).await.data();
        (data["product"]["title"].is_string(), store.take_reads())
    };
    let shown = r#"{ product(slug: "lamp7") { title availability } }"#;
    let (is_seen, reads) = ask(shown, 0).await;
    assert!(is_seen && reads > 0);
    for who in [1, 2, 0] {
        assert_eq!(ask(shown, who).await, (true, 0), "caller {who}");
    }
    let hidden = r#"{ product(slug: "secret-lamp") { title availability } }"#;
    for who in [0, 2, 0, 1, 0] {
        assert_eq!(ask(hidden, who).await.0, who == 0, "caller {who}");
    }
}
