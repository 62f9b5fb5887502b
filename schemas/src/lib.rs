//! What the log's payloads look like, and who may read the personal fields in them.
//!
//! - [`Codec`]: events of a topic ⇄ bytes in the registry's wire format (Avro, one subject per topic).
//! - [`ids`]: which number stands for which schema: a local file embedded, a registry (`registry`) in a cluster.
//! - [`compatibility`]: whether a changed schema still reads everything ever written (`BACKWARD_TRANSITIVE`).
//! - [`personal`]: what is inside the sealed fields.
//! - [`public`]: an event's JSON without them.
//! - [`sealing`]: personal fields, encrypted under a key per person that can be forgotten.
//!
//! The `.avsc` files in `avro/` are shipped in the program; tests tie each to its Rust type.

#[cfg(any(feature = "registry", feature = "scylla"))]
mod background;
pub mod codec;
pub mod compatibility;
pub mod ids;
pub mod personal;
pub mod public;
#[cfg(feature = "registry")]
pub mod registry;
pub mod sealing;
mod versions;

pub use codec::{Codec, CodecError, Skipped};
pub use ids::{FileIds, IdsError, MemoryIds, SchemaIds};
pub use sealing::{KeyStore, KeyStoreError, MemoryKeys, SealError, Sealer, SqliteKeys};
#[cfg(feature = "scylla")]
pub use sealing::{ScyllaKeys, ScyllaKeysOptions};
pub use versions::{subject, versions};
