//! Sales: carts, the checkouts that close them, the orders they become.

mod amounts;
mod order_number;

pub mod cart;
pub mod checkout;
pub mod counter;
pub mod order;
pub mod pricing;

#[cfg(test)]
mod testshop;

pub use amounts::{FrozenLine, PaymentMethod, ShippingChoice, Totals};
pub use order_number::is_valid as is_order_number;
