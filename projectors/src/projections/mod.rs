//! The projections.

pub mod cart;
pub mod category;
pub mod order;
pub mod product;
pub mod shop;
pub mod stock;

pub use cart::Carts;
pub use category::Categories;
pub use order::Orders;
pub use product::Products;
pub use shop::ShopSettings;
pub use stock::Stock;
