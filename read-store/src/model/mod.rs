//! What projectors write and queries read: the tables, their keys, and the views in them.
//!
//! A view is the whole of what queries show of one aggregate, in one row, encoded with postcard. All other rows
//! lead to it: a slug or a number to an id, a page of a category to the ids of its products. Every row of an
//! aggregate is written in the same commit as its view, so what a page names is there.

pub mod cart;
pub mod category;
pub mod clustering;
pub mod order;
pub mod product;
pub mod shop;
pub mod sold;
pub mod stock;
mod view;

pub use clustering::Clustering;
use view::damaged;
pub use view::{ID_COLUMN, VIEW_COLUMN, Versioned, id_row, id_value, view_row};
