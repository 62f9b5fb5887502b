//! `tillroll demo …`: what the shop does, shown on a terminal.

pub(crate) mod buy;
mod call;
mod process;
pub(crate) mod stampede;
