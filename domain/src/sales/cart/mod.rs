//! A cart.

mod decide;
mod estimate;
mod event;
mod freeze;
mod lines;
mod rejection;
mod state;

pub use decide::{Command, decide};
pub use estimate::{Estimate, Problem, shipping_options};
pub use event::Event;
pub use rejection::Rejection;
pub use state::{Cart, Contents, Frozen, Line};

#[cfg(test)]
mod tests;
