//! kill -9 and SIGSTOP of tillroll, of the broker and of the CQL node, under load.

use std::time::{Duration, Instant};

use tests::Shop;
use tests::crowd::{Chance, Crowd};
use tokio::task::block_in_place;

use crate::stage::{SERVICE_WITHIN, Stage, crowd_at, restart, take};
use crate::{long_run, seed};

/// Longest pause of a short run.
const PAUSE_MS_MAX: u64 = 3_000;
/// Longest pause of a long one.
const LONG_PAUSE_MS_MAX: u64 = 20_000;
/// Shortest pause.
const PAUSE_MS_MIN: u64 = 1_000;
/// Longest time between two faults.
const REST_MS_MAX: u64 = 2_000;

#[derive(Clone, Copy, Debug)]
enum Fault {
    KillNode,
    PauseNode,
    KillBroker,
    PauseBroker,
    KillCassandra,
    PauseCassandra,
}

const FAULTS: [Fault; 6] = [
    Fault::KillNode,
    Fault::PauseNode,
    Fault::KillBroker,
    Fault::PauseBroker,
    Fault::KillCassandra,
    Fault::PauseCassandra,
];

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_survives_the_death_and_the_sleep_of_everything_it_runs_on() {
    let mut stage = take().await;
    let mut shop = Shop::on(&stage.engines()).started();
    let seed = seed();
    println!("seed {seed}");
    let mut crowd = crowd_at(&shop, seed).await;
    let mut chance = Chance::of(seed);
    let start = Instant::now();
    let pause_max = if long_run().is_some() {
        LONG_PAUSE_MS_MAX
    } else {
        PAUSE_MS_MAX
    };
    let mut round = 0;
    while long_run().map_or(round < FAULTS.len(), |time| start.elapsed() < time) {
        let fault = if long_run().is_some() {
            FAULTS[usize::try_from(chance.below(FAULTS.len() as u64)).expect("a place")]
        } else {
            FAULTS[round]
        };
        crowd.shop_for(Duration::from_millis(chance.below(REST_MS_MAX))).await;
        let pause = Duration::from_millis(PAUSE_MS_MIN + chance.below(pause_max - PAUSE_MS_MIN));
        println!("round {round}: {fault:?} {pause:?}");
        strike(fault, pause, &mut stage, &mut shop, &crowd).await;
        crowd.expect_service_within(SERVICE_WITHIN).await;
        round += 1;
    }
    let report = crowd.finish(&mut shop).await;
    println!("{report}");
    report.assert_clean();
}

/// Something fails, stays away for so long, and comes back.
async fn strike(fault: Fault, pause: Duration, stage: &mut Stage, shop: &mut Shop, crowd: &Crowd) {
    let good = "the engines do what they are told";
    match fault {
        Fault::KillNode => {
            shop.kill();
            crowd.shop_for(pause / 2).await;
            restart(shop, crowd);
        }
        Fault::PauseNode => {
            shop.pause();
            crowd.shop_for(pause).await;
            shop.resume();
        }
        Fault::KillBroker => {
            stage.kafka.kill().expect(good);
            crowd.shop_for(pause / 2).await;
            block_in_place(|| stage.kafka.restart()).expect(good);
        }
        Fault::PauseBroker => {
            stage.kafka.pause().expect(good);
            crowd.shop_for(pause).await;
            stage.kafka.resume().expect(good);
        }
        Fault::KillCassandra => {
            stage.cassandra.kill().expect(good);
            crowd.shop_for(pause / 2).await;
            block_in_place(|| stage.cassandra.restart()).expect(good);
        }
        Fault::PauseCassandra => {
            stage.cassandra.pause().expect(good);
            crowd.shop_for(pause).await;
            stage.cassandra.resume().expect(good);
        }
    }
}
