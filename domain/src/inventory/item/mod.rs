//! The stock of a SKU at a location.

mod decide;
mod event;
mod state;

pub use decide::{Command, Rejection, decide};
pub use event::{Event, Levels};
pub use state::StockItem;
