//! Events of a shard's skipped commits. These names and fields are the storage format.

use serde::{Deserialize, Serialize};

/// What an operator has decided about commits that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames)]
pub enum Event {
    /// A commit that cannot be read counts as if nothing had happened in it, for every stream that it touched, for
    /// ever: whatever is decided later is decided without it.
    CommitSkipped {
        /// Where in the shard it lies.
        offset: i64,
        /// The streams that it touched, by name.
        streams: Vec<String>,
        /// Why it could not be read.
        why: String,
    },
}
