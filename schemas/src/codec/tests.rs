mod golden;
mod malformed;
mod newer;
mod round_trips;
pub(crate) mod samples;
mod ties;

use std::sync::LazyLock;

use domain::Event;
use domain::stream::Topic;
use serde::de::DeserializeSeed;
use serde_json::Value;

use super::Codec;
use super::commit::EventSeed;
use crate::ids::MemoryIds;

fn codec() -> &'static Codec {
    static CODEC: LazyLock<Codec> =
        LazyLock::new(|| Codec::open(Box::<MemoryIds>::default()).expect("the shipped schemas are good"));
    &CODEC
}

/// An event as JSON: an object whose only key is its name.
fn to_json(event: &Event) -> Value {
    serde_json::to_value(event).expect("an event is serializable")
}

fn from_json(topic: Topic, json: Value) -> Event {
    EventSeed { topic }.deserialize(json).expect("the JSON is an event")
}
