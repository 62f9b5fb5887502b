//! A log that is not what it was, or holds what is none of ours: named, and stopping only what it must.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::stream::{Shard, Topic};
use engines::Kafka;
use event_log::contract::{Open, PATIENCE, SHARDS, commit_of, read_all};
use event_log::follower::{Decode, Follower};
use event_log::{Delivery, Followed, Halt, LogError, Subscription};
use futures::executor::block_on;
use rdkafka::admin::{AdminOptions, AlterConfig, ResourceSpecifier};
use rdkafka::producer::Producer;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use uuid::Uuid;

use crate::shop::{Shop, foreign_producer, send_foreign, wait_until, write_foreign};

const SHARD: Shard = SHARDS[0];
const OTHER: Shard = SHARDS[2];

/// Events are of no interest here.
struct NoEvents;

impl Decode for NoEvents {
    fn decode(&self, _: Topic, _: &[u8]) -> Result<Vec<domain::Event>, String> {
        Err("not decoded here".to_owned())
    }
}

/// A follower of two shards and one who listens to it.
struct Following {
    follower: Follower,
    subscription: Subscription,
}

impl Following {
    fn of(open: &Open) -> Self {
        let follower = Follower::start(Arc::clone(&open.log), Arc::new(NoEvents), &BTreeMap::new());
        let follower = follower.expect("a thread");
        let subscription = follower.subscribe(&[SHARD, OTHER], &BTreeMap::new());
        Self { follower, subscription }
    }

    /// Why following `SHARD` has stopped; everything else goes on.
    fn halt(&mut self) -> Halt {
        let deadline = std::time::Instant::now() + PATIENCE;
        while std::time::Instant::now() < deadline {
            let batch = self
                .subscription
                .next_within(Duration::from_millis(50))
                .expect("the follower runs");
            for followed in batch {
                if let Followed::Halted { shard, halt } = followed {
                    assert_eq!(shard, SHARD);
                    return halt;
                }
            }
        }
        panic!("it was never halted")
    }

    fn wait_until_live(&self) {
        wait_until("the follower is live", || self.follower.is_live());
    }
}

