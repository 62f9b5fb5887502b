//! What our topics are called at the brokers.

use std::collections::{BTreeMap, HashMap};

use domain::stream::{Shard, Topic};
use rdkafka::error::KafkaError as RdKafkaError;
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use strum::IntoEnumIterator;

/// The topics of one shop.
pub(super) struct Names {
    names: BTreeMap<Topic, String>,
    topics: HashMap<String, Topic>,
}

impl Names {
    pub(super) fn new(prefix: &str) -> Self {
        let named = |topic: Topic| (topic, format!("{prefix}.{}", topic.name()));
        let names: BTreeMap<Topic, String> = Topic::iter().map(named).collect();
        let topics = names.iter().map(|(topic, name)| (name.clone(), *topic)).collect();
        Self { names, topics }
    }

    /// Every topic with its name.
    pub(super) fn all(&self) -> impl Iterator<Item = (Topic, &str)> {
        self.names.iter().map(|(topic, name)| (*topic, name.as_str()))
    }

    pub(super) fn of(&self, topic: Topic) -> &str {
        self.names.get(&topic).map_or("", String::as_str)
    }

    /// Whose message it is; none of another topic's.
    pub(super) fn shard_of(&self, message: &BorrowedMessage<'_>) -> Option<Shard> {
        self.shard(message.topic(), message.partition())
    }

    pub(super) fn shard(&self, topic: &str, partition: i32) -> Option<Shard> {
        Some(Shard {
            topic: *self.topics.get(topic)?,
            partition: u32::try_from(partition).ok()?,
        })
    }

    /// The library's list of these places.
    pub(super) fn list(
        &self,
        places: impl IntoIterator<Item = (Shard, Offset)>,
    ) -> Result<TopicPartitionList, RdKafkaError> {
        let mut list = TopicPartitionList::new();
        for (shard, offset) in places {
            list.add_partition_offset(self.of(shard.topic), partition(shard), offset)?;
        }
        Ok(list)
    }
}

/// The partition's number, as the library has it; options with more partitions than fit are refused.
pub(super) fn partition(shard: Shard) -> i32 {
    i32::try_from(shard.partition).unwrap_or(i32::MAX)
}
