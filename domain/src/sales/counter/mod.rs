//! The counter behind the order numbers of one sales shard; placing an order draws from it.

mod event;
mod state;

pub use event::Event;
pub use state::OrderCounter;
