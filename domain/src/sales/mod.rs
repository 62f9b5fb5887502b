//! Sales: carts, the checkouts that close them, the orders they become.

mod amounts;

pub mod cart;
pub mod checkout;
pub mod counter;
pub mod order;

pub use amounts::{FrozenLine, PaymentMethod, ShippingChoice, Totals};
