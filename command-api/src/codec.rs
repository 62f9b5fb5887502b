//! Events to payloads, and back.

use std::sync::Arc;

use bytes::Bytes;
use domain::Event;
use domain::stream::{Shard, Topic};
use event_log::Decode;
use schemas::CodecError;

use crate::error::CommandError;

/// What a shard's events become in the log, and what the log's payloads mean.
pub trait Codec: Decode {
    /// The payload of one commit.
    ///
    /// # Errors
    /// [`CommandError::TooLarge`]; [`CommandError::NotExecuted`] for events that have no form in the log.
    fn encode(&self, topic: Topic, events: &[Event]) -> Result<Bytes, CommandError>;
}

/// The registry's wire format. Clones share one codec, and the follower decodes with it too.
#[derive(Clone)]
pub struct Wire(pub Arc<schemas::Codec>);

impl Decode for Wire {
    fn decode(&self, topic: Topic, payload: &[u8]) -> Result<Vec<Event>, String> {
        self.0.decode(topic, payload).map_err(|error| error.to_string())
    }

    fn is_skipped(&self, shard: Shard, offset: i64) -> bool {
        self.0.skipped().contains(shard, offset)
    }

    fn is_ready(&self, payload: &[u8]) -> bool {
        self.0.is_ready(payload)
    }

    fn prepare(&self, payload: &[u8]) -> Result<(), String> {
        self.0.prepare(payload).map_err(|error| error.to_string())
    }
}

impl Codec for Wire {
    fn encode(&self, topic: Topic, events: &[Event]) -> Result<Bytes, CommandError> {
        // What a fault or a program gone wrong may leave in a log, for tests of what becomes of it.
        fail::fail_point!("payload-unreadable", |_| Ok(Bytes::from_static(b"unreadable")));
        self.0.encode(topic, events).map_err(|error| match error {
            CodecError::TooLarge { .. } | CodecError::TooManyEvents { .. } => CommandError::TooLarge,
            error => {
                tracing::error!(%error, %topic, "an event has no form in the log");
                CommandError::NotExecuted
            }
        })
    }
}
