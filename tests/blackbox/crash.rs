//! kill -9 under load, at random moments and at every labelled step: nothing acknowledged is lost, nothing
//! happens twice, every retry of a key gives the same answer, and read models equal a fresh rebuild.

#![expect(clippy::print_stdout, reason = "a run says how much it has tried")]

use std::time::Duration;

use tests::crowd::{Chance, Crowd, CrowdOptions};
use tests::{Shop, is_on_cluster};

/// Longest time between two kills.
const LIFE_MS_MAX: u64 = 400;
/// Kills, unless `TILLROLL_TEST_KILLS` says how many.
const KILLS: u64 = 20;
/// The same on a cluster, where each life begins with joining it.
const KILLS_ON_CLUSTER: u64 = 4;

/// The labelled steps of the command, checkout and projection path at which the program can be made to die.
const STEPS: [&str; 13] = [
    "parsed",
    "decided",
    "enqueued",
    "sent-not-acked",
    "acked-not-answered",
    "snapshot-half-written",
    "snapshot-written",
    "checkout-before-send",
    "checkout-sent-not-recorded",
    "checkout-recorded",
    "projector-polled",
    "projector-mid-batch",
    "projector-checkpointed",
];

/// kill -9s at random moments: 200 by `TILLROLL_TEST_KILLS=200`, fewer by default.
fn kills() -> u64 {
    let told = std::env::var("TILLROLL_TEST_KILLS").ok();
    let usual = if is_on_cluster() { KILLS_ON_CLUSTER } else { KILLS };
    told.and_then(|text| text.parse().ok()).unwrap_or(usual)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_or_done_twice_by_kill_9_at_random_moments() {
    let mut shop = Shop::start();
    let mut crowd = Crowd::enter(&shop, CrowdOptions::default()).await;
    let mut chance = Chance::of(0x5eed);
    for _ in 0..kills() {
        crowd
            .shop_for(Duration::from_millis(20 + chance.below(LIFE_MS_MAX)))
            .await;
        shop.restart();
        crowd.expect_service_within(shop.deadline()).await;
    }
    let report = crowd.finish(&mut shop).await;
    println!("{report}");
    report.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_or_done_twice_by_death_at_any_labelled_step() {
    let mut shop = Shop::start();
    let crowd = Crowd::enter(&shop, CrowdOptions::default()).await;
    for step in STEPS {
        shop.restart_to_die(&[("FAILPOINTS", &format!("{step}=10%return"))])
            .await;
    }
    shop.restart();
    let report = crowd.finish(&mut shop).await;
    println!("{report}");
    report.assert_clean();
}
