//! Events of a name. These names and fields are the storage format.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What happened to a unique name of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames)]
pub enum Event {
    /// It names something.
    NameClaimed {
        /// The product's or category's id.
        by: Uuid,
    },
    /// It is free.
    NameReleased {},
}
