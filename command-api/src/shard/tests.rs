//! One machine, told what happens step by step.

mod answers;
mod bench;
mod claims;
mod keys;
mod limits;
mod records;
