//! The read store: wide rows with replay-proof versions.
//!
//! [`port`] is what every store can do; `memory`, `sqlite` are the adapters; `model` holds the tables and views
//! that projectors write and queries read.

pub mod port;

pub use port::{
    Batch, Column, ColumnType, Direction, Generation, Key, Mutation, PageRange, Position, ReadStore, Row, StoreError,
    Table, Value, Version,
};
