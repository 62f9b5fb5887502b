use domain::sales::order::LineQuantity;
use read_store::model::order::{FulfilmentStatus, FulfilmentView, Milestone, OrderStatus};
use schemas::personal;
use serde_json::json;
use uuid::Uuid;

use crate::testkit::{TestShop, cart_of, order_of, product};

const NUMBER: &str = "0000000000";

#[tokio::test]
async fn an_order_shows_what_was_bought_what_it_cost_and_where_it_is() {
    let shop = TestShop::new().await;
    let lamp = product(1, "lamp", &[1_500], &[]);
    shop.put(&lamp).await;
    let cart = cart_of(0x77, &[]);
    let mut order = order_of(
        cart.id,
        NUMBER,
        &lamp,
        shop.seal(cart.id, personal::EMAIL, "ada@example.org"),
    );
    order.status = OrderStatus::Shipped;
    order.timeline = vec![Milestone {
        at: order.placed,
        event: "OrderPlaced".to_owned(),
    }];
    order.fulfilments = vec![FulfilmentView {
        id: Uuid::from_u128(5),
        lines: vec![LineQuantity {
            line: order.lines[0].line,
            quantity: 2,
        }],
        carrier: "Post".to_owned(),
        tracking_number: "T1".to_owned(),
        tracking_url: "https://example.org/T1".to_owned(),
        status: FulfilmentStatus::Shipped,
    }];
    shop.put(&order).await;
    let secret = shop.cart_secret(cart.id);
    let query = r#"query($id: ID!, $number: String!) {
      order(id: $id) {
        id uuid version number status paymentStatus paymentMethod placedAt canCancel cancelledWhy totalQuantity country
        lines { id sku title quantity unitPrice { amount } cost { net { amount } tax { amount } total { amount } }
                product { slug priceRange { min { amount } } } }
        cost { subtotal { amount } shipping { amount } tax { amount } total { amount currency } estimated }
        shipping { code name price { amount } }
        refunded { amount }
        contact { email } shippingAddress { name }
        fulfilments { id status carrier trackingNumber trackingUrl lines { quantity line { sku } } }
        timeline { at event }
      }
      again: order(number: $number) { uuid }
    }"#;
    let variables = json!({ "id": cart.id.to_string(), "number": NUMBER });
    let data = shop
        .ask_with(query, variables, &[("cart-secret", &secret)])
        .await
        .data();
    let seen = &data["order"];
    assert_eq!((&seen["number"], &seen["status"]), (&json!(NUMBER), &json!("SHIPPED")));
    assert_eq!(
        (&seen["paymentStatus"], &seen["paymentMethod"]),
        (&json!("PENDING"), &json!("INVOICE"))
    );
    assert_eq!(
        (&seen["canCancel"], &seen["cancelledWhy"]),
        (&json!(false), &json!(null))
    );
    assert_eq!(seen["placedAt"], "2026-01-01T00:00:00.000Z");
    assert_eq!(seen["lines"][0]["cost"]["tax"]["amount"], "3.33");
    // The price of that day, beside the product of today.
    assert_eq!(seen["lines"][0]["unitPrice"]["amount"], "10.00");
    assert_eq!(seen["lines"][0]["product"]["priceRange"]["min"]["amount"], "15.00");
    assert_eq!(seen["cost"]["total"], json!({ "amount": "24.90", "currency": "EUR" }));
    assert_eq!(
        (&seen["cost"]["estimated"], &seen["shipping"]["name"]),
        (&json!(false), &json!("Standard shipping"))
    );
    assert_eq!(seen["contact"]["email"], "ada@example.org");
    assert_eq!(
        seen["fulfilments"][0]["lines"],
        json!([{ "quantity": 2, "line": { "sku": "LAMP-1" } }])
    );
    assert_eq!(
        seen["timeline"],
        json!([{ "at": "2026-01-01T00:00:00.000Z", "event": "OrderPlaced" }])
    );
    assert_eq!(data["again"]["uuid"], seen["uuid"]);
}

#[tokio::test]
async fn an_order_can_be_called_off_until_something_of_it_is_packed() {
    let shop = TestShop::new().await;
    let lamp = product(1, "lamp", &[1_500], &[]);
    let cart = cart_of(0x77, &[]);
    let mut order = order_of(
        cart.id,
        NUMBER,
        &lamp,
        shop.seal(cart.id, personal::EMAIL, "ada@example.org"),
    );
    let secret = shop.cart_secret(cart.id);
    let packed = FulfilmentView {
        id: Uuid::from_u128(5),
        lines: Vec::new(),
        carrier: String::new(),
        tracking_number: String::new(),
        tracking_url: String::new(),
        status: FulfilmentStatus::Packed,
    };
    let cases = [
        (OrderStatus::Pending, Vec::new(), true),
        (OrderStatus::Confirmed, Vec::new(), true),
        (OrderStatus::Confirmed, vec![packed], false),
        (OrderStatus::Cancelled, Vec::new(), false),
        (OrderStatus::Delivered, Vec::new(), false),
    ];
    for (version, (status, fulfilments, can_cancel)) in (1..).zip(cases) {
        (order.status, order.fulfilments) = (status, fulfilments);
        shop.write(version, crate::testkit::Rows::rows(&order)).await;
        let query = format!("{{ order(id: \"{}\") {{ canCancel }} }}", cart.id);
        let data = shop
            .ask_with(&query, json!({}), &[("cart-secret", &secret)])
            .await
            .data();
        assert_eq!(data["order"]["canCancel"], can_cancel, "{status:?}");
    }
}
