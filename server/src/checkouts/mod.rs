//! Checkouts that do not come to an end: which they are, and what they wait for.

pub(crate) mod commands;
mod report;
pub(crate) mod routes;
mod stage;

pub(crate) use routes::overdue;
