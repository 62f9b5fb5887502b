//! The harness bites: with each of these bugs planted, it finds what it is there to find. Those that need engines
//! are in the fault tests.

#![expect(clippy::print_stdout, reason = "a run says how much it has tried, and what it found")]

use std::time::Duration;

use tests::Shop;
use tests::crowd::{Chance, Crowd, CrowdOptions, Invariant};

/// Kills after which a bug counts as not found: chance decides what a kill meets, so many more than it takes.
const KILLS_MAX: u64 = 100;
/// Kills before the end looks for what shows only there.
const KILLS_MIN: u64 = 4;
/// Longest time between two kills.
const LIFE_MS_MAX: u64 = 500;
/// Within what everything is settled and served again when nothing is wrong: many times what it takes.
const WITHIN: Duration = Duration::from_secs(8);

/// Lets a crowd shop at a shop with a bug, kills the shop again and again, and expects this to be found.
async fn expect_found(bug: &str, invariant: Invariant) {
    let shop = Shop::embedded().started();
    let options = CrowdOptions {
        settled_within: WITHIN,
        ..CrowdOptions::default()
    };
    let crowd = Crowd::enter(&shop, options).await;
    let mut shop = shop.with("FAILPOINTS", bug);
    let mut chance = Chance::of(0x5eed);
    for kill in 0..KILLS_MAX {
        if kill >= KILLS_MIN && crowd.has(invariant) {
            break;
        }
        // A start that dies of the bug before it is ready is one kill more; one that neither serves nor ends is not.
        if let Err(why) = shop.try_restart()
            && !shop.has_ended()
        {
            crowd.note(Invariant::ItServesAgainInTime, why);
            break;
        }
        crowd
            .shop_for(Duration::from_millis(20 + chance.below(LIFE_MS_MAX)))
            .await;
    }
    let report = crowd.finish(&mut shop).await;
    println!("{bug}: {report}");
    assert!(report.has(invariant), "{bug} was not found: {report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_its_record_is_found() {
    expect_found(
        "planted-answer-before-append=2%return",
        Invariant::NothingAcknowledgedIsLost,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_a_restart_forgets_are_found() {
    expect_found(
        "planted-keys-forgotten-at-restart=return",
        Invariant::NothingHappensTwice,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_are_not_resumed_are_found() {
    expect_found(
        "planted-process-not-resumed=return",
        Invariant::TheUnknownIsSettledByAsking,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn positions_stored_before_their_rows_are_found() {
    // It dies where only this bug has a step.
    expect_found(
        "planted-checkpoint-before-rows=return;projector-checkpointed-not-written=5%return",
        Invariant::ReadModelsFollowFromTheLog,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_that_ignore_their_token_are_found() {
    expect_found("planted-token-ignored=return", Invariant::WritesAreReadWithTheirToken).await;
}
