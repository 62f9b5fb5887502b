//! A product of the catalogue.

mod check;
mod command;
mod decide;
mod event;
mod import;
mod rejection;
mod state;

pub use command::Command;
pub use decide::decide;
pub use event::{Description, Event, OptionTexts, OptionValue, VariantFacts};
pub use import::{DescriptionChange, ImageChange, VariantChange};
pub use rejection::Rejection;
pub use state::{Image, Listing, Price, Product, Variant};

#[cfg(test)]
mod tests;
