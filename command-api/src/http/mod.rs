//! The HTTP endpoints of commands.

pub mod import;
