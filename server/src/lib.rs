//! tillroll
