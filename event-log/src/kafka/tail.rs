//! The log's one consumer: hands every record on as it becomes durable.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rdkafka::config::FromClientConfigAndContext;
use rdkafka::consumer::BaseConsumer;
use rdkafka::error::KafkaError as RdKafkaError;
use rdkafka::message::{BorrowedMessage, Message};

use super::client::{self, Context};
use super::record::decode;
use super::{Inner, KafkaError, KafkaOptions};
use crate::port::Record;

/// How long to wait for a record before looking whether the log is being closed.
const LOOK: Duration = Duration::from_millis(100);
/// Most records that are handed on together.
const GROUP_RECORDS_MAX: usize = 500;
/// A thread that did not run for so long may find another log than the one it left.
const STANDSTILL: Duration = Duration::from_secs(3);

/// The consumer of the tail. It is assigned by hand and commits nothing.
pub(super) type TailConsumer = BaseConsumer<Context>;

/// Makes the consumer; it stands nowhere yet.
pub(super) fn consumer(options: &KafkaOptions, signal: super::signal::Signal) -> Result<TailConsumer, KafkaError> {
    Ok(BaseConsumer::from_config_and_context(
        &client::tail(options),
        Context { signal },
    )?)
}

pub(super) fn spawn(inner: Arc<Inner>, consumer: Arc<TailConsumer>) -> std::io::Result<JoinHandle<()>> {
    let tail = Tail { inner, consumer };
    std::thread::Builder::new()
        .name("log-tail".to_owned())
        .spawn(move || tail.run())
}

struct Tail {
    inner: Arc<Inner>,
    consumer: Arc<TailConsumer>,
}

/// What is handed on together.
#[derive(Default)]
struct Group {
    records: Vec<Arc<Record>>,
    /// Something is there that is no record: who follows must read it to find out.
    is_broken: bool,
}

impl Tail {
    fn run(self) {
        let mut looked = Instant::now();
        while !self.inner.signal.is_closing() {
            let mut polled = self.consumer.poll(LOOK);
            if looked.elapsed() > STANDSTILL {
                self.inner.signal.suspect();
            }
            looked = Instant::now();
            let mut group = Group::default();
            while let Some(heard) = polled {
                match heard {
                    Ok(message) => self.take(&message, &mut group),
                    Err(error) => self.lost(&error),
                }
                if group.records.len() >= GROUP_RECORDS_MAX {
                    break;
                }
                polled = self.consumer.poll(Duration::ZERO);
            }
            self.inner.recent.bring(group.records);
            if group.is_broken {
                self.inner.recent.tell_to_read();
            }
        }
    }

    fn take(&self, message: &BorrowedMessage<'_>, group: &mut Group) {
        let Some(shard) = self.inner.names.shard_of(message) else {
            return;
        };
        // What was acknowledged here is known, and after it was placed again, the consumer repeats some.
        if message.offset() < self.inner.recent.next(shard) {
            return;
        }
        self.inner.births.learn(shard, message);
        match decode(shard, message) {
            Ok(record) => group.records.push(record),
            Err(why) => {
                tracing::error!(%shard, offset = message.offset(), why, "a record that is none of ours");
                // Those before it come before it.
                self.inner.recent.bring(std::mem::take(&mut group.records));
                self.inner.recent.begin_anew(shard, message.offset() + 1);
                group.is_broken = true;
            }
        }
    }

    fn lost(&self, error: &RdKafkaError) {
        tracing::warn!(%error, "the consumer of the log's tail has trouble");
        self.inner.signal.astray();
    }
}
