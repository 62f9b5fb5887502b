//! Projectors.
pub mod projection;
pub mod projections;
