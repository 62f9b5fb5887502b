//! A product of the catalogue.

mod decide;
mod event;
mod state;

pub use decide::{Command, Rejection, decide};
pub use event::{Description, Event, OptionValue, VariantFacts};
pub use state::Product;
