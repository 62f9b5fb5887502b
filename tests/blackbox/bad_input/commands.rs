//! Commands that are refused, by table: who asks, method, path, body; then status, code and field.

use serde_json::json;

use super::{Scene, assert_refused, assert_table, commits};

/// Quantities and money.
const VALUES: &str = r#"
guest POST /v1/carts/{cart}/lines {"sku":"LAMP-1","quantity":0} => 422 quantity.not_positive quantity
guest POST /v1/carts/{cart}/lines {"sku":"LAMP-1","quantity":-3} => 422 quantity.not_positive quantity
guest POST /v1/carts/{cart}/lines {"sku":"LAMP-1","quantity":10000} => 422 quantity.too_large quantity
guest POST /v1/carts/{cart}/lines {"sku":"LAMP-1","quantity":9223372036854775807} => 422 quantity.too_large quantity
guest POST /v1/carts/{cart}/lines {"sku":"LAMP-1","quantity":18446744073709551615} => 422 body.invalid_value quantity
guest POST /v1/carts/{cart}/lines {"sku":"LAMP-1","quantity":99999999999999999999} => 400 body.wrong_type quantity
guest POST /v1/carts/{cart}/lines {"sku":"LAMP-1","quantity":1.0} => 400 body.wrong_type quantity
guest POST /v1/carts/{cart}/lines {"sku":"LAMP-1","quantity":"1"} => 400 body.wrong_type quantity
guest POST /v1/carts/{cart}/lines {"sku":"LAMP-1","quantity":3} => 409 stock.insufficient quantity
guest PATCH /v1/carts/{cart}/lines/{nothing} {"quantity":1} => 404 line.absent line
guest PATCH /v1/carts/{cart}/lines/{nothing} {"quantity":-1} => 422 quantity.not_positive quantity
admin PUT /v1/products/{product}/variants/LAMP-1/price {"price":{"amount":"-0.01","currency":"EUR"}} => 422 money.negative price.amount
admin PUT /v1/products/{product}/variants/LAMP-1/price {"price":{"amount":"0.001","currency":"EUR"}} => 422 money.too_many_decimals price.amount
admin PUT /v1/products/{product}/variants/LAMP-1/price {"price":{"amount":"92233720368547758.08","currency":"EUR"}} => 422 money.too_large price.amount
admin PUT /v1/products/{product}/variants/LAMP-1/price {"price":{"amount":9.99,"currency":"EUR"}} => 400 body.wrong_type price.amount
admin PUT /v1/products/{product}/variants/LAMP-1/price {"price":{"amount":"NaN","currency":"EUR"}} => 422 money.malformed price.amount
guest POST /v1/carts/{cart}/checkout {"payment":"invoice","expectedTotal":{"amount":"9.99","currency":"USD"}} => 422 currency.differs expectedTotal.currency
nobody POST /v1/carts {"currency":"USD"} => 422 currency.not_sold currency
admin POST /v1/stock/LAMP-1/adjustments {"delta":-3,"reason":"lost"} => 409 stock.promised -
admin POST /v1/stock/LAMP-1/adjustments {"delta":-4,"reason":"lost"} => 409 stock.below_zero -
admin POST /v1/orders/{order}/refunds {"amount":{"amount":"0.01","currency":"EUR"}} => 409 refund.too_large amount
admin POST /v1/orders/{order}/refunds {"amount":{"amount":"0.00","currency":"EUR"}} => 422 refund.unacceptable amount
admin POST /v1/orders/{order}/refunds {"amount":{"amount":"1","currency":"JPY"}} => 422 refund.unacceptable amount
admin POST /v1/orders/{order}/invoice-payments {"amount":{"amount":"0.01","currency":"EUR"}} => 422 payment.amount_differs amount
admin POST /v1/orders/{order}/fulfilments {"lines":[{"line":"{line}","quantity":2}]} => 409 quantity.too_large lines
admin POST /v1/orders/{order}/fulfilments {"lines":[{"line":"{line}","quantity":0}]} => 422 order.nothing_selected lines
admin POST /v1/orders/{order}/fulfilments {"lines":[]} => 422 order.nothing_selected lines
admin POST /v1/orders/{order}/fulfilments {"lines":[{"line":"{nothing}","quantity":1}]} => 422 line.absent lines
"#;

