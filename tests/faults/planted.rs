//! The harness bites: with each of these bugs planted, it finds what it is there to find. Those that need no engines
//! are in the tests of that name.

use std::time::Duration;

use tests::Shop;
use tests::crowd::{Crowd, CrowdOptions, Invariant, Report};
use tokio::task::block_in_place;

use crate::nodes_fight::{behind_proxy, cut_off};
use crate::stage::{Stage, take};

/// Within what everything is settled; longer than the shop may be between two owners.
const SETTLED_WITHIN: Duration = Duration::from_secs(20);
/// Guests: the more is under way, the sooner something is caught in between.
const GUESTS: u64 = 12;
/// How often a shop changes hands before a bug counts as not found.
const FIGHTS_MAX: usize = 6;
/// How long the crowd shops at a shop with a bug.
const SHOPPING: Duration = Duration::from_secs(3);

async fn crowd_at(shop: &Shop) -> Crowd {
    let options = CrowdOptions {
        guests: GUESTS,
        settled_within: SETTLED_WITHIN,
        ..CrowdOptions::default()
    };
    Crowd::enter(shop, options).await
}

/// What makes a node hear late of the records of others: safety must not rest on hearing of them soon.
const HEARS_LATE: &str = "follower-slow=sleep(300)";

/// Two nodes with a bug take the shop from each other.
async fn fight(stage: &Stage, bug: &str, found: impl Fn(&Crowd) -> bool) -> Report {
    let first = Shop::on(&stage.engines()).started();
    let mut crowd = crowd_at(&first).await;
    let mut first = first.with("FAILPOINTS", &format!("{bug};{HEARS_LATE}"));
    let mut second = first.another_node();
    let nodes = [&mut first, &mut second];
    for fight in 0..FIGHTS_MAX {
        // The newest takes it from the one that has it.
        let newest = fight % 2;
        if let Err(why) = block_in_place(|| nodes[newest].try_restart()) {
            crowd.note(Invariant::ItServesAgainInTime, why);
            break;
        }
        if fight > 0 {
            crowd.ask_at(&[nodes[0], nodes[1]]);
        }
        crowd.shop_for(SHOPPING).await;
        if found(&crowd) {
            break;
        }
    }
    if !found(&crowd) {
        crowd.expect_service_within(SETTLED_WITHIN).await;
    }
    let report = crowd.leave().await;
    println!("{bug}: {report}");
    report
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_that_answers_from_the_past_is_found() {
    let stage = take().await;
    let first = Shop::on(&stage.engines()).started();
    let mut crowd = crowd_at(&first).await;
    let second = behind_proxy(&first, &stage).with("FAILPOINTS", "planted-unconfirmed-refusal=return");
    let second = second.started();
    crowd.ask_at(&[&first, &second]);
    cut_off(&mut crowd, &stage, &second, &first).await;
    let report = crowd.leave().await;
    println!("planted-unconfirmed-refusal: {report}");
    assert!(report.has(Invariant::NobodyAnswersFromThePast), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_that_believes_any_acknowledgement_is_found() {
    let stage = take().await;
    let invariant = Invariant::NothingAcknowledgedIsLost;
    let found = |crowd: &Crowd| crowd.has(invariant);
    let report = fight(&stage, "planted-no-read-back=return", found).await;
    assert!(report.has(invariant), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_folds_void_records_is_found() {
    let stage = take().await;
    // Its shard stands still: who asks for something new is not served, and who asks again gets no answer.
    let invariants = [Invariant::ItServesAgainInTime, Invariant::TheUnknownIsSettledByAsking];
    let found = |crowd: &Crowd| invariants.iter().any(|invariant| crowd.has(*invariant));
    let report = fight(&stage, "planted-void-ignored=return", found).await;
    assert!(invariants.iter().any(|invariant| report.has(*invariant)), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_without_versions_are_found() {
    let stage = take().await;
    let shop = Shop::on(&stage.engines()).started();
    let crowd = crowd_at(&shop).await;
    let mut shop = shop.with("FAILPOINTS", "planted-same-timestamp=return");
    block_in_place(|| shop.restart());
    crowd.shop_for(SHOPPING).await;
    let report = crowd.finish(&mut shop).await;
    println!("planted-same-timestamp: {report}");
    assert!(report.has(Invariant::ReadModelsFollowFromTheLog), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn write_errors_that_are_swallowed_are_found() {
    let stage = take().await;
    let shop = Shop::on(&stage.engines()).started();
    let crowd = crowd_at(&shop).await;
    let mut shop = shop.with("FAILPOINTS", "planted-swallowed-write-error=10%return");
    block_in_place(|| shop.restart());
    crowd.shop_for(SHOPPING).await;
    let report = crowd.finish(&mut shop).await;
    println!("planted-swallowed-write-error: {report}");
    assert!(report.has(Invariant::ReadModelsFollowFromTheLog), "{report}");
}
