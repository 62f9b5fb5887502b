//! The envelope: what the fold, the deduplication and the operator read of a record without its payload.
//!
//! Its bytes are a fixed binary form of our own, outside Avro: reading it never needs a schema.

use domain::stream::StreamId;
use domain::value::CommandId;
use thiserror::Error;
use uuid::Uuid;

mod binary;

/// Most bytes of an actor's name.
pub const ACTOR_BYTES_MAX: usize = 512;
/// Most bytes of a trace context.
pub const TRACEPARENT_BYTES_MAX: usize = 256;
/// Most streams that one commit may touch.
pub const STREAMS_MAX: usize = 10_000;
/// Most bytes of a stream's name.
pub const STREAM_BYTES_MAX: usize = 1_024;
/// Most bytes of a node's name.
pub const NODE_BYTES_MAX: usize = 256;
/// Most bytes of a node's address.
pub const URL_BYTES_MAX: usize = 2_048;

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The outcome of one command.
    Commit,
    /// A node takes a shard over.
    Claim,
    /// A commit of nothing: whoever owns the shard when it is accepted owned it all the while before.
    Barrier,
}

/// A stream that a commit touched. The payload's events belong to the touched streams in order:
/// the first `events` of them to the first entry, and so on. A stream may occur more than once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Touched {
    /// Which stream.
    pub stream: StreamId,
    /// Its version after these events: the number of events it ever had.
    pub version: u64,
    /// How many of the payload's events are its.
    pub events: u32,
}

/// What a claim says beside its term: who takes over, and of which log.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Claim {
    /// The log's identity: drawn by the first claim of a partition, repeated by all later ones.
    pub log: Uuid,
    /// Partitions of this topic, fixed at birth.
    pub partitions: u32,
    /// The node that claims.
    pub node: String,
    /// Where it takes commands.
    pub url: String,
}

/// Everything about a record but its payload.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Envelope {
    /// What the record is.
    pub kind: Kind,
    /// The term it was written in (a claim: the term it opens).
    pub term: u64,
    /// Its number in the shard: 1, 2, 3 … over all terms; 0 in a claim.
    pub seq: u64,
    /// The claim that opened the term; fresh for every attempt.
    pub claim: Uuid,
    /// The intent: deduplication's key.
    pub command: CommandId,
    /// SHA-256 of the request, to tell a repeat from another request under the same key.
    pub request_hash: [u8; 32],
    /// What all records of one story share.
    pub correlation: Uuid,
    /// The command or event that caused this one.
    pub causation: Uuid,
    /// Who: `guest`, `customer:<id>`, `admin:<name>`, `process:<name>`, `reactor:<name>`.
    pub actor: String,
    /// W3C trace context; empty when there is none.
    pub traceparent: String,
    /// What it touched.
    pub streams: Vec<Touched>,
    /// Present in a claim only.
    pub claimed: Option<Claim>,
}

/// Why bytes are no envelope, or an envelope has no bytes.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EnvelopeError {
    /// Written by a later version of the program.
    #[error("envelope version {0} is not known")]
    Version(u8),
    /// A field is longer than its limit.
    #[error("the envelope's {field} is longer than {max}")]
    TooLong {
        /// Which field.
        field: &'static str,
        /// Its limit in bytes, or in streams.
        max: usize,
    },
    /// The bytes end inside a field.
    #[error("the envelope ends inside its {0}")]
    Ends(&'static str),
    /// Bytes follow the last field.
    #[error("{0} bytes follow the envelope")]
    Follows(usize),
    /// A field holds what it cannot hold.
    #[error("the envelope's {0} is not readable")]
    Field(&'static str),
}

impl Envelope {
    /// Its stored form.
    ///
    /// # Errors
    /// [`EnvelopeError::TooLong`], and [`EnvelopeError::Field`] for a claim that says nothing or a commit
    /// that claims.
    pub fn encode(&self) -> Result<Vec<u8>, EnvelopeError> {
        binary::encode(self)
    }

    /// The envelope in `stored`, all of it.
    ///
    /// # Errors
    /// [`EnvelopeError`] for anything that [`Envelope::encode`] does not write.
    pub fn decode(stored: &[u8]) -> Result<Self, EnvelopeError> {
        binary::decode(stored)
    }
}

#[cfg(test)]
mod tests;
