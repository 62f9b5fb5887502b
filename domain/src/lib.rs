//! The rules of the shop: pure, synchronous, without IO, clock or chance.
//!
//! One aggregate is one folder with the same blocks in the same order: `event.rs` (the storage format),
//! `state.rs` (what is known, and how an event changes it), `decide.rs` (commands, refusals, decisions),
//! `tests.rs`. A shard runs a list of [`Command`]s through [`decide`], in order, on one speculative state;
//! one refusal refuses all.

mod command;
mod context;
mod event;
mod rejection;
mod state;
#[cfg(test)]
mod testkit;
mod token;

pub mod catalog;
pub mod inventory;
pub mod sales;
pub mod shop;
pub mod stream;
pub mod value;

pub use command::{Command, Decided, NotLoaded, Refusal, Streams, decide};
pub use context::{Context, Reference, VariantOffer};
pub use event::Event;
pub use rejection::{Kind, Rejection};
pub use state::{Aggregate, Due, Known, State};
pub use token::{ConsistencyToken, MalformedToken, TOKEN_SHARDS_MAX};

/// Fingerprint of everything that decides how a stored state looks and evolves; a saved state with
/// another one is thrown away and replayed.
pub const STATE_SHAPE: &str = env!("DOMAIN_STATE_SHAPE");
