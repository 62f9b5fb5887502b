//! An order.

mod decide;
mod event;
mod parcels;
mod placing;
mod rejection;
mod returns;
mod state;
mod stock;

pub use decide::{Command, ORDER_PARCELS_MAX, ORDER_RETURNS_MAX, decide};
pub use event::{Event, LineQuantity};
pub use rejection::Rejection;
pub use state::{Fulfilment, Order, OrderLine, ParcelProgress, Placed, Return, ReturnProgress, Status};

#[cfg(test)]
mod tests;
