//! How the shop works.

mod decide;
mod defaults;
mod event;
mod state;

pub use decide::{Command, Rejection, decide};
pub use event::{Event, Settings, ShippingMethod, TaxRate};
pub use state::Shop;
