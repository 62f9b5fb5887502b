//! A shop of its own for each test, on brokers that many share.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::stream::Shard;
use event_log::contract::{Accepted, Open, PARTITIONS, PATIENCE, QUEUE_RECORDS, Subject, check, fold_all};
use event_log::kafka::{KafkaLog, KafkaOptions};
use event_log::{Deliveries, EventLog};
use futures::executor::block_on;
use rdkafka::admin::{AdminClient, AdminOptions};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use uuid::Uuid;

/// Topics under a fresh prefix; they are removed at the end.
pub(crate) struct Shop {
    /// How its logs are opened.
    pub(crate) options: KafkaOptions,
}

impl Shop {
    /// One on the shared broker.
    pub(crate) fn fresh() -> Self {
        Self::at(&engines::shared().kafka())
    }

    /// One on this broker.
    pub(crate) fn at(bootstrap: &str) -> Self {
        let options = KafkaOptions {
            bootstrap: bootstrap.to_owned(),
            prefix: format!("t{}", &Uuid::new_v4().simple().to_string()[..12]),
            node: "node-1".to_owned(),
            partitions: PARTITIONS,
            queue_records_max: QUEUE_RECORDS,
            ..KafkaOptions::default()
        };
        Self { options }
    }

    /// The full name of one of its topics.
    pub(crate) fn topic(&self, name: &str) -> String {
        format!("{}.{name}", self.options.prefix)
    }

    /// Opens its log once more: another process, as far as the brokers can tell.
    pub(crate) fn open(&self) -> Open {
        let mut again = Again(&self.options);
        Open::of(&mut again)
    }

    /// A client for what only operators do.
    pub(crate) fn admin(&self) -> AdminClient<DefaultClientContext> {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &self.options.bootstrap);
        config.create().expect("an admin client")
    }

    /// Deletes one of its topics, and waits until the broker has forgotten it.
    pub(crate) fn delete(&self, name: &str) {
        let topic = self.topic(name);
        let admin = self.admin();
        let deleted = block_on(admin.delete_topics(&[&topic], &AdminOptions::new()));
        assert!(deleted.expect("the broker answers").iter().all(Result::is_ok));
        wait_until("the topic is gone", || {
            let metadata = admin.inner().fetch_metadata(Some(&topic), PATIENCE);
            let metadata = metadata.expect("the broker answers");
            metadata.topics().iter().all(|found| found.partitions().is_empty())
        });
    }
}

impl Subject for Shop {
    fn open(&mut self, deliveries: Deliveries) -> Arc<dyn EventLog> {
        Again(&self.options).open(deliveries)
    }
}

struct Again<'a>(&'a KafkaOptions);

impl Subject for Again<'_> {
    fn open(&mut self, deliveries: Deliveries) -> Arc<dyn EventLog> {
        Arc::new(KafkaLog::open(self.0.clone(), deliveries).expect("the log opens"))
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        let topics = ["catalog", "inventory", "sales", "shop"].map(|name| self.topic(name));
        let topics: Vec<&str> = topics.iter().map(String::as_str).collect();
        let options = AdminOptions::new().request_timeout(Some(Duration::from_secs(5)));
        // A broker of the test's own may be gone with all that it held.
        let _ = block_on(self.admin().delete_topics(&topics, &options));
    }
}

/// Waits until it is so.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "not in time: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Two fresh readers fold the whole log, in small steps and in large ones: both find the same, in it is all that was
/// acknowledged, and nothing happened twice.
#[track_caller]
pub(crate) fn verify(shop: &Shop, shard: Shard, acknowledged: &[Accepted]) -> Vec<Accepted> {
    let accepted = fold_all(shop.open().log.as_ref(), shard, 7);
    assert_eq!(accepted, fold_all(shop.open().log.as_ref(), shard, 1_000));
    check(acknowledged, &accepted);
    accepted
}

/// Whether there is time for what takes minutes.
pub(crate) fn has_time() -> bool {
    std::env::var_os("TILLROLL_TEST_LONG").is_some_and(|value| value == "1")
}

/// A producer as others have them, not ours.
pub(crate) fn foreign_producer(shop: &Shop, settings: &[(&str, &str)]) -> BaseProducer {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", &shop.options.bootstrap);
    for (name, value) in settings {
        config.set(*name, *value);
    }
    config.create().expect("a producer")
}

/// Writes a message that is none of ours.
pub(crate) fn write_foreign(shop: &Shop, shard: Shard, payload: &[u8]) {
    let producer = foreign_producer(shop, &[("message.max.bytes", "20000000")]);
    send_foreign(&producer, shop, shard, payload);
    producer.flush(PATIENCE).expect("the broker takes it");
}

/// Hands a message that is none of ours to a producer.
pub(crate) fn send_foreign(producer: &BaseProducer, shop: &Shop, shard: Shard, payload: &[u8]) {
    let topic = shop.topic(shard.topic.name());
    let partition = i32::try_from(shard.partition).expect("a small number");
    let record: BaseRecord<'_, (), [u8]> = BaseRecord::to(&topic).partition(partition).payload(payload);
    producer
        .send(record)
        .map_err(|(error, _)| error)
        .expect("the producer takes it");
}
