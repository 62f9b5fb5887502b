//! What was sold, and what may still be: sums for those who run the shop.

use serde_json::{Value, json};
use tests::{Answer, Client, Shop, Shopkeeper, Shopper};

/// `docs/analytics.md`: its query is asked as it stands.
const PAGE: &str = include_str!("../../docs/analytics.md");

fn having_seen(client: &Client, answer: &Answer) -> Client {
    client.with_header("consistency-token", answer.header("consistency-token"))
}

/// Sums over days that hold everything that can have happened by now.
async fn sums(client: &Client) -> Value {
    let query = PAGE
        .split("```graphql\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    // The clock of the shop says which year it is: `Sat, 31 Jan 2026 12:00:00 GMT`.
    let date = client.get("/healthz").await.expect(200).header("date").to_owned();
    let year = date.split(' ').nth(3).expect("a date has a year");
    let days = json!({ "from": format!("{year}-01-01"), "to": format!("{year}-12-31") });
    let answer = client
        .graphql(query.expect("the page has a query"), days)
        .await
        .expect(200);
    assert_eq!(answer.body.get("errors"), None, "{}", answer.body);
    answer.body["data"]["admin"].clone()
}

async fn order(shop: &Shop, sku: &str, pieces: i64) -> Answer {
    let shopper = Shopper::enter(&shop.client()).await;
    let _ = shopper.add(sku, pieces).await.expect(200);
    shopper.check_out().await.expect(201)
}

#[tokio::test]
async fn sales_add_up_to_the_orders_and_a_cancelled_one_is_counted_as_such() {
    let mut shop = Shop::start();
    let keeper = Shopkeeper::new(shop.admin());
    let cup = keeper.stock("CUP-1", "5.00", 100).await;
    let pot = keeper.stock("POT-1", "20.00", 100).await;
    let mut totals = 0;
    for (sku, pieces) in [("CUP-1", 7), ("POT-1", 1), ("CUP-1", 1)] {
        let placed = order(&shop, sku, pieces).await;
        let minor = &placed.body["cost"]["total"]["minorUnits"];
        totals += minor
            .as_str()
            .and_then(|text| text.parse::<i64>().ok())
            .expect("a total");
    }
    let doomed = order(&shop, "POT-1", 5).await;
    let path = format!("/v1/orders/{}/cancel", doomed.id());
    let cancelled = shop.admin().post(&path, json!({ "why": "late" })).await.expect(200);

    let seen = sums(&having_seen(&shop.admin(), &cancelled)).await;
    let euros = &seen["sales"][0];
    assert_eq!(
        (&euros["currency"], seen["sales"].as_array().map(Vec::len)),
        (&json!("EUR"), Some(1))
    );
    assert_eq!(
        (&euros["orders"], &euros["cancelled"], &euros["pieces"]),
        (&json!(3), &json!(1), &json!(9)),
        "{euros}"
    );
    assert_eq!(euros["revenue"]["minorUnits"], totals.to_string(), "to the cent");
    let days = euros["days"].as_array().expect("days");
    let of_days: u64 = days.iter().filter_map(|day| day["orders"].as_u64()).sum();
    assert_eq!(of_days, 3, "each order belongs to one day");
    let top: Vec<(&Value, &Value)> = euros["topProducts"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|sold| (&sold["productId"], &sold["pieces"]))
        .collect();
    let most_pieces = [(&json!(cup), &json!(8)), (&json!(pot), &json!(1))];
    assert_eq!(top, most_pieces, "by pieces, without those that were cancelled");

    // The sums follow from the log alone: a rebuild and another life say the same.
    let rebuilt = shop.run(&["rebuild", "order"]);
    assert!(rebuilt.status.success(), "{}", String::from_utf8_lossy(&rebuilt.stderr));
    assert_eq!(sums(&shop.admin()).await["sales"], seen["sales"], "after a rebuild");
    shop.kill();
    shop.restart();
    let again = sums(&having_seen(&shop.admin(), &cancelled)).await;
    assert_eq!(again["sales"], seen["sales"], "in another life");
}

#[tokio::test]
async fn open_carts_are_those_that_somebody_may_come_back_to() {
    let shop = Shop::start();
    Shopkeeper::new(shop.admin()).stock("CUP-1", "5.00", 100).await;
    let count = async |answer: &Answer| sums(&having_seen(&shop.admin(), answer)).await["openCarts"].clone();
    let _empty = Shopper::enter(&shop.client()).await;
    let (one, other) = (
        Shopper::enter(&shop.client()).await,
        Shopper::enter(&shop.client()).await,
    );
    let _ = one.add("CUP-1", 1).await.expect(200);
    let filled = other.add("CUP-1", 2).await.expect(200);
    let both = json!({ "count": 2, "isComplete": true, "byCurrency": [{ "currency": "EUR", "count": 2 }] });
    assert_eq!(count(&having_seen_both(&one, &filled).await).await, both);
    let ordered = one.check_out().await.expect(201);
    assert_eq!(count(&ordered).await["count"], 1, "what became an order is no cart");
    let lines = format!("/v1/carts/{}/lines", other.cart);
    let emptied = other
        .client()
        .send(reqwest::Method::DELETE, &lines)
        .await
        .expect("the shop answers");
    assert_eq!(count(&emptied.expect(200)).await["count"], 0);
}

/// An answer whose token asks for the other cart as well.
async fn having_seen_both(one: &Shopper, answer: &Answer) -> Answer {
    one.having_seen(answer).add("CUP-1", 1).await.expect(200)
}

#[tokio::test]
async fn sums_are_for_those_who_run_the_shop_and_a_wrong_range_has_a_code() {
    let shop = Shop::start();
    let query = "{ admin { sales(from: \"2026-02-01\", to: \"2026-01-01\") { orders } openCarts { count } } }";
    let everybody = shop.client().graphql(query, json!({})).await.expect(200);
    assert_eq!(everybody.body["data"]["admin"], Value::Null);
    let refused = shop.admin().graphql(query, json!({})).await.expect(200);
    assert_eq!(refused.body["errors"][0]["extensions"]["code"], "sales.range");
}

#[tokio::test]
async fn a_cart_says_until_when_its_checkout_held_its_pieces() {
    let shop = Shop::start();
    Shopkeeper::new(shop.admin()).stock("CUP-1", "5.00", 100).await;
    let shopper = Shopper::enter(&shop.client()).await;
    let _ = shopper.add("CUP-1", 1).await.expect(200);
    let ordered = shopper.check_out().await.expect(201);
    let query = "query($id: ID!, $asOf: String) \
                 { cart(id: $id, asOf: $asOf) { status holdExpiresAt version order { placedAt } } }";
    let guest = shopper.having_seen(&ordered);
    let cart = async |as_of: Value| {
        let variables = json!({ "id": shopper.cart, "asOf": as_of });
        guest.client().graphql(query, variables).await.expect(200).body["data"]["cart"].clone()
    };
    let now = cart(Value::Null).await;
    assert_eq!(
        (&now["status"], &now["holdExpiresAt"]),
        (&json!("CONVERTED"), &Value::Null)
    );
    let mut held = Vec::new();
    for version in 1..now["version"].as_u64().expect("a version") {
        let then = cart(json!(version.to_string())).await;
        if then["status"] == "CHECKING_OUT" {
            held.push(then["holdExpiresAt"].as_str().expect("a moment").to_owned());
        }
    }
    let (until, placed) = (held.first().expect("it was held"), &now["order"]["placedAt"]);
    assert!(
        placed.as_str().is_some_and(|placed| placed < until.as_str()),
        "{placed}, held until {until}"
    );
}
