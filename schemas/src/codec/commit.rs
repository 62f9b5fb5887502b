//! A commit as serde sees it: a record with one list, whose elements are branches of one flat union.
//!
//! In Rust an event is nested (`Event::Cart(LineAdded {..})`), in Avro it is flat (`LineAdded`). Writing
//! is the domain's untagged form; reading takes the branch's name and hands it, with the rest, to the
//! aggregate that knows it.

use std::fmt;

use domain::Event;
use domain::stream::Topic;
use serde::Serialize;
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

const EVENTS: &str = "events";

/// What is written.
#[derive(Serialize)]
pub(super) struct Commit<'a> {
    pub(super) events: &'a [Event],
}

/// Reads the events of a commit of `topic`.
#[derive(Clone, Copy)]
pub(super) struct CommitSeed {
    pub(super) topic: Topic,
}

impl<'de> DeserializeSeed<'de> for CommitSeed {
    type Value = Vec<Event>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_struct("Commit", &[EVENTS], self)
    }
}

impl<'de> Visitor<'de> for CommitSeed {
    type Value = Vec<Event>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a commit of {}", self.topic)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        let mut events = None;
        while let Some(field) = fields.next_key::<String>()? {
            if field == EVENTS {
                events = Some(fields.next_value_seed(EventsSeed { topic: self.topic })?);
            } else {
                fields.next_value::<IgnoredAny>()?;
            }
        }
        events.ok_or_else(|| A::Error::missing_field(EVENTS))
    }
}

struct EventsSeed {
    topic: Topic,
}

impl<'de> DeserializeSeed<'de> for EventsSeed {
    type Value = Vec<Event>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for EventsSeed {
    type Value = Vec<Event>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "events of {}", self.topic)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
        let mut events = Vec::new();
        while let Some(event) = elements.next_element_seed(EventSeed { topic: self.topic })? {
            events.push(event);
        }
        Ok(events)
    }
}

/// Reads one event of `topic`.
pub(super) struct EventSeed {
    pub(super) topic: Topic,
}

impl<'de> DeserializeSeed<'de> for EventSeed {
    type Value = Event;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_enum("Event", &[], self)
    }
}

impl<'de> Visitor<'de> for EventSeed {
    type Value = Event;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "an event of {}", self.topic)
    }

    fn visit_enum<A: EnumAccess<'de>>(self, branch: A) -> Result<Self::Value, A::Error> {
        let (full_name, content) = branch.variant::<String>()?;
        let name = full_name.rsplit('.').next().unwrap_or(&full_name);
        Event::deserialize_named(self.topic, name, Named { name, content })
    }
}

/// A branch whose name has been read already.
struct Named<'a, V> {
    name: &'a str,
    content: V,
}

impl<'de, V: serde::de::VariantAccess<'de>> EnumAccess<'de> for Named<'_, V> {
    type Error = V::Error;
    type Variant = V;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, V), V::Error> {
        let name = seed.deserialize(StrDeserializer::new(self.name))?;
        Ok((name, self.content))
    }
}
