use serde::{Deserialize, Serialize};

use super::Event;

/// What is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Hold;

impl Hold {
    /// Takes an event in.
    pub fn evolve(&mut self, _event: &Event) {}

    /// When it wants to be told that its time is up.
    #[must_use]
    pub fn due(&self) -> Option<crate::value::Timestamp> {
        None
    }
}
