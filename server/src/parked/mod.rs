//! What stands still because a record cannot be read: shown, read again, or done without.

pub(crate) mod commands;
mod report;
pub(crate) mod routes;
pub(crate) mod skips;