#[track_caller]
fn damage(open: &Open, from: i64) -> (i64, String) {
    let mut read = open.log.read(SHARD, from, 10, usize::MAX);
    // A doubt is looked into for some seconds first.
    let deadline = std::time::Instant::now() + PATIENCE;
    while matches!(read, Err(LogError::Unavailable(_))) && std::time::Instant::now() < deadline {
        read = open.log.read(SHARD, from, 10, usize::MAX);
    }
    match read {
        Err(LogError::Damaged { shard, offset, why }) => {
            assert_eq!(shard, SHARD);
            (offset, why)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_record_that_is_none_of_ours_halts_its_shard_and_no_other() {
    let shop = Shop::fresh();
    let mut open = shop.open();
    let mut following = Following::of(&open);
    open.fill(SHARD, 3);
    following.wait_until_live();
    write_foreign(&shop, SHARD, b"hello");
    assert!(matches!(following.halt(), Halt::Unreadable { offset: 4, why } if why.contains("without an envelope")));
    for open in [&open, &shop.open()] {
        let (offset, why) = damage(open, 4);
        assert_eq!(offset, 4);
        assert!(why.contains("not written by this program"), "{why}");
        assert_eq!(
            open.log.read(SHARD, 0, 10, usize::MAX).map(|records| records.len()),
            Ok(4)
        );
    }
    // A scan goes on behind it, and the other shard never stopped.
    open.deliver(vec![commit_of(SHARD, 1, Uuid::nil(), 4, 5, &[1])]);
    let mut scan = open.log.scan(BTreeMap::from([(SHARD, 3)]));
    let steps: Vec<_> = (0..3)
        .map(|_| scan.next(10, usize::MAX).map(|records| records.len()))
        .collect();
    assert!(
        matches!(steps[..], [Ok(1), Err(LogError::Damaged { offset: 4, .. }), Ok(1)]),
        "{steps:?}"
    );
    open.fill(OTHER, 2);
    wait_until("the other shard is followed", || {
        following.follower.positions().get(&OTHER) == Some(&2)
    });
}

#[test]
fn a_record_of_ten_megabytes_wedges_nobody() {
    let shop = Shop::fresh();
    let mut open = shop.open();
    open.fill(SHARD, 3);
    let topic = shop.topic(SHARD.topic.name());
    let alter = AlterConfig::new(ResourceSpecifier::Topic(&topic)).set("max.message.bytes", "20000000");
    let altered = block_on(shop.admin().alter_configs(&[alter], &AdminOptions::new()));
    assert!(altered.expect("the broker answers").iter().all(Result::is_ok));
    // Bytes that do not compress.
    let large: Vec<u8> = (0..655_360).flat_map(|_| *Uuid::new_v4().as_bytes()).collect();
    write_foreign(&shop, SHARD, &large);
    let (offset, why) = damage(&open, 4);
    assert_eq!(offset, 4);
    assert!(why.contains("10485760 bytes"), "{why}");
    open.fill(OTHER, 2);
    assert_eq!(read_all(open.log.as_ref(), OTHER, 10).len(), 3);
}

#[test]
fn a_hole_is_found_wherever_it_lies() {
    let shop = Shop::fresh();
    let mut open = shop.open();
    let mut following = Following::of(&open);
    open.fill(SHARD, 3);
    following.wait_until_live();
    // A transaction that is aborted: its record and its marker take two offsets, and neither is ever given out.
    let producer = foreign_producer(&shop, &[("transactional.id", &shop.options.prefix)]);
    producer.init_transactions(PATIENCE).expect("the broker takes it");
    producer.begin_transaction().expect("a transaction");
    send_foreign(&producer, &shop, SHARD, b"never");
    producer.flush(PATIENCE).expect("the broker takes it");
    producer.abort_transaction(PATIENCE).expect("the broker takes it");
    // At the end, with nothing behind it.
    let (offset, why) = damage(&shop.open(), 4);
    assert_eq!(offset, 4);
    assert!(why.contains("ends at 6"), "{why}");
    // Between records.
    open.deliver(vec![commit_of(SHARD, 1, Uuid::nil(), 4, 6, &[1])]);
    let (offset, why) = damage(&shop.open(), 4);
    assert_eq!(offset, 4);
    assert!(why.contains("offset 6"), "{why}");
    assert!(matches!(following.halt(), Halt::Unreadable { offset: 4, .. }));
}

#[test]
fn a_head_that_is_gone_is_damage() {
    let shop = Shop::fresh();
    let mut open = shop.open();
    let mut following = Following::of(&open);
    open.fill(SHARD, 9);
    following.wait_until_live();
    let mut before = TopicPartitionList::new();
    before
        .add_partition_offset(&shop.topic(SHARD.topic.name()), 3, Offset::Offset(5))
        .expect("an offset");
    block_on(shop.admin().delete_records(&before, &AdminOptions::new())).expect("the broker deletes");
    let (offset, why) = damage(&shop.open(), 0);
    assert_eq!(offset, 0);
    assert!(why.contains("offset 5"), "{why}");
    assert!(matches!(following.halt(), Halt::Unreadable { offset: 0, .. }));
    wait_until("nothing more is written", || {
        let late = commit_of(SHARD, 1, Uuid::nil(), 10, 10, &[1]);
        matches!(open.log.append(vec![late]), Err(LogError::Damaged { .. }))
    });
}

/// Deletes a topic and creates it again, as opening the log anew does.
fn create_again(shop: &Shop) -> Open {
    shop.delete(SHARD.topic.name());
    shop.open()
}

#[test]
fn a_topic_that_was_created_again_is_another_log() {
    let shop = Shop::fresh();
    let mut open = shop.open();
    let mut following = Following::of(&open);
    open.fill(SHARD, 20);
    following.wait_until_live();
    wait_until("the records are followed", || {
        following.follower.positions().get(&SHARD) == Some(&20)
    });
    let checkpoint = {
        while following.subscription.positions().get(&SHARD) != Some(&20) {
            following
                .subscription
                .next_within(Duration::from_millis(50))
                .expect("the follower runs");
        }
        following.subscription.checkpoint(SHARD).expect("records were read")
    };
    let mut again = create_again(&shop);
    // It is filled further than the old one was, before anybody looks.
    again.fill(SHARD, 40);
    let halt = following.halt();
    assert!(matches!(&halt, Halt::Unreadable { .. }), "{halt}");
    let (_, why) = damage(&open, 21);
    assert!(why.contains("created again"), "{why}");
    // Who comes back with a checkpoint of the old one is told by the record there.
    let resumed = Follower::start(Arc::clone(&again.log), Arc::new(NoEvents), &BTreeMap::new()).expect("a thread");
    let mut resumed = Following {
        subscription: resumed.subscribe(&[SHARD], &BTreeMap::from([(SHARD, checkpoint)])),
        follower: resumed,
    };
    assert!(matches!(resumed.halt(), Halt::Changed { offset: 20 }));
}

#[test]
fn a_topic_that_was_created_again_while_nobody_could_look_is_another_log() {
    let (broker, proxy) = Kafka::start_behind_proxy().expect("a broker starts");
    let direct = Shop::at(&broker.bootstrap());
    let mut behind = Shop::at(&proxy.address());
    behind.options.prefix.clone_from(&direct.options.prefix);
    let mut open = behind.open();
    let mut following = Following::of(&open);
    open.fill(SHARD, 20);
    following.wait_until_live();
    wait_until("the records are followed", || {
        following.follower.positions().get(&SHARD) == Some(&20)
    });
    proxy.cut();
    create_again(&direct).fill(SHARD, 40);
    proxy.heal();
    assert!(matches!(following.halt(), Halt::Unreadable { why, .. } if why.contains("created again")));
}

#[test]
fn a_topic_that_was_created_again_and_is_shorter_is_another_log() {
    let shop = Shop::fresh();
    let mut open = shop.open();
    let mut following = Following::of(&open);
    open.fill(SHARD, 20);
    following.wait_until_live();
    let mut again = create_again(&shop);
    again.fill(SHARD, 5);
    assert!(matches!(following.halt(), Halt::Unreadable { .. }));
    // Records of the old owner that land in the new log are told with their place there, or not at all.
    let late = commit_of(SHARD, 1, Uuid::nil(), 21, 21, &[1]);
    match open.log.append(vec![late]) {
        Err(LogError::Damaged { .. }) => {}
        Ok(()) => {
            let delivered = open.deliver_more(1);
            assert!(
                !matches!(delivered[0].delivery, Delivery::At { offset: 21, .. }),
                "{delivered:?}"
            );
        }
        Err(other) => panic!("{other}"),
    }
}
