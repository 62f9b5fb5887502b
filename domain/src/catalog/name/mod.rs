//! A unique name of the catalogue: a slug or a SKU.

mod decide;
mod event;
mod state;

pub use decide::Rejection;
pub use event::Event;
pub use state::Name;
