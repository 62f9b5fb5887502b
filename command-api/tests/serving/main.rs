//! The command path on the embedded log, from the handle down to the disk.

mod keys;
mod node;
mod refusals;
mod restart;
mod stock;
