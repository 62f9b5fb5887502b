//! The past, read from the log: what happened to a stream, who did it, and what it looked like then.
//!
//! Nothing is kept for it. A stream is in one shard; that shard is folded again, and the commits that touched the
//! stream are taken out (ADR 35).

pub(crate) mod commands;
mod diff;
mod past;
pub(crate) mod report;
pub(crate) mod routes;
mod scan;
mod walk;
mod why;

pub(crate) use past::Past;
pub(crate) use routes::OPERATOR_PATIENCE;
pub(crate) use scan::{Found, HistoryError, Reader, Wanted};
pub(crate) use walk::{Passed, Walk};
