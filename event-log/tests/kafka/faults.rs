//! Two owners fight over a shard while the broker fails.

use std::time::{Duration, Instant};

use domain::stream::Shard;
use engines::Kafka;
use event_log::contract::{Accepted, SHARDS, fight_over};

use crate::shop::{Shop, has_time, verify};

const SHARD: Shard = SHARDS[0];

/// Moves of one game.
const MOVES: u32 = 500;
/// The move at which the fault begins.
const FAULT_AT: u32 = 150;
/// How long a move takes.
const PACE: Duration = Duration::from_millis(1);

/// Plays a game; `fault` is told the number of each move as it is made.
fn play(shop: &Shop, seed: u64, mut fault: impl FnMut(u32)) -> Vec<Accepted> {
    let (mut one, mut other) = (shop.open(), shop.open());
    let mut moves = 0;
    let mut between = || {
        moves += 1;
        fault(moves);
        std::thread::sleep(PACE);
    };
    fight_over(&mut [&mut one, &mut other], SHARD, seed, MOVES, &mut between)
}

fn shop_at(broker: &Kafka) -> Shop {
    let mut shop = Shop::at(&broker.bootstrap());
    // Shorter than the longest pause and longer than the shortest: both ends are played.
    shop.options.deliver_within = Duration::from_secs(6);
    shop
}

#[test]
fn nothing_acknowledged_is_lost_when_the_broker_is_killed_and_started_again() {
    let mut broker = Kafka::start().expect("a broker starts");
    let shop = shop_at(&broker);
    for seed in 1..=2 {
        let acknowledged = play(&shop, seed, |moves| {
            if moves == FAULT_AT {
                broker.kill().expect("the broker is killed");
                broker.restart().expect("the broker starts again");
            }
        });
        assert!(acknowledged.len() >= 3, "the game was too short to show anything");
        verify_growing(&shop, &acknowledged);
    }
}

#[test]
fn nothing_acknowledged_is_lost_when_the_broker_stands_still_for_a_while() {
    let pauses: &[u64] = if has_time() { &[1, 2, 5, 8, 12, 20] } else { &[1, 8] };
    let broker = Kafka::start().expect("a broker starts");
    let shop = shop_at(&broker);
    for (seed, seconds) in (1..).zip(pauses) {
        let mut paused: Option<Instant> = None;
        let acknowledged = play(&shop, seed, |moves| {
            if moves == FAULT_AT {
                broker.pause().expect("the broker stands still");
                paused = Some(Instant::now());
            }
            if paused.is_some_and(|since| since.elapsed() >= Duration::from_secs(*seconds)) {
                broker.resume().expect("the broker goes on");
                paused = None;
            }
        });
        broker.resume().expect("the broker goes on");
        assert!(acknowledged.len() >= 3, "the game was too short to show anything");
        verify_growing(&shop, &acknowledged);
    }
}

/// Later games go on with the same shard: what was acknowledged in this one happened, and so did all before.
fn verify_growing(shop: &Shop, acknowledged: &[Accepted]) {
    let accepted = verify(shop, SHARD, acknowledged);
    assert!(accepted.len() >= acknowledged.len());
}
