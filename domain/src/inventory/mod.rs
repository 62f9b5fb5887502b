//! The inventory: what there is of each SKU, and who holds it.

pub mod hold;
pub mod item;
pub mod ledger;
