//! The producer: hands records to the brokers and tells what became of each.
//!
//! Idempotence only saves reading back. Whatever the library says of a record that it does not acknowledge, the
//! record may be in the log, now or later, once or more often: so an error is *unknown*, and the fold settles it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use domain::stream::Shard;
use rdkafka::client::ClientContext;
use rdkafka::config::{ClientConfig, FromClientConfigAndContext, RDKafkaLogLevel};
use rdkafka::error::KafkaError as RdKafkaError;
use rdkafka::message::{DeliveryResult, Message, OwnedHeaders};
use rdkafka::producer::{BaseRecord, Producer as _, ProducerContext, ThreadedProducer};

use super::dispose::dispose;
use super::known::Births;
use super::names::{Names, partition};
use super::recent::Recent;
use super::record::{self, at};
use super::sending::Sending;
use super::signal::Signal;
use super::{KafkaError, KafkaOptions, client};
use crate::port::{Append, Deliveries, Delivery, LogError};

/// How long closing waits for what is on its way.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);
/// How long one question about a topic may take.
const METADATA_WITHIN: Duration = Duration::from_secs(3);

/// Who hears of what was acknowledged.
#[derive(Clone)]
pub(super) struct Acknowledged {
    pub(super) recent: Arc<Recent>,
    pub(super) births: Arc<Births>,
}

/// What the library calls with every answer.
struct Context {
    sending: Arc<Sending>,
    acknowledged: Acknowledged,
    signal: Signal,
}

impl ClientContext for Context {
    fn log(&self, _: RDKafkaLogLevel, facility: &str, message: &str) {
        client::tell(facility, message);
    }

    fn error(&self, error: RdKafkaError, reason: &str) {
        client::tell(&error.to_string(), reason);
        // The guard looks whether the producer can go on.
        self.signal.suspect();
    }
}

impl ProducerContext for Context {
    /// The record's number.
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, number: usize) {
        let delivery = match result {
            Ok(message) => match at(message).filter(|_| message.offset() >= 0) {
                Some(at) => Delivery::At {
                    offset: message.offset(),
                    at,
                },
                None => Delivery::Unknown("it was acknowledged without its place".to_owned()),
            },
            Err((error, _)) => Delivery::Unknown(error.to_string()),
        };
        let record = self.sending.answer(number, delivery);
        if let (Some(record), Ok(message)) = (record, result) {
            self.acknowledged.births.learn(record.shard, message);
            self.acknowledged.recent.acknowledge(record);
        }
    }
}

/// The one producer of a log, replaced when it can go on no more.
pub(super) struct Producer {
    current: RwLock<Option<Current>>,
    /// How many there have been.
    made: AtomicU64,
    sending: Arc<Sending>,
    acknowledged: Acknowledged,
    config: ClientConfig,
    names: Names,
    signal: Signal,
}

/// A record as the library takes it.
struct Outgoing {
    shard: Shard,
    headers: OwnedHeaders,
    payload: Bytes,
}

struct Current {
    number: u64,
    producer: ThreadedProducer<Context>,
}

impl Producer {
    pub(super) fn new(
        options: &KafkaOptions,
        deliveries: Deliveries,
        acknowledged: Acknowledged,
        signal: Signal,
    ) -> Result<Self, KafkaError> {
        let this = Self {
            current: RwLock::new(None),
            made: AtomicU64::new(0),
            sending: Arc::new(Sending::new(deliveries, options.queue_records_max)),
            acknowledged,
            config: client::producer(options),
            names: Names::new(&options.prefix),
            signal,
        };
        this.put(this.make()?);
        Ok(this)
    }

    fn make(&self) -> Result<Current, KafkaError> {
        let number = self.made.fetch_add(1, Ordering::Relaxed) + 1;
        let context = Context {
            sending: Arc::clone(&self.sending),
            acknowledged: self.acknowledged.clone(),
            signal: self.signal.clone(),
        };
        let producer = ThreadedProducer::from_config_and_context(&self.config, context)?;
        Ok(Current { number, producer })
    }

