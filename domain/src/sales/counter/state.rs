use serde::{Deserialize, Serialize};

use super::Event;
use crate::State;

/// How many order numbers one sales shard has drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OrderCounter {
    /// So far; the next number is made of this count.
    pub count: u64,
}

impl OrderCounter {
    /// The count in the state of a stream; 0 in the state of any other.
    #[must_use]
    pub fn count_of(state: &State) -> u64 {
        match state {
            State::OrderCounter(counter) => counter.count,
            _ => 0,
        }
    }

    /// Takes an event in.
    pub fn evolve(&mut self, event: &Event) {
        match event {
            Event::OrderNumberDrawn { count_after } => self.count = *count_after,
        }
    }
}
