use serde::{Deserialize, Serialize};

use super::Event;

/// What is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Order;

impl Order {
    /// Takes an event in.
    pub fn evolve(&mut self, _event: &Event) {}
}
