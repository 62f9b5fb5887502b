//! Records in a shop's topics that no shop would write.

use std::time::{Duration, Instant};

use domain::stream::{Shard, StreamId};
use domain::value::CommandId;
use event_log::{Envelope, Fold, Kind, Touched, Verdict};
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{Header, Headers, Message, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use uuid::Uuid;

/// How long a broker may take for one thing.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);
/// Bytes of a payload before its datum: a magic byte and the schema's number.
const HEAD_BYTES: usize = 5;
/// More than the forger's largest record.
const MESSAGE_BYTES_MAX: &str = "30000000";

/// Who writes records that no shop would write.
pub(crate) struct Forger {
    kafka: String,
    prefix: String,
    producer: FutureProducer,
}

/// What a shard holds.
struct Known {
    fold: Fold,
    /// The last accepted claim.
    claim: Option<Envelope>,
    /// The last accepted commit of the stream that was asked about, with its payload.
    last: Option<(Envelope, Vec<u8>)>,
}

impl Forger {
    pub(crate) fn new(kafka: &str, prefix: &str) -> Self {
        let producer = config(kafka)
            .set("message.max.bytes", MESSAGE_BYTES_MAX)
            .create()
            .expect("a producer can be made");
        Self {
            kafka: kafka.to_owned(),
            prefix: prefix.to_owned(),
            producer,
        }
    }

    /// Reads a shard, for what there is to know about a stream of it.
    fn read(&self, shard: Shard, stream: &StreamId) -> Known {
        let consumer: BaseConsumer = config(&self.kafka)
            .set("group.id", "forger")
            .set("enable.auto.commit", "false")
            .create()
            .expect("a consumer can be made");
        let (topic, partition) = self.place(shard);
        let (_, end) = consumer
            .fetch_watermarks(&topic, partition, ANSWER_WITHIN)
            .expect("the broker tells the end");
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(&topic, partition, Offset::Beginning)
            .expect("an offset");
        consumer.assign(&list).expect("a partition can be assigned");
        let mut known = Known {
            fold: Fold::default(),
            claim: None,
            last: None,
        };
        while known.fold.offset + 1 < end {
            let message = consumer
                .poll(ANSWER_WITHIN)
                .expect("a record in time")
                .expect("a record");
            let headers = message.headers().expect("an envelope");
            let stored = headers.get(0).value.expect("an envelope");
            let envelope = Envelope::decode(stored).expect("an envelope");
            let verdict = known.fold.apply(message.offset(), &envelope).expect("an intact log");
            let is_about_it = envelope.streams.iter().any(|touched| touched.stream == *stream);
            match envelope.kind {
                _ if verdict != Verdict::Accepted => {}
                Kind::Claim => known.claim = Some(envelope),
                Kind::Commit if is_about_it => {
                    known.last = Some((envelope, message.payload().unwrap_or_default().to_vec()));
                }
                Kind::Commit | Kind::Barrier => {}
            }
        }
        known
    }

    /// Takes a shard over and commits one event of this stream, with what `change` makes of the payload of its last
    /// commit. Its owner takes the shard back.
    pub(crate) async fn commit(&self, stream: &StreamId, partitions: u32, change: impl Fn(Vec<u8>) -> Vec<u8>) {
        let shard = stream.shard(partitions);
        let start = Instant::now();
        // The owner may write in between; then the claim is tried again.
        while start.elapsed() < ANSWER_WITHIN {
            let known = tokio::task::block_in_place(|| self.read(shard, stream));
            let place = known.fold.offset + 1;
            let (claim, commit, payload) = known.forge(stream, &change);
            // On their way together, so that nobody claims in between.
            let (claimed, committed) = futures::join!(
                self.send(shard, Some(&claim), &[]),
                self.send(shard, Some(&commit), &payload)
            );
            let _ = committed.expect("the broker takes the commit");
            if claimed.expect("the broker takes the claim") == place {
                return;
            }
        }
        panic!("the forgery never came at its place");
    }

    /// Writes a record as it is; where it lies.
    pub(crate) async fn send(&self, shard: Shard, envelope: Option<&[u8]>, payload: &[u8]) -> Result<i64, KafkaError> {
        let (topic, partition) = self.place(shard);
        let mut record: FutureRecord<'_, (), [u8]> = FutureRecord::to(&topic).partition(partition).payload(payload);
        if let Some(value) = envelope {
            let header = Header {
                key: "envelope",
                value: Some(value),
            };
            record = record.headers(OwnedHeaders::new().insert(header));
        }
        let delivered = self.producer.send(record, ANSWER_WITHIN).await;
        delivered.map(|delivery| delivery.offset).map_err(|(error, _)| error)
    }

    /// Takes the oldest records of a shard away, up to this offset.
    pub(crate) async fn trim(&self, shard: Shard, before: i64) {
        let admin: AdminClient<DefaultClientContext> = config(&self.kafka).create().expect("an admin's client");
        let (topic, partition) = self.place(shard);
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(&topic, partition, Offset::Offset(before))
            .expect("an offset");
        let trimmed = admin.delete_records(&list, &AdminOptions::new()).await;
        let _ = trimmed.expect("the broker trims");
    }

    fn place(&self, shard: Shard) -> (String, i32) {
        let topic = format!("{}.{}", self.prefix, shard.topic.name());
        (topic, i32::try_from(shard.partition).expect("a small number"))
    }
}

impl Known {
    /// A claim, a commit under it, and its payload.
    fn forge(self, stream: &StreamId, change: impl Fn(Vec<u8>) -> Vec<u8>) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
        let (last, payload) = self.last.expect("the stream has a commit");
        let touched = last.streams.iter().rev().find(|touched| touched.stream == *stream);
        let version = touched.expect("it touched the stream").version + 1;
        // In the owner's name, which so knows that nobody else is to be waited for.
        let claim = Envelope {
            term: self.fold.term + 1,
            claim: Uuid::new_v4(),
            ..self.claim.expect("somebody owns the shard")
        };
        let commit = Envelope {
            term: claim.term,
            seq: self.fold.seq + 1,
            claim: claim.claim,
            command: CommandId(Uuid::now_v7()),
            request_hash: [0; 32],
            streams: vec![Touched {
                stream: stream.clone(),
                version,
                events: 1,
            }],
            ..last
        };
        let stored = |envelope: &Envelope| envelope.encode().expect("an envelope");
        (stored(&claim), stored(&commit), change(payload))
    }
}

fn config(kafka: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", kafka);
    config
}

/// A payload whose datum is none.
pub(crate) fn undecodable(payload: Vec<u8>) -> Vec<u8> {
    let mut forged = payload[..HEAD_BYTES].to_vec();
    forged.extend([0xff; 40]);
    forged
}

/// The same datum under another schema's number.
pub(crate) fn under_schema(id: u32) -> impl Fn(Vec<u8>) -> Vec<u8> {
    move |mut payload| {
        payload[1..HEAD_BYTES].copy_from_slice(&id.to_be_bytes());
        payload
    }
}
