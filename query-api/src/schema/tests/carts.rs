use domain::value::{Attributes, LocalizedText};
use read_store::model::cart::{CartStatus, CartView, FrozenCart};
use schemas::personal;
use serde_json::{Value, json};

use crate::testkit::{Rows, TestShop, cart_of, cents, order_of, product, stock};

const CART: u128 = 0x77;
const CART_ID: &str = "00000000-0000-0000-0000-000000000077";

async fn see(shop: &TestShop, cart: &CartView, fields: &str) -> Value {
    shop.put(cart).await;
    let secret = shop.cart_secret(cart.id);
    let query = format!("{{ cart(id: \"{CART_ID}\") {{ {fields} }} }}");
    let data = shop
        .ask_with(&query, json!({}), &[("cart-secret", &secret)])
        .await
        .data();
    data["cart"].clone()
}

#[tokio::test]
async fn a_cart_costs_what_its_lines_cost_today_with_shipping_and_tax() {
    let shop = TestShop::new().await;
    let lamp = product(1, "lamp", &[1_999], &[]);
    let chair = product(2, "chair", &[10_000], &[]);
    for view in [&lamp, &chair] {
        shop.put(view).await;
    }
    shop.put(&stock("LAMP-1", 10, 0)).await;
    shop.put(&stock("CHAIR-1", 10, 0)).await;
    let mut cart = cart_of(CART, &[(&lamp, "LAMP-1", 2, 1_999), (&chair, "CHAIR-1", 1, 9_000)]);
    cart.lines[0].attributes = Attributes::from([("engraving".to_owned(), "Ada".to_owned())]);
    let fields = "
      id uuid version status currency totalQuantity country openedAt checkoutRefusal requiresShipping
      lines { id sku title quantity attributes { name value } unitPrice { amount } unitPriceToday { amount }
              priceChanged cost { subtotal { amount } discount { amount } net { amount } tax { amount }
              total { amount } taxBasisPoints } merchandise { sku price { amount } product { slug } } }
      cost { subtotal { amount } discount { amount } shipping { amount } tax { amount } total { amount } estimated
             pricesIncludeTax }
      problems { __typename ... on PriceChanged { from { amount } to { amount } line { sku } } }
      shippingOptions { code name price { amount } } shipping { code }
      order { number }";
    let seen = see(&shop, &cart, fields).await;
    assert_eq!((&seen["uuid"], &seen["version"]), (&json!(CART_ID), &json!(3)));
    assert_eq!((&seen["status"], &seen["totalQuantity"]), (&json!("OPEN"), &json!(3)));
    let line = &seen["lines"][0];
    assert_eq!(line["attributes"], json!([{ "name": "engraving", "value": "Ada" }]));
    assert_eq!(
        (&line["priceChanged"], &line["unitPriceToday"]["amount"]),
        (&json!(false), &json!("19.99"))
    );
    // 19 % of Germany, the shop's first country, is in the price: 39.98 × 19 / 119.
    assert_eq!(
        line["cost"],
        json!({
            "subtotal": { "amount": "39.98" }, "discount": { "amount": "0.00" }, "net": { "amount": "33.60" },
            "tax": { "amount": "6.38" }, "total": { "amount": "39.98" }, "taxBasisPoints": 1_900,
        })
    );
    assert_eq!(
        line["merchandise"],
        json!({ "sku": "LAMP-1", "price": { "amount": "19.99" }, "product": { "slug": "lamp" } })
    );
    assert_eq!(seen["lines"][1]["priceChanged"], true);
    assert_eq!(
        seen["problems"],
        json!([{ "__typename": "PriceChanged", "from": { "amount": "90.00" }, "to": { "amount": "100.00" },
                 "line": { "sku": "CHAIR-1" } }])
    );
    assert_eq!(seen["cost"]["subtotal"]["amount"], "139.98");
    assert_eq!(
        (&seen["cost"]["total"]["amount"], &seen["cost"]["estimated"]),
        (&json!("139.98"), &json!(true))
    );
    assert_eq!(
        (&seen["requiresShipping"], &seen["shipping"]),
        (&json!(true), &json!(null))
    );
    let codes: Vec<&Value> = seen["shippingOptions"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|o| &o["code"])
        .collect();
    assert_eq!(codes, ["standard", "express"]);
    assert_eq!(seen["order"], json!(null));
}

#[tokio::test]
async fn what_cannot_be_bought_any_more_is_a_problem_and_the_line_stays() {
    let shop = TestShop::new().await;
    let lamp = product(1, "lamp", &[1_999], &[]);
    let mut gone = product(2, "gone", &[500], &[]);
    gone.status = read_store::model::product::ProductStatus::Draft;
    for view in [&lamp, &gone] {
        shop.put(view).await;
    }
    shop.put(&stock("LAMP-1", 3, 1)).await;
    let cart = cart_of(CART, &[(&lamp, "LAMP-1", 5, 1_999), (&gone, "GONE-1", 1, 500)]);
    let fields = "
      lines { sku merchandise { sku } }
      problems { __typename
        ... on InsufficientStock { sku quantityAvailable line { sku } }
        ... on VariantUnavailable { sku line { sku } } }";
    let seen = see(&shop, &cart, fields).await;
    assert_eq!(
        seen["problems"],
        json!([
            { "__typename": "InsufficientStock", "sku": "LAMP-1", "quantityAvailable": 4, "line": { "sku": "LAMP-1" } },
            { "__typename": "VariantUnavailable", "sku": "GONE-1", "line": { "sku": "GONE-1" } },
        ])
    );
    assert_eq!(seen["lines"][1], json!({ "sku": "GONE-1", "merchandise": null }));
}

