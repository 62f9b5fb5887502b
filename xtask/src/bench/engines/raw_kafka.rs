//! The limit of the log on Kafka: the client library itself, with the same settings and the same bytes.

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::{ClientContext, DefaultClientContext};
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{DeliveryResult, Header, OwnedHeaders};
use rdkafka::producer::{BaseRecord, ProducerContext, ThreadedProducer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use super::{Engines, PARTITIONS, fresh_prefix};
use crate::bench::measure::Failure;
use crate::bench::raw::Commits;

/// Bytes of a record that are not its payload: an envelope goes as a header.
const ENVELOPE_BYTES: usize = 250;
/// How long a consumer may be silent before it counts as stuck.
const SILENCE_MAX: Duration = Duration::from_secs(10);
/// How long one look for a message takes.
const LOOK: Duration = Duration::from_millis(100);

/// A producer that does nothing but keep records on their way.
pub(super) struct RawProducer {
    producer: ThreadedProducer<Telling>,
    told: UnboundedReceiver<Result<(), KafkaError>>,
    topic: String,
    headers: OwnedHeaders,
    payload: Vec<u8>,
    sent: usize,
}

/// Hands acknowledgements on.
struct Telling(UnboundedSender<Result<(), KafkaError>>);

impl ClientContext for Telling {}

impl ProducerContext for Telling {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        let told = result.as_ref().map(|_| ()).map_err(|(error, _)| error.clone());
        // Nobody listens any more at the end.
        let _ = self.0.send(told);
    }
}

impl RawProducer {
    /// For a topic of its own, and records of so many bytes.
    pub(super) async fn create(engines: &Engines, record_bytes: usize) -> Result<Self, Failure> {
        let topic = format!("{}.raw", fresh_prefix());
        let admin: AdminClient<DefaultClientContext> = config(engines).create()?;
        let new = NewTopic::new(&topic, i32::try_from(PARTITIONS)?, TopicReplication::Fixed(1))
            .set("message.timestamp.type", "LogAppendTime");
        for created in admin.create_topics([&new], &AdminOptions::new()).await? {
            created.map_err(|(topic, error)| format!("{topic}: {error}"))?;
        }
        let (telling, told) = mpsc::unbounded_channel();
        let producer = config(engines)
            .set("enable.idempotence", "true")
            .set("acks", "all")
            .set("linger.ms", "0")
            .set("compression.type", "lz4")
            .create_with_context(Telling(telling))?;
        let bytes = |count: usize| -> Vec<u8> { (0..count).map(|index| (index * 31 % 251) as u8).collect() };
        let envelope = bytes(ENVELOPE_BYTES.min(record_bytes));
        let headers = OwnedHeaders::new().insert(Header {
            key: "envelope",
            value: Some(&envelope),
        });
        let mut this = Self {
            producer,
            told,
            topic,
            headers,
            payload: bytes(record_bytes.saturating_sub(ENVELOPE_BYTES)),
            sent: 0,
        };
        // The first acknowledgement of a producer takes half a second.
        this.sends(PARTITIONS as usize, Duration::from_millis(200)).await?;
        Ok(this)
    }

    /// Keeps so many records on their way, for so long.
    pub(super) async fn sends(&mut self, in_flight: usize, time: Duration) -> Result<Commits, Failure> {
        let mut latencies: Histogram<u64> = Histogram::new(3)?;
        let start = Instant::now();
        let (mut done, mut on_their_way) = (0_u64, 0_usize);
        let mut begun = Instant::now();
        while on_their_way > 0 || start.elapsed() < time {
            while on_their_way < in_flight && start.elapsed() < time {
                begun = Instant::now();
                self.send()?;
                on_their_way += 1;
            }
            if on_their_way == 0 {
                break;
            }
            self.told.recv().await.ok_or("the producer has ended")??;
            (done, on_their_way) = (done + 1, on_their_way - 1);
            if in_flight == 1 {
                latencies.record(u64::try_from(begun.elapsed().as_micros())?.max(1))?;
            }
        }
        Ok(Commits {
            rows_per_second: done as f64 / start.elapsed().as_secs_f64(),
            p50_microseconds: latencies.value_at_quantile(0.5) as f64,
        })
    }

    fn send(&mut self) -> Result<(), Failure> {
        let partition = i32::try_from(self.sent % PARTITIONS as usize)?;
        self.sent += 1;
        let record: BaseRecord<'_, (), Vec<u8>> = BaseRecord::to(&self.topic)
            .partition(partition)
            .headers(self.headers.clone())
            .payload(&self.payload);
        self.producer.send(record).map_err(|(error, _)| error.into())
    }
}

/// How long a consumer takes for so many messages of a topic, from its first one on.
pub(super) fn consume(engines: &Engines, topic: &str, messages: u64) -> Result<Duration, Failure> {
    let consumer: BaseConsumer = config(engines)
        .set("group.id", "bench")
        .set("enable.auto.commit", "false")
        .set("check.crcs", "true")
        .create()?;
    let mut list = TopicPartitionList::new();
    for partition in 0..i32::try_from(PARTITIONS)? {
        list.add_partition_offset(topic, partition, Offset::Beginning)?;
    }
    consumer.assign(&list)?;
    let (mut seen, mut first, mut last) = (0, None, Instant::now());
    while seen < messages {
        match consumer.poll(LOOK) {
            Some(message) => {
                message?;
                seen += 1;
                last = Instant::now();
                first.get_or_insert(last);
            }
            None if last.elapsed() > SILENCE_MAX => return Err(format!("{seen} of {messages} messages came").into()),
            None => {}
        }
    }
    Ok(first.map_or_else(Duration::default, |first| last - first))
}

fn config(engines: &Engines) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", engines.kafka.bootstrap());
    config
}
