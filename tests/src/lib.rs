//! A running shop for black-box tests: the real binary, driven over HTTP and GraphQL, killed and restarted.

mod browser;
mod client;
pub mod crowd;
mod deployment;
mod listener;
mod shop;
mod shopper;
mod waiting;

pub use browser::{Browser, Page};
pub use client::{Answer, Client};
pub use deployment::{Engines, deadline, is_on_cluster};
pub use listener::{Heard, Listener};
pub use shop::Shop;
pub use shopper::{Shopkeeper, Shopper, checkout_body};
pub use waiting::seen_within;
