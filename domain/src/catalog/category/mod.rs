//! A category of the catalogue.

mod decide;
mod event;
mod state;

pub use decide::{Command, Rejection, decide};
pub(in crate::catalog) use decide::{is_open, open};
pub use event::Event;
pub use state::{Category, Place};

#[cfg(test)]
mod tests;
