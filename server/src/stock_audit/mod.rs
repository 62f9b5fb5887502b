//! The audit of stock: ledgers replayed from the log, line by line, and held against everything that follows from
//! them: the states by which commands are decided, the rows that queries read, and who owns the pieces.
//!
//! Nothing stands still for it. Rows and states say at which commit they are, and the replay stops there to compare;
//! so what is told differs, and is not just older.

mod account;
pub(crate) mod commands;
mod owner;
mod pass;
mod report;
pub(crate) mod routes;

pub(crate) use report::SKUS_MAX;
