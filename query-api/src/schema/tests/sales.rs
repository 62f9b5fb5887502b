use access::Role;
use domain::shop::settings::Settings;
use domain::value::{CartId, Currency, Timestamp};
use read_store::model::cart::{CartStatus, FrozenCart};
use read_store::model::order::{OrderStatus, OrderView};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::limits::SALES_DAYS_MAX;
use crate::testkit::{TestShop, cart_of, order_of, product};

/// 2026-03-28T23:30Z: in Berlin it is half past midnight of the 29th, the day on which clocks go forward.
const LATE: Timestamp = Timestamp(1_774_740_600_000);
const HOUR_MS: i64 = 3_600_000;

/// A shop in Berlin with an order for each of these hours after [`LATE`].
async fn shop_in_berlin(hours: &[i64]) -> TestShop {
    let shop = TestShop::new().await;
    let settings = Settings {
        time_zone: "Europe/Berlin".to_owned(),
        ..Settings::default()
    };
    shop.configure(settings).await;
    let lamp = product(1, "lamp", &[1_000], &[]);
    shop.put(&lamp).await;
    for (number, hours) in hours.iter().enumerate() {
        shop.put(&order(&shop, number as u128, *hours)).await;
    }
    shop
}

fn order(shop: &TestShop, number: u128, hours: i64) -> OrderView {
    let cart = CartId(Uuid::from_u128(0x100 + number));
    let lamp = product(1, "lamp", &[1_000], &[]);
    let email = shop.seal(cart, schemas::personal::EMAIL, "ada@example.org");
    let mut order = order_of(cart, &format!("N{number}"), &lamp, email);
    order.placed = Timestamp(LATE.0 + hours * HOUR_MS);
    order
}

async fn sales(shop: &TestShop, from: &str, to: &str) -> Value {
    let query = "query($from: String!, $to: String!) { admin { sales(from: $from, to: $to) {
      currency orders cancelled pieces revenue { amount } averageOrder { amount }
      days { day orders revenue { minorUnits } averageOrder { amount } }
      topProducts { productId pieces revenue { amount } product { slug } }
    } } }";
    let token = shop.bearer(Role::Admin, "ada");
    let range = json!({ "from": from, "to": to });
    let answer = shop.ask_with(query, range, &[("authorization", &token)]).await;
    answer.data()["admin"]["sales"].clone()
}

#[tokio::test]
async fn a_day_is_one_of_the_shops_time_zone_also_when_clocks_change() {
    // The 29th has 23 hours in Berlin: from 23:00Z to 22:00Z.
    let shop = shop_in_berlin(&[-1, 0, 22, 23]).await;
    let range = sales(&shop, "2026-03-28", "2026-03-30").await;
    let orders: Vec<&Value> = range[0]["days"]
        .as_array()
        .expect("days")
        .iter()
        .map(|day| &day["orders"])
        .collect();
    assert_eq!(orders, [1, 2, 1], "{range}");
    assert_eq!(range[0]["days"][1]["day"], "2026-03-29");
    let day = sales(&shop, "2026-03-29", "2026-03-29").await;
    assert_eq!((&day[0]["orders"], &day[0]["pieces"]), (&json!(2), &json!(4)), "{day}");
    assert_eq!(day[0]["revenue"]["amount"], "49.80");
    assert_eq!(day[0]["averageOrder"]["amount"], "24.90");
    let top = json!([{ "productId": Uuid::from_u128(1).to_string(), "pieces": 4, "revenue": { "amount": "40.00" },
                       "product": { "slug": "lamp" } }]);
    assert_eq!(day[0]["topProducts"], top);
}

