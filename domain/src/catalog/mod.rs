//! The catalogue: products, categories and the names that make them unique.

pub mod category;
pub mod name;
pub mod product;