/// Who may do what.
const RIGHTS: &str = r#"
nobody POST /v1/carts/{cart}/lines {"sku":"LAMP-1","quantity":1} => 404 cart.absent -
buyer POST /v1/carts/{cart}/lines {"sku":"LAMP-1","quantity":1} => 404 cart.absent -
guest POST /v1/carts/{nothing}/lines {"sku":"LAMP-1","quantity":1} => 404 cart.absent -
admin POST /v1/carts/{nothing}/lines {"sku":"LAMP-1","quantity":1} => 404 cart.absent -
nobody DELETE /v1/carts/{cart}/lines {} => 404 cart.absent -
buyer POST /v1/carts/{cart}/checkout {"payment":"invoice"} => 404 cart.absent -
nobody POST /v1/orders/{order}/cancel {} => 404 order.absent -
guest POST /v1/orders/{order}/cancel {} => 404 order.absent -
guest POST /v1/orders/{nothing}/cancel {} => 404 order.absent -
admin POST /v1/orders/{nothing}/cancel {} => 404 order.absent -
guest POST /v1/orders/{order}/returns {"lines":[{"line":"{line}","quantity":1}]} => 404 order.absent -
buyer POST /v1/orders/{order}/confirm {} => 401 access.required -
buyer POST /v1/orders/{order}/fulfilments {"lines":[{"line":"{line}","quantity":1}]} => 401 access.required -
buyer POST /v1/orders/{order}/fulfilments/{nothing}/shipped {} => 401 access.required -
buyer POST /v1/orders/{order}/fulfilments/{nothing}/delivered {} => 401 access.required -
buyer POST /v1/orders/{order}/refunds {"amount":{"amount":"9.99","currency":"EUR"}} => 401 access.required -
buyer POST /v1/orders/{order}/invoice-payments {"amount":{"amount":"14.89","currency":"EUR"}} => 401 access.required -
buyer POST /v1/orders/{order}/notes {"note":"mine"} => 401 access.required -
guest PUT /v1/products/{product}/variants/LAMP-1/price {"price":{"amount":"0.01","currency":"EUR"}} => 401 access.required -
guest POST /v1/stock/LAMP-1/receipts {"quantity":1} => 401 access.required -
nobody PUT /v1/shop {} => 401 access.required -
admin POST /v1/stock/UNKNOWN/receipts {"quantity":1} => 404 stock.sku_absent sku
admin POST /v1/orders/{order}/fulfilments/{nothing}/shipped {} => 404 fulfilment.absent -
"#;

