//! Commands: where what people and processes want becomes what happened.
//!
//! [`Commands`] is the handle that endpoints and reactors use. Behind it, one [`shard`] for each partition is
//! a state machine without IO; [`runner`] performs what it asks for: appends to the log, answers callers,
//! loads states from [`state_db`]. [`reference`] holds the facts that decisions need from other shards.

pub mod http;
pub mod limits;
pub mod reference;
pub mod shard;

mod codec;
mod commands;
mod error;
mod planted;
mod request;
mod runner;
mod state_db;

pub use codec::{Codec, Wire};
pub use commands::{Commands, Seen};
pub use error::CommandError;
pub use request::{Key, Outcome, Request};
pub use runner::{Options, ParkedError, Process, StartError, start};
pub use shard::Standing;
pub use state_db::{FILE_NAME as STATE_DB_FILE_NAME, StateDbError};
