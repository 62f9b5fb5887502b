//! The log: the only truth of the shop.
//!
//! [`port`] is what every log can do; [`fold`] decides from the log itself which records happened
//! (one pure module, applied by every reader); [`memory`], [`sqlite`] and, with the feature `kafka`, `kafka` are
//! the adapters; [`follower`] reads, folds and decodes each record once per process and hands it to all who want
//! it; [`membership`] says who is alive.

pub mod checkpoint;
pub mod envelope;
pub mod fold;
pub mod follower;
#[cfg(feature = "kafka")]
pub mod kafka;
pub mod membership;
pub mod memory;
pub mod port;
pub mod sqlite;

#[cfg(any(test, feature = "contract"))]
pub mod contract;

pub use checkpoint::Checkpoint;
pub use envelope::{Claim, Envelope, EnvelopeError, Kind, Touched};
pub use fold::{Fold, Halt, Verdict, Void};
pub use follower::{
    BACK_BYTES_MAX, Claimed, Commit, Decode, Followed, Follower, Place, PlaceError, Subscription, Undecodable, Voided,
};
#[cfg(feature = "kafka")]
pub use kafka::{KafkaError, KafkaLog, KafkaMembership, KafkaOptions};
pub use membership::{Alone, Membership};
pub use memory::MemoryLog;
pub use port::{Append, Delivered, Deliveries, Delivery, EventLog, LogError, Record, Scan, shards_of};
pub use sqlite::{DirectoryLock, SqliteLog, SqliteOptions};
