//! Opening: topics that are not there, and topics that are not as they must be.

use std::time::{Duration, Instant};

use engines::Kafka;
use event_log::KafkaError;
use event_log::contract::PARTITIONS;
use event_log::kafka::{KafkaLog, WrongTopic};
use futures::executor::block_on;
use rdkafka::admin::{AdminOptions, NewPartitions, NewTopic, TopicReplication};
use tokio::sync::mpsc;

use crate::shop::Shop;

fn try_open(shop: &Shop) -> Result<KafkaLog, KafkaError> {
    KafkaLog::open(shop.options.clone(), mpsc::unbounded_channel().0)
}

fn wrong(shop: &Shop) -> Vec<WrongTopic> {
    match try_open(shop) {
        Err(KafkaError::Topics(wrong)) => wrong,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it opens"),
    }
}

#[test]
fn several_processes_may_create_the_topics_at_the_same_moment() {
    let shop = Shop::fresh();
    std::thread::scope(|scope| {
        let opened: Vec<_> = (0..3).map(|_| scope.spawn(|| try_open(&shop))).collect();
        for one in opened {
            one.join().expect("no panic").expect("the log opens");
        }
    });
}

#[test]
fn a_topic_that_is_not_as_a_log_needs_it_is_named_with_what_it_should_be() {
    let shop = Shop::fresh();
    let topic = shop.topic("sales");
    let new = NewTopic::new(&topic, 2, TopicReplication::Fixed(1))
        .set("retention.ms", "1000")
        .set("cleanup.policy", "compact");
    let created = block_on(shop.admin().create_topics(&[new], &AdminOptions::new()));
    assert!(created.expect("the broker answers").iter().all(Result::is_ok));
    let wrong = wrong(&shop);
    assert!(wrong.iter().all(|wrong| wrong.topic == topic), "{wrong:?}");
    let of = |setting: &str| {
        let found = wrong.iter().find(|wrong| wrong.setting == setting);
        found.map(|wrong| (wrong.expected.as_str(), wrong.found.as_str()))
    };
    assert_eq!(of("the number of partitions"), Some(("4", "2")));
    assert_eq!(of("retention.ms"), Some(("-1", "1000")));
    assert_eq!(of("cleanup.policy"), Some(("delete", "compact")));
    assert_eq!(of("message.timestamp.type"), Some(("LogAppendTime", "CreateTime")));
    assert!(of("max.message.bytes").is_some());
    assert_eq!(of("unclean.leader.election.enable"), None);
    let said = try_open(&shop).err().map(|error| error.to_string()).unwrap_or_default();
    assert!(
        said.contains("retention.ms of") && said.contains("is 1000 and must be -1"),
        "{said}"
    );
}

#[test]
fn a_topic_that_has_grown_is_refused() {
    let shop = Shop::fresh();
    drop(shop.open());
    let topic = shop.topic("inventory");
    let grown = [NewPartitions::new(&topic, 6)];
    let grown = block_on(shop.admin().create_partitions(&grown, &AdminOptions::new()));
    assert!(grown.expect("the broker answers").iter().all(Result::is_ok));
    let expected = WrongTopic {
        topic,
        setting: "the number of partitions".to_owned(),
        expected: PARTITIONS.to_string(),
        found: "6".to_owned(),
    };
    assert_eq!(wrong(&shop), [expected]);
}

#[test]
fn too_few_brokers_for_the_replication_are_said_to_be_so() {
    let mut shop = Shop::fresh();
    shop.options.replication = 3;
    // Time to be found by a busy broker; the refusal comes when it is over.
    shop.options.connect_within = Duration::from_secs(5);
    let said = try_open(&shop).err().map(|error| error.to_string()).unwrap_or_default();
    assert!(said.contains("cannot be created"), "{said}");
}

#[test]
fn brokers_that_are_not_there_are_waited_for_until_a_deadline_and_no_longer() {
    let mut shop = Shop::at("127.0.0.1:9");
    shop.options.connect_within = Duration::from_secs(1);
    let begun = Instant::now();
    let refused = try_open(&shop).err();
    assert!(
        matches!(&refused, Some(KafkaError::Unreachable { bootstrap, .. }) if bootstrap == "127.0.0.1:9"),
        "{refused:?}"
    );
    assert!(begun.elapsed() < Duration::from_secs(10));
    // Nothing to remove.
    std::mem::forget(shop);
}

#[test]
fn a_broker_that_comes_later_is_found() {
    let mut broker = Kafka::start().expect("a broker starts");
    broker.kill().expect("the broker is killed");
    let shop = Shop::at(&broker.bootstrap());
    std::thread::scope(|scope| {
        let opened = scope.spawn(|| try_open(&shop));
        broker.restart().expect("the broker starts again");
        opened.join().expect("no panic").expect("the log opens");
    });
}

#[test]
fn options_that_cannot_be_meant_are_refused_before_anybody_is_asked() {
    for prefix in ["", "Shop", "1shop", "a-b", "a.b", &"a".repeat(33)] {
        let mut shop = Shop::at("127.0.0.1:9");
        shop.options.prefix = prefix.to_owned();
        let refused = try_open(&shop).err();
        assert!(
            matches!(refused, Some(KafkaError::Option(_))),
            "{prefix:?}: {refused:?}"
        );
        std::mem::forget(shop);
    }
}
