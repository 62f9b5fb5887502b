//! Questions to the brokers about where partitions begin and end.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::stream::Shard;
use domain::value::Timestamp;
use rdkafka::config::FromClientConfigAndContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaResult;
use rdkafka::topic_partition_list::Offset;

use super::client::{self, Context};
use super::names::Names;
use super::signal::Signal;
use super::{KafkaError, KafkaOptions};
use crate::port::LogError;

/// How long a question may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);

/// Asks on connections of its own: behind a consumer's fetch, a question would wait until that is answered.
pub(super) struct Asker {
    client: BaseConsumer<Context>,
    names: Names,
}

impl Asker {
    pub(super) fn new(options: &KafkaOptions, signal: Signal) -> Result<Self, KafkaError> {
        Ok(Self {
            client: BaseConsumer::from_config_and_context(&client::reader(options), Context { signal })?,
            names: Names::new(&options.prefix),
        })
    }

    /// The offset after the last readable record, of each.
    pub(super) fn ends(&self, shards: impl IntoIterator<Item = Shard>) -> Result<BTreeMap<Shard, i64>, LogError> {
        self.ask(shards.into_iter().map(|shard| (shard, Offset::End)))
    }

    /// The offset of the first record that is still there, of each.
    pub(super) fn begins(&self, shards: impl IntoIterator<Item = Shard>) -> Result<BTreeMap<Shard, i64>, LogError> {
        self.ask(shards.into_iter().map(|shard| (shard, Offset::Beginning)))
    }

    /// The first record taken at that time or later, of each where there is one.
    pub(super) fn first_since(&self, times: &BTreeMap<Shard, Timestamp>) -> Result<BTreeMap<Shard, i64>, LogError> {
        self.ask(times.iter().map(|(shard, at)| (*shard, Offset::Offset(at.0))))
    }

    fn ask(&self, places: impl Iterator<Item = (Shard, Offset)>) -> Result<BTreeMap<Shard, i64>, LogError> {
        let answer: KafkaResult<_> = self
            .names
            .list(places)
            .and_then(|list| self.client.offsets_for_times(list, ANSWER_WITHIN));
        let answer = answer.map_err(|error| LogError::Unavailable(error.to_string()))?;
        let mut offsets = BTreeMap::new();
        for element in answer.elements() {
            let Some(shard) = self.names.shard(element.topic(), element.partition()) else {
                continue;
            };
            element
                .error()
                .map_err(|error| LogError::Unavailable(format!("{shard}: {error}")))?;
            if let Offset::Offset(offset) = element.offset() {
                offsets.insert(shard, offset);
            }
        }
        Ok(offsets)
    }
}
