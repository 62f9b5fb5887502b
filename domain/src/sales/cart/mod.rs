//! A cart.

mod decide;
mod event;
mod state;

pub use decide::{Command, Rejection, decide};
pub use event::Event;
pub use state::Cart;
