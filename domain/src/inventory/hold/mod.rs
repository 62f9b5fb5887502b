//! What one reservation holds of a SKU.

mod decide;
mod event;
mod state;

pub use decide::{Command, Rejection, decide};
pub use event::{Event, ReleaseReason};
pub use state::Hold;

#[cfg(test)]
mod tests;
