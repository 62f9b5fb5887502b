//! A checkout that does not come to an end is told, with what it waits for, and ends once it is let.

use serde_json::{Value, json};
use tests::{Shop, Shopkeeper, Shopper, checkout_body};
use tokio::task::block_in_place;

use crate::operator::run;

#[tokio::test(flavor = "multi_thread")]
async fn a_checkout_that_stands_still_is_told_with_what_it_waits_for() {
    let mut shop = Shop::start();
    Shopkeeper::new(shop.admin()).stock("LAMP", "10.00", 10).await;
    let none = run(&shop, &["checkouts", "stuck", "--older-than", "0s"]).expect_success();
    assert_eq!(none, "no checkout is stuck\n");
    let shopper = Shopper::enter(&shop.client()).await;
    let _ = shopper.add("LAMP", 3).await.expect(200);

    // From now on nothing is sent to the shelves.
    block_in_place(|| shop.restart_with(&[("FAILPOINTS", "checkout-stands-still=return")]));
    let path = format!("/v1/carts/{}/checkout", shopper.cart);
    let shopper = shopper.renewed();
    let begun = shopper
        .client()
        .with_header("prefer", "wait=0")
        .post(&path, checkout_body())
        .await;
    let _ = begun.expect(202);

    let text = run(&shop, &["checkouts", "stuck", "--older-than", "0s"]).expect_failure();
    let told = format!("checkout/{}  holding  since ", shopper.cart);
    assert!(
        text.contains(&told) && text.contains("(serving): 3 of LAMP in main"),
        "{text}"
    );
    let found = run(&shop, &["checkouts", "stuck", "--older-than", "0s", "--json"]).expect_failure();
    let found: Value = serde_json::from_str(&found).expect("JSON");
    let stuck = &found["checkouts"][0];
    assert_eq!(
        json!([found["count"], stuck["checkout"], stuck["attempt"]]),
        json!([1, shopper.cart, 1])
    );
    assert_eq!(
        json!([stuck["holds"][0]["state"], stuck["holds"][0]["quantity"]]),
        json!(["none", 3])
    );
    assert!(stuck["deadline"].as_str() > stuck["began"].as_str(), "{stuck}");
    // It has not stood still for long, and its time is not up.
    run(&shop, &["checkouts", "stuck"]).expect_success();
    run(&shop, &["doctor"]).expect_success();

    // The next life sends what is outstanding, and it ends with its order.
    block_in_place(|| shop.restart());
    shop.until("it has ended", async || {
        run(&shop, &["checkouts", "stuck", "--older-than", "0s"])
            .0
            .status
            .success()
    })
    .await;
    let order = format!("order/{}", shopper.cart);
    run(&shop, &["log", "show", &order]).expect_success();
}
