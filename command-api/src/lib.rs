//! Commands: where what people and processes want becomes what happened.
//!
//! [`Commands`] is the handle that endpoints and reactors use. Behind it, one [`shard`] for each partition is
//! a state machine without IO; [`runner`] performs what it asks for: appends to the log, answers callers,
//! loads states from [`state_db`]. [`reference`] holds the facts that decisions need from other shards.

pub mod http;
pub mod reference;

mod commands;
mod error;
pub mod limits;
mod request;
pub mod shard;

pub use commands::{Commands, Process, Seen};
pub use error::CommandError;
pub use request::{Key, Outcome, Request};
