//! The process that turns a cart into an order, and then sees to the order's stock.

mod decide;
mod demand;
mod event;
mod outstanding;
mod rejection;
mod state;

pub use decide::{Command, decide};
pub(super) use demand::demand_groups;
pub use event::{Demand, DemandGroup, Event, StockMovement};
pub use outstanding::Outstanding;
pub use rejection::Rejection;
pub use state::{Checkout, Failure, Group, Movement, Progress, Run, Shortage};

#[cfg(test)]
mod tests;
