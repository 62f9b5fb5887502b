//! The log: the only truth of the shop.
//!
//! [`port`] is what every log can do; [`fold`] decides from the log itself which records happened
//! (one pure module, applied by every reader); `memory`, `sqlite` are the adapters; `follower` reads,
//! folds and decodes each record once per process and hands it to all who want it.

pub mod envelope;
pub mod fold;
pub mod port;

pub use envelope::{Claim, Envelope, Kind, Touched};
pub use fold::{Fold, Halt, Verdict};
pub use port::{Append, Delivered, Delivery, EventLog, LogError, Record};