    fn put(&self, current: Current) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(current);
    }

    fn take(&self) -> Option<Current> {
        self.current.write().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Learns where the topics are, so that the first record need not wait for that.
    pub(super) fn warm_up(&self) {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        let Some(current) = current.as_ref() else {
            return;
        };
        for (_, name) in self.names.all() {
            let metadata = current.producer.client().fetch_metadata(Some(name), METADATA_WITHIN);
            if let Err(error) = metadata {
                tracing::warn!(%error, topic = name, "the producer does not know its topic yet");
            }
        }
    }

    /// The offset after the last record that was acknowledged here.
    pub(super) fn answered_end(&self, shard: Shard) -> i64 {
        self.sending.answered_end(shard)
    }

    /// Hands all of the records over or none.
    pub(super) fn append(&self, records: Vec<Append>) -> Result<(), LogError> {
        let mut messages = Vec::with_capacity(records.len());
        let mut sized = Vec::with_capacity(records.len());
        for append in records {
            let (headers, bytes) = record::headers(&append)?;
            messages.push(Outgoing {
                shard: append.shard,
                headers,
                payload: append.payload.clone(),
            });
            let bytes = bytes + append.payload.len();
            sized.push((append, bytes));
        }
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        let Some(current) = current.as_ref() else {
            return Err(LogError::Unavailable("the producer is being replaced".to_owned()));
        };
        let first = self.sending.begin(sized, current.number)?;
        let numbers = first..first + messages.len();
        for (message, number) in messages.into_iter().zip(numbers.clone()) {
            let Err(error) = self.send(&current.producer, message, number) else {
                continue;
            };
            let why = error.to_string();
            tracing::warn!(why, "the producer takes nothing");
            self.signal.suspect();
            if number == first {
                self.sending.take_back(numbers);
                return Err(LogError::Unavailable(why));
            }
            // Those before it are on their way. It and those behind it never were sent.
            for number in number..numbers.end {
                self.sending.answer(number, Delivery::Refused(why.clone()));
            }
            return Ok(());
        }
        Ok(())
    }

    fn send(&self, producer: &ThreadedProducer<Context>, message: Outgoing, number: usize) -> Result<(), RdKafkaError> {
        let record: BaseRecord<'_, (), [u8], usize> =
            BaseRecord::with_opaque_to(self.names.of(message.shard.topic), number)
                .partition(partition(message.shard))
                .payload(message.payload.as_ref())
                .headers(message.headers);
        producer.send(record).map_err(|(error, _)| error)
    }

    /// Puts a new producer in the place of one that can go on no more, or that could not be made. What that one had
    /// on its way is unknown then. True when there is a new one; to be tried again when it fails. Not after the end.
    pub(super) fn replace_if_dead(&self) -> Result<bool, KafkaError> {
        if self.sending.is_closed() || self.is_alive() {
            return Ok(false);
        }
        if let Some(dead) = self.take() {
            let number = dead.number;
            end(dead);
            self.sending.abandon(number, "the producer died");
        }
        self.put(self.make()?);
        tracing::warn!("the producer was replaced");
        self.warm_up();
        Ok(true)
    }

    fn is_alive(&self) -> bool {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        let died = |current: &Current| current.producer.client().fatal_error();
        match current.as_ref().map(died) {
            Some(None) => true,
            Some(Some((code, reason))) => {
                tracing::error!(%code, reason, "the producer can go on no more");
                false
            }
            None => false,
        }
    }

    /// Takes nothing more, waits a moment for what is on its way, and lets the brokers go.
    pub(super) fn close(&self) {
        self.sending.close(CLOSE_WITHIN);
        if let Some(last) = self.take() {
            let number = last.number;
            end(last);
            self.sending.abandon(number, "the log was closed");
        }
    }
}

fn end(current: Current) {
    dispose([Box::new(move || drop(current)) as Box<dyn FnOnce() + Send>]);
}

#[cfg(test)]
mod tests;
