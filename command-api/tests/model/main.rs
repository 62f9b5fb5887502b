//! The model check of the shard: every way in which two owners, a handful of callers and a log like Kafka's
//! can meet, within bounds.
//!
//! It drives [`command_api::shard::Machine`], the very machine that serves, over a [`log`] in which an append may
//! land now, later or never, once or twice, with its acknowledgement late, out of order or lost, while nodes
//! restart and race for the shard. In every [`world`] that can come about, every one of the [`promises`] must
//! hold; [`witness`] tells what must have happened on the way; and each broken rule of
//! [`command_api::shard::Mutant`] must be noticed, with the shortest way to the harm that it does.

mod fingerprint;
mod log;
mod mutants;
mod node;
mod promises;
mod script;
mod search;
mod sound;
mod witness;
mod world;
