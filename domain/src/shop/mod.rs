//! The shop itself: its settings, and the generations of its read models.

pub mod generation;
pub mod settings;
