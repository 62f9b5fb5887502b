//! Events of the counter behind order numbers. These names and fields are the storage format.

use serde::{Deserialize, Serialize};

/// What happened to the counter of one sales shard.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames)]
pub enum Event {
    /// The next number is taken, in the commit that places the order.
    OrderNumberDrawn {
        /// How many are drawn so far.
        count_after: u64,
    },
}
