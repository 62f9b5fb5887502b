//! Events of a projection's generations. These names and fields are the storage format.

use serde::{Deserialize, Serialize};

/// What happened to the generations of one projection.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames)]
pub enum Event {
    /// A generation is being filled from the beginning of the log.
    GenerationOpened {
        /// Its number, from 1.
        generation: u32,
        /// The version of the projection's code that fills it.
        version: u32,
        /// Whether queries stay where they are once it is filled, until somebody switches.
        #[serde(default)]
        held: bool,
    },
    /// Queries are answered from it.
    GenerationSwitched {
        /// Which.
        generation: u32,
    },
    /// Its tables are gone.
    GenerationDropped {
        /// Which.
        generation: u32,
    },
}
