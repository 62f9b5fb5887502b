//! How a process is: which shards it serves, and everything that an operator should look at.

pub(crate) mod commands;
mod report;
pub(crate) mod routes;

pub(crate) use routes::standing_name;