#[tokio::test]
async fn each_currency_has_sums_of_its_own_and_days_without_orders_are_there() {
    let shop = shop_in_berlin(&[0]).await;
    let mut other = order(&shop, 7, 24);
    other.totals.currency = "CHF".parse::<Currency>().expect("a currency");
    shop.put(&other).await;
    let mut cancelled = order(&shop, 8, 24);
    cancelled.status = OrderStatus::Cancelled;
    shop.put(&cancelled).await;
    let range = sales(&shop, "2026-03-27", "2026-03-31").await;
    let currencies: Vec<&Value> = range
        .as_array()
        .expect("sums")
        .iter()
        .map(|sums| &sums["currency"])
        .collect();
    assert_eq!(currencies, ["CHF", "EUR"]);
    assert_eq!((&range[1]["orders"], &range[1]["cancelled"]), (&json!(1), &json!(1)));
    assert_eq!(range[1]["days"].as_array().map(Vec::len), Some(5));
    assert_eq!(range[1]["days"][0]["averageOrder"], Value::Null);
    assert_eq!(sales(&shop, "2025-01-01", "2025-01-31").await, json!([]));
}

#[tokio::test]
async fn a_range_that_is_none_or_too_long_is_refused_with_a_code() {
    let shop = shop_in_berlin(&[]).await;
    let token = shop.bearer(Role::Admin, "ada");
    let cases = [
        ("from: \"2026-02-01\", to: \"2026-01-31\"", "sales.range"),
        ("from: \"2024-01-01\", to: \"2026-01-01\"", "sales.range"),
        ("from: \"yesterday\", to: \"2026-01-01\"", "argument.day"),
        ("from: \"2026-01-01\", to: \"2026-13-01\"", "argument.day"),
        (
            "from: \"2026-01-01\", to: \"2026-01-01\", currency: \"Euro\"",
            "argument.currency",
        ),
    ];
    for (arguments, code) in cases {
        let query = format!("{{ admin {{ sales({arguments}) {{ orders }} }} }}");
        let answer = shop.ask_with(&query, json!({}), &[("authorization", &token)]).await;
        assert_eq!(
            answer.body["errors"][0]["extensions"]["code"], code,
            "{arguments}: {}",
            answer.body
        );
    }
    let year = format!("{SALES_DAYS_MAX} days from 2024-01-01 end with 2024-12-31");
    assert_eq!(sales(&shop, "2024-01-01", "2024-12-31").await, json!([]), "{year}");
}

#[tokio::test]
async fn a_cart_is_open_while_something_is_in_it_and_held_while_it_is_paid_for() {
    let shop = TestShop::new().await;
    let lamp = product(1, "lamp", &[1_000], &[]);
    shop.put(&lamp).await;
    let mut fixed = cart_of(0x77, &[(&lamp, "LAMP-1", 1, 1_000)]);
    fixed.status = CartStatus::CheckingOut;
    fixed.frozen = Some(FrozenCart {
        attempt: 1,
        lines: Vec::new(),
        totals: order(&shop, 1, 0).totals,
        shipping: None,
        held_until: Some(LATE),
    });
    let mut expired = cart_of(0x99, &[(&lamp, "LAMP-1", 1, 1_000)]);
    expired.status = CartStatus::Expired;
    for cart in [&fixed, &cart_of(0x88, &[]), &expired] {
        shop.put(cart).await;
    }
    let token = shop.bearer(Role::Admin, "ada");
    let query = "query($fixed: ID!, $empty: ID!) {
      admin { openCarts { count isComplete byCurrency { currency count } } }
      fixed: cart(id: $fixed) { holdExpiresAt }
      empty: cart(id: $empty) { holdExpiresAt }
    }";
    let ids = json!({ "fixed": fixed.id.to_string(), "empty": Uuid::from_u128(0x88).to_string() });
    let data = shop.ask_with(query, ids, &[("authorization", &token)]).await.data();
    let open = json!({ "count": 1, "isComplete": true, "byCurrency": [{ "currency": "EUR", "count": 1 }] });
    assert_eq!(data["admin"]["openCarts"], open);
    assert_eq!(data["fixed"]["holdExpiresAt"], "2026-03-28T23:30:00.000Z");
    assert_eq!(data["empty"]["holdExpiresAt"], Value::Null);
}
