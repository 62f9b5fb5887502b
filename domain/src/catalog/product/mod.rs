//! A product of the catalogue.

mod check;
mod decide;
mod event;
mod rejection;
mod state;

pub use decide::{Command, decide};
pub use event::{Description, Event, OptionValue, VariantFacts};
pub use rejection::Rejection;
pub use state::{Image, Listing, Price, Product, Variant};

#[cfg(test)]
mod tests;
