//! The ledger of a SKU: what happened to its pieces, and that it adds up.

use serde_json::{Value, json};
use tests::{Shop, Shopkeeper, Shopper};

#[tokio::test]
async fn the_ledger_of_a_sku_adds_up_to_what_lies_on_the_shelf() {
    let shop = Shop::start();
    let admin = shop.admin();
    Shopkeeper::new(shop.admin()).stock("CUP-1", "5.00", 10).await;
    let broken = json!({ "delta": -2, "reason": "broken" });
    let _ = admin.post("/v1/stock/CUP-1/adjustments", broken).await.expect(200);
    let shopper = Shopper::enter(&shop.client()).await;
    let _ = shopper.add("CUP-1", 3).await.expect(200);
    let _ = shopper.check_out().await.expect(201);
    let query = "query($after: Int) { admin { stockLedger(sku: \"CUP-1\", after: $after) \
                 { version event actor reason onHandChange onHandAfter reservedAfter allocatedAfter } } }";
    let lines = async |after: u64| {
        let answer = admin.graphql(query, json!({ "after": after })).await.expect(200);
        answer.body["data"]["admin"]["stockLedger"]
            .as_array()
            .cloned()
            .expect("a ledger")
    };
    let ledger = lines(0).await;
    let changes: Vec<i64> = ledger.iter().filter_map(|line| line["onHandChange"].as_i64()).collect();
    assert_eq!(changes[..2], [10, -2], "{ledger:?}");
    assert_eq!(
        (&ledger[1]["reason"], &ledger[1]["event"]),
        (&json!("broken"), &json!("StockAdjusted"))
    );
    let shelf = admin.get("/v1/stock/CUP-1").await.expect(200).body;
    assert_eq!(changes.iter().sum::<i64>(), shelf["onHand"].as_i64().expect("a count"));
    let last = ledger.last().expect("there are lines");
    assert_eq!(last["allocatedAfter"], 3, "the order waits for its pieces");
    let second = ledger[1]["version"].as_u64().expect("a version");
    assert_eq!(lines(second).await, ledger[2..], "a page goes on after a version");
}

#[tokio::test]
async fn a_ledger_over_http_is_that_of_graphql_a_page_at_a_time() {
    let shop = Shop::start();
    let admin = shop.admin();
    Shopkeeper::new(shop.admin()).stock("CUP-1", "5.00", 10).await;
    for delta in [-2, 3, -1] {
        let body = json!({ "delta": delta, "reason": "counted" });
        let _ = admin.post("/v1/stock/CUP-1/adjustments", body).await.expect(200);
    }
    let mut lines: Vec<Value> = Vec::new();
    let mut after = json!(0);
    while !after.is_null() {
        let page = format!("/v1/stock/CUP-1/ledger?limit=2&after={after}");
        let page = admin.get(&page).await.expect(200).body;
        assert_eq!((&page["sku"], &page["location"]), (&json!("CUP-1"), &json!("main")));
        lines.extend(page["lines"].as_array().cloned().expect("lines"));
        after = page["nextAfter"].clone();
    }
    let query = "{ admin { stockLedger(sku: \"CUP-1\") { version at event actor reason onHandChange onHandAfter \
                 reservedAfter allocatedAfter } } }";
    let asked = admin.graphql(query, json!({})).await.expect(200);
    assert_eq!(json!(lines), asked.body["data"]["admin"]["stockLedger"]);
    let on_hand: i64 = lines.iter().filter_map(|line| line["onHandChange"].as_i64()).sum();
    assert_eq!(admin.get("/v1/stock/CUP-1").await.expect(200).body["onHand"], on_hand);

    let path = "/v1/stock/CUP-1/ledger";
    assert_eq!(
        admin.get("/v1/stock/NEVER-1/ledger").await.expect(200).body["lines"],
        json!([])
    );
    assert_eq!(shop.client().get(path).await.expect(401).code(), "access.required");
    for (asked, code) in [
        ("limit=0", "page.size"),
        ("limit=1001", "page.size"),
        ("location=No%20place", "location.invalid"),
        ("before=3", "request.malformed"),
    ] {
        let refused = admin.get(&format!("{path}?{asked}")).await.expect(400);
        assert_eq!(refused.code(), code, "{asked}");
    }
}
