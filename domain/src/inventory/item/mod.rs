//! The stock of a SKU at a location.

mod decide;
mod event;
mod state;

pub use decide::{Command, Rejection, decide};
pub(in crate::inventory) use decide::{commit, with_more_on_hand};
pub use event::{Event, Levels};
pub use state::{Stock, StockItem};

#[cfg(test)]
mod tests;
