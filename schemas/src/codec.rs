//! Events ⇄ bytes.

mod commit;
mod error;
mod skipped;
#[cfg(test)]
pub(crate) mod tests;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::io::BufRead;
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use domain::Event;
use domain::stream::Topic;
use serde::Serialize;
use serde::de::DeserializeSeed;
use serde_avro_fast::Schema;
use serde_avro_fast::de::read::SliceRead;
use serde_avro_fast::de::{DeserializerConfig, DeserializerState};
use serde_avro_fast::ser::{SerializerConfig, SerializerState};
use strum::IntoEnumIterator;

use crate::ids::SchemaIds;
use crate::versions::{subject, versions};
use commit::{Commit, CommitSeed};
pub use error::CodecError;
pub use skipped::Skipped;

/// First byte of every payload in a schema registry's wire format.
pub const MAGIC: u8 = 0;
/// The magic byte and the schema's number, before the datum.
pub const HEADER_BYTES: usize = 5;
/// Most bytes of a payload: with its envelope it stays below the 1 MiB that brokers take by default.
pub const PAYLOAD_BYTES_MAX: usize = 1_000_000;
/// Most elements of any list or map in a payload; the limits of `domain::value` are far below.
pub const ELEMENTS_MAX: usize = 10_000;
/// Deepest nesting of a payload.
pub const NESTING_MAX: usize = 32;

