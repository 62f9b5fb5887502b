//! The real servers that Tillroll runs on, started without Docker: for tests, measurements, and a person at the
//! keyboard.
//!
//! What they are made of is downloaded once, through Maven, into `TILLROLL_ENGINES_CACHE` (else `tillroll/engines`
//! where the user's caches are). [`recipe`] has all versions and settings. A server that was started here never
//! outlives its starter, except those of [`detached`].

mod cache;
mod cassandra;
pub mod detached;
mod engine;
mod error;
mod http;
mod kafka;
mod keeper;
mod port;
mod process;
mod proxy;
pub mod recipe;
mod registry;
mod requirements;
mod shared;

pub use cassandra::{Cassandra, Node};
pub use engine::{Engine, Server};
pub use error::Error;
pub use http::is_found;
pub use kafka::cluster::KafkaCluster;
pub use kafka::{Broker, Kafka};
pub use proxy::{Direction, Proxy};
pub use registry::{Apicurio, Registry};
pub use requirements::missing;
pub use shared::{CQL_VARIABLE, KAFKA_VARIABLE, REGISTRY_VARIABLE, Shared, shared};
