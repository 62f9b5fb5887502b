//! A unique name of the catalogue: a slug or a SKU.

mod decide;
mod event;
mod state;

pub use decide::Rejection;
pub(in crate::catalog) use decide::{claim, owner, release};
pub use event::Event;
pub use state::Name;
