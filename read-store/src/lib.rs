//! The read store: wide rows with replay-proof versions.
//!
//! [`port`] is what every store can do; [`memory`], [`sqlite`] and `scylla` are the adapters, held to one `contract`; [`model`] holds the tables and views
//! that projectors write and queries read. [`Progress`] is how far the rows are, [`ActiveGenerations`] which of
//! them to read.

mod active;
#[cfg(any(test, feature = "contract"))]
pub mod contract;
pub mod memory;
mod merge;
pub mod model;
mod planted;
pub mod port;
mod progress;
#[cfg(feature = "scylla")]
pub mod scylla;
pub mod sqlite;
mod stamp;

pub use active::ActiveGenerations;
pub use memory::MemoryStore;
pub use merge::merged_page;
pub use port::{
    Answer, Batch, Column, ColumnType, Direction, Generation, Key, Mutation, PAGE_ROWS_MAX, PageRange, Position,
    ReadStore, Row, StoreError, Table, Value, Version,
};
pub use progress::{Progress, Reached};
pub use sqlite::SqliteStore;
