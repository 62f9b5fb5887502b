//! The operator's verbs about read models: what they are, rebuilding, switching, verifying, and what is parked.
//!
//! [`routes`] is the server's half, [`commands`] the command line's; [`report`] is what passes between them.

pub(crate) mod commands;
pub(crate) mod report;
pub(crate) mod routes;
mod screen;
pub(crate) mod session;
pub(crate) mod turns;
mod watch;
