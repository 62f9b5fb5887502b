//! Two nodes of one shop: the one that came last has it, the other stands by, and whoever was away too long says
//! nothing from the past.

use std::time::{Duration, Instant};

use tests::crowd::{Chance, Crowd, Invariant};
use tests::{Shop, seen_within};

use crate::stage::{SERVICE_WITHIN, Stage, crowd_at, restart, take};
use crate::{long_run, seed};

/// Within what a node has the shop, once the other is gone or asleep.
const TAKE_OVER_WITHIN: Duration = Duration::from_secs(60);
/// How long a node that is awake may take to say how it is.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);
/// Longest time between two faults.
const REST_MS_MAX: u64 = 2_000;

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_never_fork_a_shop() {
    let stage = take().await;
    let seed = seed();
    println!("seed {seed}");
    // Now and then a node hears late of the records of others.
    let mut first = Shop::on(&stage.engines())
        .with("FAILPOINTS", "follower-slow=5%sleep(300)")
        .started();
    let mut crowd = crowd_at(&first, seed).await;
    let mut second = first.another_node().started();
    expect(&crowd, &first, "standby").await;
    crowd.ask_at(&[&first, &second]);
    let mut chance = Chance::of(seed);
    let start = Instant::now();
    loop {
        crowd.shop_for(Duration::from_millis(chance.below(REST_MS_MAX))).await;
        // The second has it: it sleeps until the first has taken over, and wakes.
        sleep_through(&mut crowd, &second, &first).await;
        // The first has it: it dies.
        first.kill();
        expect(&crowd, &second, "serving").await;
        crowd.expect_service_within(SERVICE_WITHIN).await;
        // It comes back, takes the shop, and the second dies.
        restart(&mut first, &crowd);
        expect(&crowd, &second, "standby").await;
        second.kill();
        crowd.expect_service_within(SERVICE_WITHIN).await;
        restart(&mut second, &crowd);
        expect(&crowd, &first, "standby").await;
        crowd.expect_service_within(SERVICE_WITHIN).await;
        if long_run().is_none_or(|time| start.elapsed() > time) {
            break;
        }
    }
    second.kill();
    let report = crowd.finish(&mut first).await;
    println!("{report}");
    report.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_that_is_cut_off_tells_nothing_from_the_past() {
    let stage = take().await;
    let mut first = Shop::on(&stage.engines()).started();
    let mut crowd = crowd_at(&first, seed()).await;
    let second = behind_proxy(&first, &stage).started();
    crowd.ask_at(&[&first, &second]);
    crowd.shop_for(Duration::from_millis(REST_MS_MAX)).await;
    cut_off(&mut crowd, &stage, &second, &first).await;
    drop(second);
    let report = crowd.finish(&mut first).await;
    println!("{report}");
    report.assert_clean();
}

/// Another node, whose way to the broker can be cut.
pub(crate) fn behind_proxy(shop: &Shop, stage: &Stage) -> Shop {
    shop.another_node().with("TILLROLL_KAFKA", &stage.proxy.address())
}

/// The owner, to which no more commands are sent, hears nothing from the broker until the other has the shop, and a
/// little longer; then it must stand by.
pub(crate) async fn cut_off(crowd: &mut Crowd, stage: &Stage, owner: &Shop, other: &Shop) {
    crowd.command_at(&[other]);
    // What is under way comes to its end.
    crowd.shop_for(Duration::from_secs(1)).await;
    stage.proxy.cut();
    expect(crowd, other, "serving").await;
    crowd.expect_service_within(SERVICE_WITHIN).await;
    crowd.shop_for(Duration::from_secs(2)).await;
    stage.proxy.heal();
    expect(crowd, owner, "standby").await;
    crowd.ask_at(&[owner, other]);
}

/// The owner sleeps until the other has the shop, and a little longer; then it must stand by.
async fn sleep_through(crowd: &mut Crowd, owner: &Shop, other: &Shop) {
    owner.pause();
    expect(crowd, other, "serving").await;
    crowd.expect_service_within(SERVICE_WITHIN).await;
    // What the other has acknowledged by now, the owner does not know of.
    crowd.shop_for(Duration::from_secs(1)).await;
    owner.resume();
    expect(crowd, owner, "standby").await;
}

/// Waits until a node says that it serves, or stands by; that it does not in time is a finding.
async fn expect(crowd: &Crowd, node: &Shop, standing: &str) {
    let client = node.client().with_patience(ANSWER_WITHIN);
    let standing_so = seen_within(TAKE_OVER_WITHIN, async || {
        match client.send(reqwest::Method::GET, "/readyz").await {
            Ok(answer) if answer.body["commands"] == standing => Ok(()),
            Ok(answer) => Err(answer.body.to_string()),
            Err(error) => Err(error.to_string()),
        }
    })
    .await;
    if let Err(last) = standing_so {
        let what = format!("{} is not {standing} within {TAKE_OVER_WITHIN:?}: {last}", node.url());
        crowd.note(Invariant::ItServesAgainInTime, what);
    }
}
