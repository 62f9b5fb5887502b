//! Rebuilds that nobody notices: every read model, under a steady load, killed at every labelled step and gone on with.

#![expect(clippy::print_stdout, reason = "a run says how much it has tried")]

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::crowd::{Crowd, CrowdOptions};
use tests::{Shop, is_on_cluster};
use tokio::task::block_in_place;

use crate::operator::{is_at_rest, lines, projections, run};

/// The read models of the shop that have generations to go back to.
const PROJECTIONS: [&str; 6] = ["shop", "category", "product", "stock", "cart", "order"];
/// The one that is a file of the process.
const SEARCH: &str = "search";
/// The labelled steps of a rebuild, in their order.
const STEPS: [&str; 5] = [
    "rebuild-opened",
    "rebuild-mid-copy",
    "rebuild-filled",
    "rebuild-before-switch",
    "rebuild-after-switch",
];
/// Shoppers who buy and ask all the while.
const SHOPPERS: u64 = 64;
/// How long each of them rests after a purchase: a load that a test build carries.
const RESTS: Duration = Duration::from_millis(1_500);
/// The same on a cluster, where each purchase costs more, and all are looked at again in the end.
const RESTS_ON_CLUSTER: Duration = Duration::from_secs(4);
/// Orders that are there before anything is rebuilt.
const ORDERS_BEFORE: usize = 20;
/// `all`: every read model dies at every step on a cluster as well, where each life begins with joining it.
const DEATHS_VARIABLE: &str = "TILLROLL_TEST_REBUILD_DEATHS";

/// Who dies at which steps, one after the other; the last one is always the last step, so that the rebuild is over.
fn deaths() -> Vec<(&'static str, Vec<&'static str>)> {
    let is_whole = std::env::var(DEATHS_VARIABLE).is_ok_and(|told| told == "all");
    if is_on_cluster() && !is_whole {
        return vec![("product", STEPS.to_vec()), (SEARCH, vec![STEPS[1], STEPS[4]])];
    }
    let everyone = PROJECTIONS.into_iter().chain([SEARCH]);
    everyone.map(|name| (name, STEPS.to_vec())).collect()
}

async fn crowd_at(shop: &Shop) -> Crowd {
    let options = CrowdOptions {
        guests: SHOPPERS,
        rests: if is_on_cluster() { RESTS_ON_CLUSTER } else { RESTS },
        ..CrowdOptions::default()
    };
    let crowd = Crowd::enter(shop, options).await;
    crowd.until_ordered(shop, ORDERS_BEFORE).await;
    crowd.expect_answers(true);
    crowd
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_of_everything_under_shoppers_is_noticed_by_nobody() {
    let mut shop = Shop::start();
    let crowd = crowd_at(&shop).await;
    let said = lines(&run(&shop, &["rebuild", "--all", "--json"]).expect_success());
    let ends: Vec<&Value> = said.iter().filter(|line| line["phase"] == "done").collect();
    let rebuilt: Vec<&str> = ends.iter().filter_map(|line| line["projection"].as_str()).collect();
    let all: Vec<&str> = PROJECTIONS.into_iter().chain([SEARCH]).collect();
    assert_eq!(rebuilt, all, "{said:?}");
    for end in ends {
        assert_eq!(end["parity"]["differing"], 0, "{end}");
    }
    for name in PROJECTIONS {
        let since = Instant::now();
        run(&shop, &["rollback", name, "--require-parity"]).expect_success();
        println!("{name} is rolled back in {:?}", since.elapsed());
        assert!(
            is_on_cluster() || since.elapsed() < shop.deadline(),
            "{name}: {:?}",
            since.elapsed()
        );
    }
    run(&shop, &["verify", "--all"]).expect_success();
    for report in projections(&shop) {
        let expected = if report["name"] == SEARCH { 2 } else { 1 };
        assert_eq!(report["active"], expected, "{report}");
    }
    crowd.expect_answers(false);
    let report = crowd.finish(&mut shop).await;
    println!("{report}");
    report.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_that_dies_at_any_step_ends_in_the_next_life() {
    let mut shop = Shop::start();
    let mut crowd = crowd_at(&shop).await;
    let mut deaths_died = 0;
    for (name, steps) in deaths() {
        let (first, further) = steps.split_first().expect("everybody dies somewhere");
        crowd.expect_answers(false);
        block_in_place(|| shop.restart_with(&[("FAILPOINTS", &format!("{first}=return"))]));
        crowd.expect_answers(true);
        let killed = run(&shop, &["rebuild", name]);
        assert!(!killed.0.status.success(), "{name} at {first}: {killed:?}");
        shop.until_dead(first).await;
        for step in further {
            // What was begun is gone on with by itself, and dies again.
            crowd.expect_answers(false);
            shop.restart_to_die(&[("FAILPOINTS", &format!("{step}=return"))]).await;
        }
        deaths_died += steps.len();
    }
    crowd.expect_answers(false);
    block_in_place(|| shop.restart());
    crowd.expect_answers(true);
    crowd.expect_service_within(shop.deadline()).await;
    for (name, _) in deaths() {
        shop.until(name, async || is_at_rest(&shop, name)).await;
        let verified = run(&shop, &["verify", name]).expect_success();
        assert!(verified.contains(" 0 differ"), "{name}: {verified}");
        let report = crate::operator::report_of(&shop, name);
        assert_ne!(report["active"], json!(1), "{name} has come to its switch: {report}");
    }
    crowd.expect_answers(false);
    let report = crowd.finish(&mut shop).await;
    println!("{deaths_died} deaths; {report}");
    report.assert_clean();
}
