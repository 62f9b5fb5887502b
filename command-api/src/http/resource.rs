//! Handlers, by resource: typed principal, typed place, validated body, one call, answer.

pub(crate) mod carts;
pub(crate) mod categories;
pub(crate) mod checkouts;
pub(crate) mod elsewhere;
pub(crate) mod images;
pub(crate) mod imports;
pub(crate) mod orders;
pub(crate) mod parcels;
pub(crate) mod personal;
pub(crate) mod products;
pub(crate) mod returns;
pub(crate) mod shop;
pub(crate) mod stock;
pub(crate) mod variants;