#[tokio::test]
async fn a_cart_that_is_being_paid_for_shows_what_was_fixed() {
    let shop = TestShop::new().await;
    let lamp = product(1, "lamp", &[9_999], &[]);
    shop.put(&lamp).await;
    let mut cart = cart_of(CART, &[(&lamp, "LAMP-1", 2, 1_000)]);
    let email = shop.seal(cart.id, personal::EMAIL, "ada@example.org");
    let order = order_of(cart.id, "ABC", &lamp, email);
    cart.status = CartStatus::CheckingOut;
    cart.frozen = Some(FrozenCart {
        attempt: 1,
        lines: order.lines,
        totals: order.totals,
        shipping: order.shipping,
        held_until: None,
    });
    let fields = "status cost { total { amount } estimated } shipping { code } requiresShipping
                  lines { unitPriceToday { amount } priceChanged } problems { __typename }";
    let seen = see(&shop, &cart, fields).await;
    assert_eq!(seen["status"], "CHECKING_OUT");
    assert_eq!(
        seen["cost"],
        json!({ "total": { "amount": "24.90" }, "estimated": false })
    );
    assert_eq!(
        seen["lines"],
        json!([{ "unitPriceToday": { "amount": "10.00" }, "priceChanged": false }])
    );
    assert_eq!(
        (&seen["shipping"]["code"], &seen["problems"]),
        (&json!("standard"), &json!([]))
    );
}

#[tokio::test]
async fn a_cart_leads_to_the_order_that_it_became() {
    let shop = TestShop::new().await;
    let lamp = product(1, "lamp", &[1_000], &[]);
    shop.put(&lamp).await;
    let mut cart = cart_of(CART, &[(&lamp, "LAMP-1", 2, 1_000)]);
    cart.status = CartStatus::Converted;
    let email = shop.seal(cart.id, personal::EMAIL, "ada@example.org");
    shop.put(&order_of(cart.id, "ABC", &lamp, email)).await;
    let seen = see(&shop, &cart, "status order { number }").await;
    assert_eq!(seen, json!({ "status": "CONVERTED", "order": { "number": "ABC" } }));
}

#[tokio::test]
async fn personal_fields_are_opened_and_are_gone_when_the_person_is_forgotten() {
    let shop = TestShop::new().await;
    let mut cart = cart_of(CART, &[]);
    let address = r#"{"name":"Ada","line1":"Ring 1","city":"Wien","postal_code":"1010","country":"AT"}"#;
    cart.email = Some(shop.seal(cart.id, personal::EMAIL, "ada@example.org"));
    cart.shipping_address = Some(shop.seal(cart.id, personal::SHIPPING_ADDRESS, address));
    cart.country = "AT".to_owned();
    let fields = "contact { email phone } billingAddress { name } country
                  shippingAddress { name line1 line2 city postalCode region country }";
    let seen = see(&shop, &cart, fields).await;
    assert_eq!(seen["contact"], json!({ "email": "ada@example.org", "phone": null }));
    assert_eq!(
        seen["shippingAddress"],
        json!({ "name": "Ada", "line1": "Ring 1", "line2": "", "city": "Wien", "postalCode": "1010", "region": "",
                "country": "AT" })
    );
    assert_eq!(
        (&seen["billingAddress"], &seen["country"]),
        (&json!(null), &json!("AT"))
    );

    shop.sealer.forget(&cart.id.to_string()).expect("keys can be forgotten");
    let forgotten = see(&shop, &cart, fields).await;
    assert_eq!(forgotten["contact"], json!({ "email": null, "phone": null }));
    assert_eq!(forgotten["shippingAddress"], json!(null));
}

#[tokio::test]
async fn a_sealed_field_from_elsewhere_is_an_error_that_tells_nothing() {
    let shop = TestShop::new().await;
    let mut cart = cart_of(CART, &[]);
    cart.email = Some(shop.seal(cart.id, personal::PHONE, "a secret number"));
    shop.write(1, cart.rows()).await;
    let secret = shop.cart_secret(cart.id);
    let query = format!("{{ cart(id: \"{CART_ID}\") {{ contact {{ email }} }} }}");
    let answer = shop.ask_with(&query, json!({}), &[("cart-secret", &secret)]).await;
    assert_eq!(answer.code(), "query.internal");
    assert_eq!(answer.body["errors"][0]["message"], "something is wrong on our side");
}

#[tokio::test]
async fn what_is_not_for_sale_in_the_carts_currency_is_a_problem() {
    let shop = TestShop::new().await;
    let mut lamp = product(1, "lamp", &[1_999], &[]);
    lamp.description.title = LocalizedText::of("en", "Lamp");
    lamp.variants[0].prices.clear();
    shop.put(&lamp).await;
    shop.put(&stock("LAMP-1", 10, 0)).await;
    let mut cart = cart_of(CART, &[(&lamp, "LAMP-1", 1, 1_999)]);
    cart.lines[0].unit_price = cents(1_999);
    let seen = see(
        &shop,
        &cart,
        "problems { ... on VariantNotPriced { sku } } lines { merchandise { price { amount } } }",
    )
    .await;
    assert_eq!(seen["problems"], json!([{ "sku": "LAMP-1" }]));
    assert_eq!(seen["lines"][0]["merchandise"]["price"], json!(null));
}
