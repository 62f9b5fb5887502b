//! What happens by itself, because something else happened.
//!
//! [`processes::run`] sees to it that process managers get done what they began: a checkout that runs, an order
//! whose stock is to be released or shipped. A process is an ordinary stream of the log, and its state is its
//! outbox; this crate only sends, and records the answers. It keeps nothing that a death could lose.

pub mod processes;
