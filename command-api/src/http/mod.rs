//! The HTTP endpoints of commands: who asks, for what, under which name; one call; an answer.
//!
//! [`router`] lists them all. Extractors (`intent`, `body`) read what a request says and refuse what cannot be
//! read; handlers (`resource`) are a few lines each; `answer` and `view` write what came of it, `errors` is the
//! one place where refusals become statuses, and every limit has a name in `limits`.

mod answer;
mod body;
mod edge;
mod errors;
mod fields;
mod headers;
mod image;
pub mod import;
mod intent;
mod limits;
mod money;
pub mod openapi;
mod preview;
mod problem;
mod resource;
mod router;
mod state;
mod view;

pub use headers::correlation as story_of;
pub use image::ImageStore;
pub use intent::keyed_command;
pub use router::router;
pub use state::HttpState;

#[cfg(test)]
mod tests;
