use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::mocking::MockCluster;
use rdkafka::producer::DefaultProducerContext;
use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};
use tokio::sync::mpsc::{self, UnboundedReceiver};
use uuid::Uuid;

use super::{Acknowledged, KafkaOptions, Producer, Recent, Signal};
use crate::contract::{PATIENCE, SHARDS, commit_of};
use crate::port::{Append, Delivered, Delivery, LogError};

/// A producer on brokers that fail as they are told.
struct Fixture {
    producer: Producer,
    acknowledged: Acknowledged,
    delivered: UnboundedReceiver<Vec<Delivered>>,
    signal: Signal,
    brokers: MockCluster<'static, DefaultProducerContext>,
}

impl Fixture {
    fn new(first_error: Option<RDKafkaRespErr>) -> Self {
        let brokers = MockCluster::new(1).expect("brokers");
        for name in ["catalog", "inventory", "sales", "shop"] {
            brokers
                .create_topic(&format!("tillroll.{name}"), 4, 1)
                .expect("a topic");
        }
        if let Some(error) = first_error {
            brokers.request_errors(RDKafkaApiKey::InitProducerId, &[error]);
        }
        let options = KafkaOptions {
            bootstrap: brokers.bootstrap_servers(),
            ..KafkaOptions::default()
        };
        let (deliveries, delivered) = mpsc::unbounded_channel();
        let signal = Signal::default();
        let begins = BTreeMap::from([(SHARDS[0], 0)]);
        let acknowledged = Acknowledged {
            recent: Arc::new(Recent::new(&begins, usize::MAX)),
            births: Arc::default(),
        };
        let producer = Producer::new(&options, deliveries, acknowledged.clone(), signal.clone()).expect("a producer");
        Self {
            producer,
            acknowledged,
            delivered,
            signal,
            brokers,
        }
    }

    fn deliver(&mut self, records: &[Append]) -> Vec<Delivery> {
        self.producer
            .append(records.to_vec())
            .expect("the producer takes records");
        self.hear(records.len())
    }

    fn hear(&mut self, count: usize) -> Vec<Delivery> {
        let deadline = Instant::now() + PATIENCE;
        let mut heard = Vec::new();
        while heard.len() < count {
            assert!(Instant::now() < deadline, "{heard:?}");
            match self.delivered.try_recv() {
                Ok(group) => heard.extend(group.into_iter().map(|one| one.delivery)),
                Err(_) => std::thread::yield_now(),
            }
        }
        heard
    }

    /// Waits until the producer is dead, and another one is in its place.
    fn replace(&self) {
        let deadline = Instant::now() + PATIENCE;
        while !self.producer.replace_if_dead().expect("another producer") {
            assert!(Instant::now() < deadline, "the producer never dies");
            self.signal.wait(Duration::from_millis(10));
        }
    }
}

fn commits(seqs: std::ops::RangeInclusive<u64>) -> Vec<Append> {
    let commit = |seq: u64| commit_of(SHARDS[0], 1, Uuid::nil(), seq, seq.cast_signed(), &[1]);
    seqs.map(commit).collect()
}

fn is_unknown(delivery: &Delivery) -> bool {
    matches!(delivery, Delivery::Unknown(_))
}

fn is_at(delivery: &Delivery) -> bool {
    matches!(delivery, Delivery::At { .. })
}

#[test]
fn a_producer_that_dies_with_records_on_their_way_leaves_them_unknown_and_is_replaced() {
    let mut fixture = Fixture::new(None);
    assert!(fixture.deliver(&commits(1..=3)).iter().all(is_at));
    let error = RDKafkaRespErr::RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER;
    fixture.brokers.request_errors(RDKafkaApiKey::Produce, &[error]);
    fixture
        .producer
        .append(commits(4..=5))
        .expect("the producer takes records");
    fixture.replace();
    // These brokers may take the second, which was on its way already.
    let heard = fixture.hear(2);
    assert!(heard.iter().any(is_unknown), "{heard:?}");
    assert!(fixture.deliver(&commits(6..=7)).iter().all(is_at));
    assert_eq!(fixture.producer.replace_if_dead(), Ok(false));
}

#[test]
fn a_producer_that_never_came_to_life_is_replaced() {
    let mut fixture = Fixture::new(Some(RDKafkaRespErr::RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED));
    let taken = fixture.producer.append(commits(1..=1));
    fixture.replace();
    match taken {
        Ok(()) => assert!(fixture.hear(1).iter().all(is_unknown)),
        Err(error) => assert!(matches!(error, LogError::Unavailable(_)), "{error}"),
    }
    assert!(fixture.deliver(&commits(1..=2)).iter().all(is_at));
}

#[test]
fn closing_answers_everything_and_takes_nothing_more() {
    let mut fixture = Fixture::new(None);
    fixture
        .producer
        .append(commits(1..=50))
        .expect("the producer takes records");
    fixture.producer.close();
    assert!(fixture.hear(50).iter().all(is_at));
    assert!(matches!(
        fixture.producer.append(commits(1..=1)),
        Err(LogError::Unavailable(_))
    ));
    assert_eq!(
        fixture.producer.replace_if_dead(),
        Ok(false),
        "nobody needs another one"
    );
    fixture.producer.close();
}

#[test]
fn what_was_acknowledged_is_told_at_once_and_what_is_not_the_next_is_left_to_the_consumer() {
    let mut fixture = Fixture::new(None);
    let mut tail = fixture.acknowledged.recent.tail();
    fixture.deliver(&commits(1..=2));
    let told: Vec<i64> = std::iter::from_fn(|| tail.try_recv().ok())
        .flat_map(|group| group.iter().map(|record| record.offset).collect::<Vec<_>>())
        .collect();
    assert_eq!(told, [0, 1]);
    // Somebody else's record seems to be missing.
    fixture.acknowledged.recent.begin_anew(SHARDS[0], 1);
    fixture.deliver(&commits(3..=3));
    assert!(tail.try_recv().is_err());
    assert_eq!(fixture.acknowledged.recent.next(SHARDS[0]), 1);
}
