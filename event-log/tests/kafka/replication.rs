//! Three brokers: the leader of a partition goes away, and another one leads.

use std::time::{Duration, Instant};

use domain::stream::Shard;
use engines::KafkaCluster;
use event_log::contract::{SHARDS, fight_over};
use rdkafka::consumer::{BaseConsumer, Consumer};

use crate::shop::{Shop, has_time, verify};

const SHARD: Shard = SHARDS[0];

/// Moves of one game.
const MOVES: u32 = 400;
/// The move at which the leader goes away.
const FAULT_AT: u32 = 150;
/// How long a leader is away.
const AWAY: Duration = Duration::from_secs(8);

/// The place among the brokers of the one that leads the shard.
fn leader(shop: &Shop) -> usize {
    let mut config = rdkafka::config::ClientConfig::new();
    config.set("bootstrap.servers", &shop.options.bootstrap);
    let client: BaseConsumer = config.create().expect("a client");
    let topic = shop.topic(SHARD.topic.name());
    let metadata = client
        .fetch_metadata(Some(&topic), Duration::from_secs(10))
        .expect("the brokers answer");
    let partitions = metadata.topics()[0].partitions();
    let partition = partitions
        .iter()
        .find(|partition| partition.id() == 3)
        .expect("the partition");
    usize::try_from(partition.leader() - 1).expect("a leader")
}

fn come_back(cluster: &mut KafkaCluster, leader: usize, is_killed: bool) {
    let broker = &mut cluster.brokers()[leader];
    if is_killed { broker.restart() } else { broker.resume() }.expect("it comes back");
}

#[test]
fn nothing_acknowledged_is_lost_when_the_leader_changes() {
    let mut cluster = KafkaCluster::start(3).expect("the brokers start");
    let mut shop = Shop::at(&cluster.bootstrap());
    shop.options.replication = 3;
    shop.options.deliver_within = Duration::from_secs(15);
    let rounds = if has_time() { 6 } else { 2 };
    for seed in 1..=rounds {
        let is_killed = seed % 2 == 1;
        let (mut one, mut other) = (shop.open(), shop.open());
        let (mut moves, mut away) = (0, None);
        let mut between = || {
            moves += 1;
            if moves == FAULT_AT {
                let leader = leader(&shop);
                let broker = &mut cluster.brokers()[leader];
                if is_killed { broker.kill() } else { broker.pause() }.expect("the leader goes away");
                away = Some((leader, Instant::now()));
            }
            if let Some((leader, _)) = away.take_if(|(_, since)| since.elapsed() > AWAY) {
                come_back(&mut cluster, leader, is_killed);
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        let acknowledged = fight_over(&mut [&mut one, &mut other], SHARD, seed, MOVES, &mut between);
        if let Some((leader, _)) = away {
            come_back(&mut cluster, leader, is_killed);
        }
        assert!(acknowledged.len() >= 3, "the game was too short to show anything");
        verify(&shop, SHARD, &acknowledged);
    }
}
