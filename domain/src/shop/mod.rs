//! The shop itself: its settings, the generations of its read models, and what an operator does without.

pub mod generation;
pub mod settings;
pub mod skips;
