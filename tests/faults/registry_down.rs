//! The schema registry: a shop that knows its schemas needs none, one that does not says so and waits.

use tests::Shop;
use tokio::task::block_in_place;

use crate::seed;
use crate::stage::{SERVICE_WITHIN, crowd_at, restart, take};

#[tokio::test(flavor = "multi_thread")]
async fn without_a_registry_a_new_shop_waits_and_a_known_one_serves() {
    let mut stage = take().await;
    let good = "the engines do what they are told";
    stage.registry.kill().expect(good);
    let mut shop = Shop::on(&stage.engines());
    shop.begin();
    shop.until("it says that it waits", async || {
        shop.output().contains("waiting for the schema registry")
    })
    .await;
    assert!(!shop.has_ended(), "it waits:\n{}", shop.output());
    block_in_place(|| stage.registry.restart()).expect(good);
    block_in_place(|| shop.wait_until_ready()).unwrap_or_else(|why| panic!("{why}"));

    let mut crowd = crowd_at(&shop, seed()).await;
    stage.registry.kill().expect(good);
    crowd.expect_service_within(SERVICE_WITHIN).await;
    restart(&mut shop, &crowd);
    crowd.expect_service_within(SERVICE_WITHIN).await;
    let report = crowd.finish(&mut shop).await;
    println!("{report}");
    report.assert_clean();
}
