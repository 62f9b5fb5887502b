//! Moving a consumer from one place to another.

use std::collections::BTreeMap;

use domain::stream::Shard;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaResult;
use rdkafka::topic_partition_list::Offset;

use super::client::Context;
use super::names::Names;

/// Questions to the consumer's own thread after which what was queued for it, and what came of that, is done.
const QUESTIONS: u32 = 2;

/// Places the consumer at these offsets of these partitions, and nowhere else.
pub(super) fn go_to(consumer: &BaseConsumer<Context>, nexts: &BTreeMap<Shard, i64>, names: &Names) -> KafkaResult<()> {
    let places = nexts.iter().map(|(shard, next)| (*shard, Offset::Offset(*next)));
    consumer.assign(&names.list(places)?)?;
    settle(consumer)
}

/// Places the consumer nowhere.
pub(super) fn leave(consumer: &BaseConsumer<Context>) -> KafkaResult<()> {
    consumer.unassign()?;
    settle(consumer)
}

/// Waits until the consumer has let go of where it stood. Moved (or closed) again before that, librdkafka 2.12 stops
/// a partition twice and aborts the process: its issue 5573. Its thread works through a queue, so an answer
/// to a question that was asked later tells that what came before is done.
fn settle(consumer: &BaseConsumer<Context>) -> KafkaResult<()> {
    for _ in 0..QUESTIONS {
        consumer.assignment()?;
    }
    Ok(())
}
