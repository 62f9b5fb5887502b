//! The generations of one projection.

mod decide;
mod event;
mod state;

pub use decide::{Command, Rejection, decide};
pub use event::Event;
pub use state::{Generation, Generations, Situation};

#[cfg(test)]
mod tests;