thread_local! {
    /// Where a thread encodes, so that a payload is allocated once, at its size.
    static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Turns the events of a topic into bytes and back.
///
/// It writes the newest schema and reads every one: shipped ones without asking anybody, others (written by
/// a newer program) after asking once. Share it between threads.
pub struct Codec {
    ids: Box<dyn SchemaIds>,
    current: BTreeMap<Topic, Current>,
    shipped: HashMap<u32, Arc<Schema>>,
    foreign: RwLock<HashMap<u32, Arc<Schema>>>,
    skipped: Skipped,
}

/// What a topic is written with.
struct Current {
    id: u32,
    schema: Arc<Schema>,
}

impl Codec {
    /// A codec whose schemas all have their numbers, durably.
    ///
    /// # Errors
    /// [`CodecError::Ids`], also when a shipped schema cannot read what was written before.
    pub fn open(ids: Box<dyn SchemaIds>) -> Result<Self, CodecError> {
        let mut shipped = HashMap::new();
        let mut current = BTreeMap::new();
        for topic in Topic::iter() {
            for text in versions(topic) {
                let id = ids.id_of(&subject(topic), text)?;
                let schema = parse(id, text)?;
                shipped.insert(id, Arc::clone(&schema));
                current.insert(topic, Current { id, schema });
            }
        }
        Ok(Self {
            ids,
            current,
            shipped,
            foreign: RwLock::default(),
            skipped: Skipped::default(),
        })
    }

    /// The commits that an operator has decided to do without.
    #[must_use]
    pub fn skipped(&self) -> &Skipped {
        &self.skipped
    }

    /// The payload of one commit.
    ///
    /// # Errors
    /// [`CodecError::TooManyEvents`], [`CodecError::TooLarge`]; [`CodecError::Unencodable`] for an event
    /// of another topic.
    pub fn encode(&self, topic: Topic, events: &[Event]) -> Result<Bytes, CodecError> {
        if events.len() > ELEMENTS_MAX {
            return Err(CodecError::TooManyEvents { events: events.len() });
        }
        let Some(current) = self.current.get(&topic) else {
            return Err(CodecError::Unencodable(format!("{topic} has no schema")));
        };
        SCRATCH.with_borrow_mut(|scratch| {
            scratch.clear();
            scratch.push(MAGIC);
            scratch.extend_from_slice(&current.id.to_be_bytes());
            let mut config = SerializerConfig::new(&current.schema);
            let mut state = SerializerState::from_writer(&mut *scratch, &mut config);
            Commit { events }
                .serialize(state.serializer())
                .map_err(|error| CodecError::Unencodable(error.to_string()))?;
            if scratch.len() > PAYLOAD_BYTES_MAX {
                return Err(CodecError::TooLarge { bytes: scratch.len() });
            }
            Ok(Bytes::copy_from_slice(scratch))
        })
    }

    /// Whether the schema that a payload names is at hand, so that reading it asks nobody. So it is for a payload
    /// that names none. Never blocks.
    #[must_use]
    pub fn is_ready(&self, payload: &[u8]) -> bool {
        let Some(id) = id_of(payload) else {
            return true;
        };
        let is_foreign = || {
            self.foreign
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .contains_key(&id)
        };
        self.shipped.contains_key(&id) || is_foreign()
    }

    /// Sees to it that the schema which a payload names is at hand, as far as anybody knows it. May block.
    ///
    /// # Errors
    /// [`CodecError::Ids`] when nobody can be asked for now: nothing is known against the payload, and it must be
    /// read later. Whatever else is wrong with it, [`Codec::decode`] says.
    pub fn prepare(&self, payload: &[u8]) -> Result<(), CodecError> {
        if self.is_ready(payload) {
            return Ok(());
        }
        match id_of(payload).map(|id| self.schema(id)) {
            Some(Err(error)) if error.is_unavailable() => Err(error),
            _ => Ok(()),
        }
    }

    /// The events of one payload. May block when its schema is not at hand.
    ///
    /// # Errors
    /// One for each way in which bytes can fail to be a payload of this topic; nothing panics.
    pub fn decode(&self, topic: Topic, payload: &[u8]) -> Result<Vec<Event>, CodecError> {
        if payload.len() > PAYLOAD_BYTES_MAX {
            return Err(CodecError::TooLarge { bytes: payload.len() });
        }
        let Some(([magic, id @ ..], datum)) = payload.split_first_chunk::<HEADER_BYTES>() else {
            return Err(CodecError::Short { bytes: payload.len() });
        };
        if *magic != MAGIC {
            return Err(CodecError::Magic { found: *magic });
        }
        let id = u32::from_be_bytes(*id);
        let schema = self.schema(id)?;
        let mut config = DeserializerConfig::new(&schema);
        config.max_seq_size = ELEMENTS_MAX;
        config.allowed_depth = NESTING_MAX;
        let mut state = DeserializerState::with_config(SliceRead::new(datum), config);
        let malformed = |reason: String| CodecError::Malformed { id, reason };
        let events = CommitSeed { topic }
            .deserialize(state.deserializer())
            .map_err(|error| malformed(error.to_string()))?;
        let mut rest = state.into_reader();
        let bytes = rest.fill_buf().map_err(|error| malformed(error.to_string()))?.len();
        if bytes > 0 {
            return Err(CodecError::Trailing { bytes });
        }
        Ok(events)
    }

    /// The schema that a payload was written with. Shipped ones are found without a lock.
    fn schema(&self, id: u32) -> Result<Arc<Schema>, CodecError> {
        if let Some(schema) = self.shipped.get(&id) {
            return Ok(Arc::clone(schema));
        }
        let foreign = self.foreign.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(schema) = foreign.get(&id) {
            return Ok(Arc::clone(schema));
        }
        drop(foreign);
        let text = self.ids.schema_of(id)?.ok_or(CodecError::UnknownSchema { id })?;
        let schema = parse(id, &text)?;
        let mut foreign = self.foreign.write().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(foreign.entry(id).or_insert(schema)))
    }
}

/// The number of the schema that a payload names.
fn id_of(payload: &[u8]) -> Option<u32> {
    match payload.first_chunk::<HEADER_BYTES>()? {
        [MAGIC, id @ ..] => Some(u32::from_be_bytes(*id)),
        _ => None,
    }
}

impl std::fmt::Debug for Codec {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut ids: Vec<_> = self.shipped.keys().collect();
        ids.sort();
        formatter
            .debug_struct("Codec")
            .field("shipped", &ids)
            .finish_non_exhaustive()
    }
}

fn parse(id: u32, text: &str) -> Result<Arc<Schema>, CodecError> {
    let parsed: Result<Schema, _> = text.parse();
    parsed.map(Arc::new).map_err(|error| CodecError::Schema {
        id,
        reason: error.to_string(),
    })
}
