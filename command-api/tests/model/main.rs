//! The model check of the shard: every way in which two owners, a handful of callers and a log like Kafka's
//! can meet, as deep as the bounds go.
//!
//! It drives [`command_api::shard::Machine`], the very machine that serves, over a log in which an append may
//! land now, later or never, once or twice, with its acknowledgement late, out of order or lost, while nodes
//! restart and race for the shard. Each broken rule of [`command_api::shard::Mutant`] must be noticed.