/// Fields that only the server sets.
const INJECTED: &str = r#"
nobody POST /v1/carts {"id":"{nothing}"} => 400 body.unknown_field id
nobody POST /v1/carts {"customer":"{nothing}"} => 400 body.unknown_field customer
nobody POST /v1/carts {"owner":"{nothing}"} => 400 body.unknown_field owner
guest POST /v1/carts/{cart}/lines {"sku":"LAMP-1","quantity":1,"price":"0.01"} => 400 body.unknown_field price
guest POST /v1/carts/{cart}/lines {"sku":"LAMP-1","quantity":1,"unitPrice":{"amount":"0.01","currency":"EUR"}} => 400 body.unknown_field unitPrice
guest POST /v1/carts/{cart}/checkout {"payment":"invoice","total":{"amount":"0.01","currency":"EUR"}} => 400 body.unknown_field total
guest POST /v1/carts/{cart}/checkout {"payment":"invoice","status":"CONFIRMED"} => 400 body.unknown_field status
guest POST /v1/carts/{cart}/checkout {"payment":"invoice","number":"T000000000"} => 400 body.unknown_field number
guest POST /v1/carts/{cart}/checkout {"payment":"invoice","discount":100} => 400 body.unknown_field discount
nobody POST /v1/orders {"items":[{"sku":"LAMP-1","quantity":1,"price":1}],"payment":"invoice"} => 400 body.unknown_field items[0].price
nobody POST /v1/orders {"items":[{"sku":"LAMP-1","quantity":1}],"payment":"invoice","role":"admin"} => 400 body.unknown_field role
buyer POST /v1/orders/{order}/cancel {"status":"DELIVERED"} => 400 body.unknown_field status
admin POST /v1/products {"slug":"x","title":"X","id":"{nothing}"} => 400 body.unknown_field id
admin POST /v1/products {"slug":"x","title":"X","version":7} => 400 body.unknown_field version
admin POST /v1/stock/LAMP-1/receipts {"quantity":1,"onHand":1000} => 400 body.unknown_field onHand
admin POST /v1/orders/{order}/refunds {"amount":{"amount":"1","currency":"EUR"},"refunded":0} => 400 body.unknown_field refunded
"#;

/// What an order's cart and what is not so yet.
const SITUATIONS: &str = r#"
buyer POST /v1/carts/{order}/lines {"sku":"LAMP-1","quantity":1} => 409 cart.already_converted -
buyer DELETE /v1/carts/{order}/lines {} => 409 cart.already_converted -
buyer PUT /v1/carts/{order}/contact {"email":"eve@example.org"} => 409 cart.already_converted -
buyer POST /v1/carts/{order}/checkout {"payment":"invoice"} => 409 cart.already_converted -
guest POST /v1/carts/{cart}/checkout {"payment":"invoice"} => 409 cart.contact_missing contact
buyer POST /v1/orders/{order}/returns {"lines":[{"line":"{line}","quantity":1}]} => 409 quantity.too_large lines
admin POST /v1/orders/{order}/returns/{nothing}/approve {} => 404 return.absent -
"#;

#[tokio::test(flavor = "multi_thread")]
async fn quantities_and_money_that_cannot_be_are_refused() {
    assert_table(&Scene::shared().await, VALUES).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_may_not_do_is_refused_or_does_not_exist() {
    assert_table(&Scene::shared().await, RIGHTS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_sets_no_price_total_status_owner_version_or_id() {
    assert_table(&Scene::shared().await, INJECTED).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_over_or_not_so_yet_is_refused() {
    assert_table(&Scene::shared().await, SITUATIONS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_price_is_told_and_nothing_is_ordered() {
    let scene = Scene::set().await;
    let dearer = r#"{"price":{"amount":"12.00","currency":"EUR"}}"#;
    let path = "/v1/products/{product}/variants/LAMP-1/price";
    let repriced = scene.send("admin", "PUT", path, dearer).await.expect(200);
    let mut body = tests::checkout_body();
    body["expectedTotal"] = json!({"amount": "14.89", "currency": "EUR"});
    let before = commits(&scene.shop);
    let guest = scene
        .guest
        .client()
        .with_header("consistency-token", repriced.header("consistency-token"));
    let refused = guest
        .post(&format!("/v1/carts/{}/checkout", scene.guest.cart), body.clone())
        .await;
    assert_refused(&refused, 409, "cart.total_changed", "expectedTotal", "a stale total");
    assert_eq!(refused.body["total"]["amount"], "16.90");
    assert_eq!(commits(&scene.shop), before, "nothing is stored");

    body["expectedTotal"] = json!({"amount": "16.90", "currency": "EUR"});
    let ordered = guest
        .post(&format!("/v1/carts/{}/checkout", scene.guest.cart), body)
        .await
        .expect(201);
    assert_eq!(ordered.body["cost"]["total"]["amount"], "16.90");
}
