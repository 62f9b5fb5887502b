//! The command path from the handle down to the log: embedded on the disk, and one that fences nobody.

mod keys;
mod node;
mod refusals;
mod restart;
mod rivals;
mod stock;
