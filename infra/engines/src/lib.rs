//! The real servers that Tillroll runs on, started without Docker: for tests, measurements, and a person at the
//! keyboard.

mod engine;
mod error;
mod proxy;
mod shared;

pub use engine::{Cassandra, Engine, Kafka, KafkaCluster, Registry};
pub use error::Error;
pub use proxy::{Direction, Proxy};
pub use shared::{Shared, shared};

/// What to install before an engine can start; nothing when all is there.
#[must_use]
pub fn missing() -> Option<String> {
    Some("the engines are still being written".to_owned())
}
