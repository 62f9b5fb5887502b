//! How the shop works.

mod countries;
mod decide;
mod defaults;
mod event;
mod state;

pub use countries::{countries, is_country};
pub use decide::{Command, Rejection, decide};
pub use event::{Event, Settings, ShippingMethod, TaxRate};
pub use state::Shop;

#[cfg(test)]
mod tests;
