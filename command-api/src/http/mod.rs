//! The HTTP endpoints of commands.
