//! The audit of stock finds nothing in a shop that is well, however busy, and what was damaged wherever it was.

use std::time::Duration;

use rusqlite::Connection;
use serde_json::{Value, json};
use tests::crowd::{Crowd, CrowdOptions};
use tests::{Shop, Shopkeeper, Shopper, is_on_cluster};
use tokio::task::block_in_place;

use crate::operator::run;

/// How long each of the crowd rests on a cluster after a purchase: all purchases are looked at again in the end.
const RESTS_ON_CLUSTER: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_of_a_busy_shop_finds_nothing_and_says_what_it_has_looked_at() {
    let mut shop = Shop::start();
    let options = CrowdOptions {
        rests: if is_on_cluster() {
            RESTS_ON_CLUSTER
        } else {
            Duration::ZERO
        },
        ..CrowdOptions::default()
    };
    let crowd = Crowd::enter(&shop, options).await;
    crowd.until_ordered(&shop, 10).await;
    for _ in 0..3 {
        let report = audit(&shop, &["stock", "audit", "--all", "--json"]);
        assert_eq!(report["findings"], json!([]), "{report}");
        assert_eq!(report["unasked"], json!([]), "{report}");
        let counted = |what: &str| report[what].as_u64().expect("a count");
        assert!(
            counted("skus") > 0 && counted("lines") > counted("skus") && counted("holds") > 0,
            "{report}"
        );
    }
    // What is right is not made again either, while it changes all the time.
    for sku in ["SKU-0", "SKU-1", "SKU-2"] {
        let repaired = audit(&shop, &["repair", "stock", sku, "--json"]);
        assert_eq!(
            json!([repaired["differences"], repaired["left"]]),
            json!([[], 0]),
            "{repaired}"
        );
    }
    crowd.finish(&mut shop).await.assert_clean();
    run(&shop, &["stock", "audit", "--all"]).expect_success();
    run(&shop, &["verify", "stock"]).expect_success();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_row_of_stock_is_found_and_made_again_while_the_shop_runs() {
    let shop = Shop::embedded().started();
    let keeper = Shopkeeper::new(shop.admin());
    keeper.stock("LAMP", "10.00", 100).await;
    keeper.stock("DESK", "99.00", 7).await;
    let shopper = Shopper::enter(&shop.client()).await;
    let _ = shopper.add("LAMP", 2).await.expect(200);
    let _ = shopper.check_out().await.expect(201);
    let well = run(&shop, &["stock", "audit", "LAMP", "DESK"]).expect_success();
    assert!(
        well.contains("2 SKUs with ") && well.contains(" 1 holds: 0 findings"),
        "{well}"
    );

    // The row of one SKU says what that of another does, and a list has lost the first.
    let damage = "UPDATE stock_by_sku_g1 SET view = (SELECT view FROM stock_by_sku_g1 WHERE partition = 'DESK') \
                  WHERE partition = 'LAMP'; DELETE FROM stock_listed_g1 WHERE sku = 'LAMP'";
    let rows = Connection::open(shop.data().join("read.db")).expect("it can be opened");
    rows.execute_batch(damage).expect("it can be damaged");
    let found = run(&shop, &["stock", "audit", "LAMP"]).expect_failure();
    assert!(
        found.contains("stock.row  LAMP in main: queries show 7 on hand, 0 reserved, 0 allocated")
            && found.contains("the log says 100 on hand, 0 reserved, 2 allocated"),
        "{found}"
    );
    run(&shop, &["stock", "audit", "DESK"]).expect_success();
    let differ = run(&shop, &["verify", "stock"]).expect_failure();
    assert!(differ.contains(", 2 differ"), "{differ}");

    let repaired = run(&shop, &["repair", "stock", "LAMP"]).expect_success();
    assert!(
        repaired.contains("stock LAMP: 2 rows in generation 1, 2 made again"),
        "{repaired}"
    );
    assert!(
        repaired.contains("only in the fresh rows") && repaired.contains("by the log"),
        "{repaired}"
    );
    let verified = run(&shop, &["verify", "stock"]).expect_success();
    assert!(verified.contains(", 0 differ"), "{verified}");
    run(&shop, &["stock", "audit", "--all"]).expect_success();
    let again = run(&shop, &["repair", "stock", "LAMP", "--json"]).expect_success();
    let again: Value = serde_json::from_str(&again).expect("JSON");
    assert_eq!(json!([again["differences"], again["left"]]), json!([[], 0]));

    // What happens next begins from the right row, and is repaired as well as before.
    let received = json!({ "quantity": 1 });
    let _ = keeper
        .client()
        .post("/v1/stock/LAMP/receipts", received)
        .await
        .expect(200);
    run(&shop, &["stock", "audit", "LAMP"]).expect_success();
    run(&shop, &["verify", "stock"]).expect_success();
    for (arguments, code) in [
        (&["repair", "hats", "1"][..], "repair.unknown_projection"),
        (&["repair", "search", "LAMP"], "repair.only_whole"),
        (&["repair", "stock", "HAT"], "repair.unknown_key"),
    ] {
        let refused = run(&shop, arguments).expect_failure();
        assert!(refused.contains(code), "{arguments:?}: {refused}");
    }
    let unseen = run(&shop, &["stock", "audit", "HAT"]).expect_failure();
    assert!(unseen.contains("HAT never had stock"), "{unseen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_commands_are_decided_by_is_audited_as_well() {
    let mut shop = Shop::embedded().started();
    let keeper = Shopkeeper::new(shop.admin());
    keeper.stock("LAMP", "10.00", 100).await;
    let shopper = Shopper::enter(&shop.client()).await;
    let _ = shopper.add("LAMP", 2).await.expect(200);
    let _ = shopper.check_out().await.expect(201);
    block_in_place(|| shop.stop());
    let states = shop.data().join("state.db");
    let open = || Connection::open(&states).expect("it can be opened");
    let first = "SELECT state FROM streams WHERE stream = 'stock/main/LAMP'";
    let first: Vec<u8> = open().query_row(first, [], |row| row.get(0)).expect("it is there");
    block_in_place(|| shop.restart());
    let received = json!({ "quantity": 5 });
    let receipts = shop.admin().post("/v1/stock/LAMP/receipts", received).await;
    let _ = receipts.expect(200);
    run(&shop, &["stock", "audit", "LAMP"]).expect_success();

    // An old state comes back, as from a copy of the file.
    block_in_place(|| shop.stop());
    let damage = "UPDATE streams SET state = ?1 WHERE stream = 'stock/main/LAMP'";
    assert_eq!(open().execute(damage, [first]).expect("it can be damaged"), 1);
    block_in_place(|| shop.restart());
    let found = run(&shop, &["stock", "audit", "--all"]).expect_failure();
    assert!(
        found.contains("stock.state  LAMP in main: commands are decided by 100 on hand")
            && found.contains("the log says 105 on hand"),
        "{found}"
    );

    // And an order is gone.
    block_in_place(|| shop.stop());
    let damage = format!("DELETE FROM streams WHERE stream = 'order/{}'", shopper.cart);
    assert_eq!(open().execute(&damage, []).expect("it can be damaged"), 1);
    block_in_place(|| shop.restart());
    let found = run(&shop, &["stock", "audit", "--all"]).expect_failure();
    assert!(
        found.contains("hold.without_order  LAMP in main: ")
            && found.contains("2 pieces are promised, and there is no"),
        "{found}"
    );

    // The log knows better.
    block_in_place(|| {
        shop.stop();
        std::fs::remove_file(&states).expect("it is there");
        shop.restart();
    });
    run(&shop, &["stock", "audit", "--all"]).expect_success();
}

fn audit(shop: &Shop, arguments: &[&str]) -> Value {
    let said = run(shop, arguments).expect_success();
    serde_json::from_str(&said).expect("JSON")
}
