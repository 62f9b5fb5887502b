//! The documents of the storefront's pages (`docs/graphql/`) are answered as they are printed.

use serde_json::{Value, json};
use tests::{Client, Shop, Shopper};

const PRODUCT_PAGE: &str = include_str!("../../docs/graphql/product-page.graphql");
const CATEGORY_PAGE: &str = include_str!("../../docs/graphql/category-page.graphql");
const CART_DRAWER: &str = include_str!("../../docs/graphql/cart-drawer.graphql");
const CHECKOUT: &str = include_str!("../../docs/graphql/checkout.graphql");
const ORDER: &str = include_str!("../../docs/graphql/order.graphql");

/// The variables that a document names in its head.
fn printed_variables(document: &str) -> Value {
    let line = document.lines().find_map(|line| line.strip_prefix("# Variables: "));
    serde_json::from_str(line.expect("a document names its variables")).expect("they are JSON")
}

async fn data(client: &Client, document: &str, variables: Value) -> Value {
    let answer = client.graphql(document, variables).await.expect(200);
    assert_eq!(answer.body.get("errors"), None, "{}", answer.body);
    answer.body["data"].clone()
}

#[tokio::test]
async fn every_page_is_answered_by_its_document() {
    let shop = Shop::start_demo();
    let client = shop.client();

    let page = data(&client, PRODUCT_PAGE, printed_variables(PRODUCT_PAGE)).await;
    let product = &page["product"];
    assert_eq!(product["title"], "Field Notebook");
    let selected = &product["selectedOrFirstAvailableVariant"];
    assert_eq!(
        selected["selectedOptions"],
        json!([{ "name": "Ruling", "value": "Dotted" }])
    );
    assert_eq!(selected["price"], json!({ "amount": "9.50", "currency": "EUR" }));
    assert_eq!(product["options"][0]["values"].as_array().map(Vec::len), Some(3));
    let related = product["related"].as_array().expect("related products");
    assert_eq!(related.len(), 4);
    assert!(related.iter().all(|other| other["slug"] != "field-notebook"));

    let page = data(&client, CATEGORY_PAGE, printed_variables(CATEGORY_PAGE)).await;
    let products = &page["category"]["products"];
    let nodes = products["nodes"].as_array().expect("products");
    assert!(!nodes.is_empty() && products["totalCount"].as_u64() >= Some(nodes.len() as u64));
    let facets: Vec<_> = products["facets"]
        .as_array()
        .expect("facets")
        .iter()
        .map(|facet| &facet["id"])
        .collect();
    for id in ["category", "availability", "price", "vendor", "tag"] {
        assert!(facets.contains(&&json!(id)), "{id} is not in {facets:?}");
    }

    let shopper = Shopper::enter(&client).await;
    let sku = selected["sku"].as_str().expect("a SKU").to_owned();
    let added = shopper.add(&sku, 2).await.expect(200);
    let shopper = shopper.having_seen(&added);
    let id = json!({ "id": shopper.cart });
    let page = data(shopper.client(), CART_DRAWER, id.clone()).await;
    assert_eq!(
        (&page["cart"]["totalQuantity"], &page["cart"]["problems"]),
        (&json!(2), &json!([]))
    );
    assert_eq!(
        page["cart"]["lines"][0]["merchandise"]["product"]["slug"],
        "field-notebook"
    );

    let page = data(shopper.client(), CHECKOUT, id.clone()).await;
    assert_eq!(page["cart"]["requiresShipping"], true);
    assert_eq!(page["cart"]["paymentMethods"], json!(["INVOICE"]));
    assert!(page["cart"]["shippingOptions"][0]["code"].is_string(), "{page}");

    let ordered = shopper.check_out().await.expect(201);
    let shopper = shopper.having_seen(&ordered);
    let page = data(shopper.client(), ORDER, id).await;
    assert_eq!(page["order"]["number"], ordered.body["number"]);
    assert_eq!(page["order"]["lines"][0]["sku"], *sku);
    assert_eq!(page["order"]["contact"]["email"], "ada@example.org");
}
