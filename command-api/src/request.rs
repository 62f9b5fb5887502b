//! What a caller asks for, and what comes back.

use std::sync::Arc;
use std::time::Instant;

use domain::stream::{Shard, StreamId};
use domain::value::{CommandId, Timestamp};
use domain::{Command, ConsistencyToken, State};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The caller's own name for an intent (`Idempotency-Key`): under it, a repeat gets the same answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// When the caller drew it, where the key tells (a UUID of version 7). A key older than the window in
    /// which answers are kept is refused, because nothing protects it any more.
    pub drawn_at: Option<Timestamp>,
}

impl Key {
    /// What the text of a key tells.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let drawn_at = Uuid::parse_str(text)
            .ok()
            .filter(|uuid| uuid.get_version_num() == 7)
            .and_then(|uuid| uuid.get_timestamp())
            .map(|drawn| {
                let (seconds, nanoseconds) = drawn.to_unix();
                let milliseconds = seconds * 1_000 + u64::from(nanoseconds) / 1_000_000;
                Timestamp(i64::try_from(milliseconds).unwrap_or(i64::MAX))
            });
        Self { drawn_at }
    }
}

/// Commands to the streams of one shard: decided in order, all or none.
#[derive(Clone, Debug)]
pub struct Request {
    /// At least one; all their streams belong to one shard. The answer speaks of the first one's stream.
    pub commands: Vec<Command>,
    /// The intent: what it creates has ids derived from it. Under a key: v5(caller, method and path, key).
    pub command_id: CommandId,
    /// Present when the caller gave a key: then the answer is kept, and a success always writes a commit.
    pub keyed: Option<Key>,
    /// SHA-256 of what was asked, to tell a repeat from another request under the same key. Never all zeros.
    pub request_hash: [u8; 32],
    /// `If-Match`: refuse unless the first command's stream has this version.
    pub expected_version: Option<u64>,
    /// Who: `guest`, `customer:<id>`, `admin:<name>`, `process:<name>`, `reactor:<name>`.
    pub actor: String,
    /// What all records of one story share.
    pub correlation: Uuid,
    /// The command or event that caused this.
    pub causation: Uuid,
    /// W3C trace context; empty when there is none.
    pub traceparent: String,
    /// What the reference view must have folded before anything is decided.
    pub after: ConsistencyToken,
    /// When the caller stops waiting.
    pub deadline: Instant,
}

/// What became of a request: the HTTP answer is a pure function of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Outcome {
    /// Which shard decided.
    pub shard: Shard,
    /// The commit that it made; the last one before it when it made none.
    pub seq: u64,
    /// When the log took that commit.
    pub at: Timestamp,
    /// Whether it was done before, under the same key.
    pub replayed: bool,
    /// The streams that it changed, and their versions after it.
    pub streams: Vec<(StreamId, u64)>,
    /// The version of the first command's stream right after it.
    pub version: u64,
    /// The state of that stream right after it; present, on the first answer as on a repeat, when the stream
    /// is of a kind whose answers show it ([`Outcome::shows_state_of`]).
    pub state: Option<Arc<State>>,
}

impl Outcome {
    /// Whether the answer to a command shows the state of a stream of this kind: then it is kept as long as
    /// the answer. Products, categories and settings are too large for that; holds and names have no answers.
    #[must_use]
    pub fn shows_state_of(stream: &StreamId) -> bool {
        match stream {
            StreamId::Cart(_)
            | StreamId::Order(_)
            | StreamId::Checkout(_)
            | StreamId::StockItem(..)
            | StreamId::Generation(_)
            | StreamId::Skips(_) => true,
            StreamId::Category(_)
            | StreamId::Product(_)
            | StreamId::Name(_)
            | StreamId::Hold(..)
            | StreamId::OrderCounter(_)
            | StreamId::Shop => false,
        }
    }

    /// What a later question must have seen to be no older than this answer.
    #[must_use]
    pub fn token(&self) -> ConsistencyToken {
        ConsistencyToken::at(self.shard, self.seq)
    }
}
