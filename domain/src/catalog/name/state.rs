//! What is known of a unique name.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Event;

/// A unique name of the catalogue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Name {
    /// It names nothing.
    #[default]
    Free,
    /// It names something.
    Claimed {
        /// The product's or category's id.
        by: Uuid,
    },
}

impl Name {
    /// Takes an event in.
    pub fn evolve(&mut self, event: &Event) {
        *self = match event {
            Event::NameClaimed { by } => Self::Claimed { by: *by },
            Event::NameReleased {} => Self::Free,
        };
    }

    /// What it names: a product's or category's id.
    #[must_use]
    pub fn owner(&self) -> Option<Uuid> {
        match self {
            Self::Free => None,
            Self::Claimed { by } => Some(*by),
        }
    }
}
