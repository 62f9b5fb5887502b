//! A running shop for black-box tests: the real binary, driven over HTTP and GraphQL, killed and restarted.

mod client;
mod deployment;
mod shop;
mod shopper;

pub use client::{Answer, Client};
pub use shop::Shop;
pub use shopper::{Shopkeeper, Shopper, checkout_body};

use std::time::Duration;

/// How long a test waits for a condition before it fails.
pub const DEADLINE: Duration = Duration::from_secs(30);
