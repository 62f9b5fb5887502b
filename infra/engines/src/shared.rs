//! One set of running engines for a whole test binary.

use std::env;
use std::sync::OnceLock;

use crate::{Cassandra, Error, Kafka, Registry};

/// Names a running broker, `host:port`.
pub const KAFKA_VARIABLE: &str = "TILLROLL_TEST_KAFKA";

/// Names a running CQL node, `host:port`.
pub const CQL_VARIABLE: &str = "TILLROLL_TEST_CQL";

/// Names a running registry by the URL of its Confluent-compatible API.
pub const REGISTRY_VARIABLE: &str = "TILLROLL_TEST_REGISTRY";

/// One set of running engines; each starts when it is first asked for, unless its variable names one that runs.
pub struct Shared {
    kafka: OnceLock<(String, Option<Kafka>)>,
    cassandra: OnceLock<(String, Option<Cassandra>)>,
    registry: OnceLock<(String, Option<Registry>)>,
}

/// The set of this process.
#[must_use]
pub fn shared() -> &'static Shared {
    static SHARED: Shared = Shared {
        kafka: OnceLock::new(),
        cassandra: OnceLock::new(),
        registry: OnceLock::new(),
    };
    &SHARED
}

impl Shared {
    /// The broker's address, `127.0.0.1:<port>`: `TILLROLL_TEST_KAFKA`, or one that is started now.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn kafka(&self) -> String {
        named_or_started(&self.kafka, KAFKA_VARIABLE, Kafka::start, Kafka::bootstrap)
    }

    /// The CQL address, `127.0.0.1:<port>`: `TILLROLL_TEST_CQL`, or one that is started now.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn cassandra(&self) -> String {
        named_or_started(&self.cassandra, CQL_VARIABLE, Cassandra::start, Cassandra::address)
    }

    /// The registry's URL: `TILLROLL_TEST_REGISTRY`, or one that is started now.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn registry(&self) -> String {
        named_or_started(&self.registry, REGISTRY_VARIABLE, Registry::start, Registry::url)
    }
}

fn named_or_started<E>(
    place: &OnceLock<(String, Option<E>)>,
    variable: &str,
    start: impl FnOnce() -> Result<E, Error>,
    address: impl FnOnce(&E) -> String,
) -> String {
    let (address, _engine) = place.get_or_init(|| {
        if let Ok(named) = env::var(variable) {
            return (named, None);
        }
        match start() {
            Ok(engine) => (address(&engine), Some(engine)),
            Err(error) => panic!("{error}"),
        }
    });
    address.clone()
}
