use serde::{Deserialize, Serialize};

use super::Event;

/// How many order numbers one sales shard has drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OrderCounter {
    /// So far; the next number is made of this count.
    pub count: u64,
}

impl OrderCounter {
    /// Takes an event in.
    pub fn evolve(&mut self, event: &Event) {
        match event {
            Event::OrderNumberDrawn { count_after } => self.count = *count_after,
        }
    }
}
