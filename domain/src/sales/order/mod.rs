//! An order.

mod decide;
mod event;
mod state;

pub use decide::{Command, Rejection, decide};
pub use event::{Event, LineQuantity};
pub use state::Order;
