//! On which engines a shop under test runs: embedded, or on Kafka, a schema registry and Cassandra.

use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions};
use rdkafka::client::DefaultClientContext;
use scylla::client::session_builder::SessionBuilder;
use uuid::Uuid;

/// Names the engines of a run of the tests: `embedded`, or `cluster` for the shared ones.
const VARIABLE: &str = "TILLROLL_TEST_DEPLOYMENT";
/// The topics of a shop.
const TOPICS: [&str; 4] = ["catalog", "inventory", "sales", "shop"];
/// The keyspaces of a shop.
const KEYSPACES: [&str; 2] = ["read", "keys"];
/// How long taking a shop's traces away may take; after that they are left to the end of the engines.
const REMOVE_WITHIN: Duration = Duration::from_secs(20);
/// How long a test waits for a condition of an embedded shop before it fails.
const DEADLINE: Duration = Duration::from_secs(30);
/// The same on a cluster, whose engines elect, rebalance and create tables.
const DEADLINE_ON_CLUSTER: Duration = Duration::from_secs(90);

/// Where the engines of a cluster answer.
#[derive(Clone, Debug)]
pub struct Engines {
    /// `host:port`
    pub kafka: String,
    /// A URL.
    pub registry: String,
    /// `host:port`
    pub cassandra: String,
}

impl Engines {
    /// Those that all tests of this run share.
    fn shared() -> Self {
        let shared = engines::shared();
        Self {
            kafka: shared.kafka(),
            registry: shared.registry(),
            cassandra: shared.cassandra(),
        }
    }
}

/// On which engines one shop runs, and under which name.
pub(crate) enum Deployment {
    Embedded,
    Cluster {
        prefix: String,
        engines: Engines,
        /// Whether others use the engines as well, so that the shop's traces must go.
        are_shared: bool,
    },
}

impl Deployment {
    /// What this run of the tests is to run on.
    ///
    /// # Panics
    /// When the variable says something else than `embedded` or `cluster`.
    pub(crate) fn of_this_run() -> Self {
        if is_on_cluster() {
            return Self::on(Engines::shared(), true);
        }
        Self::Embedded
    }

    /// A shop of a new name on these engines.
    pub(crate) fn on(engines: Engines, are_shared: bool) -> Self {
        Self::Cluster {
            prefix: format!("t{}", Uuid::new_v4().simple().to_string().split_at(12).0),
            engines,
            are_shared,
        }
    }

    /// What the program is told of its engines.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let Self::Cluster { prefix, engines, .. } = self else {
            return Vec::new();
        };
        vec![
            ("TILLROLL_KAFKA", engines.kafka.clone()),
            ("TILLROLL_SCHEMA_REGISTRY", engines.registry.clone()),
            ("TILLROLL_SCYLLA", engines.cassandra.clone()),
            ("TILLROLL_PREFIX", prefix.clone()),
            ("TILLROLL_KAFKA_REPLICATION", "1".to_owned()),
            ("TILLROLL_SCYLLA_REPLICATION", "1".to_owned()),
            // Enough for shards to differ; a broker with little memory serves many shops.
            ("TILLROLL_PARTITIONS", "4".to_owned()),
        ]
    }

    /// What the shop's topics begin with; none when it has no topics.
    pub(crate) fn prefix(&self) -> Option<&str> {
        match self {
            Self::Embedded => None,
            Self::Cluster { prefix, .. } => Some(prefix),
        }
    }

    pub(crate) fn deadline(&self) -> Duration {
        match self {
            Self::Embedded => DEADLINE,
            Self::Cluster { .. } => DEADLINE_ON_CLUSTER,
        }
    }
}

/// Takes the shop's topics and keyspaces away, so that shared engines stay quick for the next one.
impl Drop for Deployment {
    fn drop(&mut self) {
        let Self::Cluster {
            prefix,
            engines,
            are_shared: true,
        } = self
        else {
            return;
        };
        let (prefix, engines) = (prefix.clone(), engines.clone());
        // A test's thread may be inside a runtime of its own.
        let removing = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let _ = tokio::time::timeout(REMOVE_WITHIN, remove_topics(&engines.kafka, &prefix)).await;
                let _ = tokio::time::timeout(REMOVE_WITHIN, remove_keyspaces(&engines.cassandra, &prefix)).await;
            });
            Ok::<_, std::io::Error>(())
        });
        let _ = removing.join();
    }
}

/// How long a test waits for a condition of a shop of this run before it fails.
///
/// # Panics
/// When `TILLROLL_TEST_DEPLOYMENT` says something else than `embedded` or `cluster`.
#[must_use]
pub fn deadline() -> Duration {
    if is_on_cluster() {
        return DEADLINE_ON_CLUSTER;
    }
    DEADLINE
}

/// Whether this run of the tests is on a cluster's engines.
///
/// # Panics
/// When `TILLROLL_TEST_DEPLOYMENT` says something else than `embedded` or `cluster`.
#[must_use]
pub fn is_on_cluster() -> bool {
    match std::env::var(VARIABLE).as_deref() {
        Err(_) | Ok("" | "embedded") => false,
        Ok("cluster") => true,
        Ok(other) => panic!("{VARIABLE} is `embedded` or `cluster`, not {other:?}"),
    }
}

async fn remove_topics(kafka: &str, prefix: &str) -> Result<(), rdkafka::error::KafkaError> {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", kafka);
    let admin: AdminClient<DefaultClientContext> = config.create()?;
    let topics = TOPICS.map(|topic| format!("{prefix}.{topic}"));
    let names = topics.each_ref().map(String::as_str);
    admin.delete_topics(&names, &AdminOptions::new()).await.map(drop)
}

async fn remove_keyspaces(cassandra: &str, prefix: &str) -> Result<(), Box<dyn std::error::Error>> {
    let session = SessionBuilder::new().known_node(cassandra).build().await?;
    for keyspace in KEYSPACES {
        let statement = format!("DROP KEYSPACE IF EXISTS {prefix}_{keyspace}");
        session.query_unpaged(statement, &[]).await?;
    }
    Ok(())
}
