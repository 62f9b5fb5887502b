//! The envelope: what the fold, the deduplication and the operator read of a record without its payload.

use domain::stream::StreamId;
use domain::value::CommandId;
use uuid::Uuid;

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
