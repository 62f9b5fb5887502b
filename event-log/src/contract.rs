//! The contract that every adapter is held to.
