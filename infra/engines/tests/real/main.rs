//! Each engine, started for real: it answers, is killed, comes back with its data, is paused, and leaves nothing.

mod cassandra;
mod kafka;
mod lifeline;
mod registry;
mod wire;
