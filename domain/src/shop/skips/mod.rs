//! Commits of one shard that cannot be read, and that an operator has decided to do without.

mod decide;
mod event;
mod state;

pub use decide::{Command, Rejection, decide};
pub use event::Event;
pub use state::Skips;

#[cfg(test)]
mod tests;
