//! The process that turns a cart into an order.

mod decide;
mod event;
mod state;

pub use decide::{Command, Rejection, decide};
pub use event::{Demand, DemandGroup, Event, StockMovement};
pub use state::Checkout;
