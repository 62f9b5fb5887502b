//! On which engines the shops under test run: embedded, or with `TILLROLL_TEST_DEPLOYMENT=cluster` on Kafka, a
//! schema registry and Cassandra.

use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions};
use rdkafka::client::DefaultClientContext;
use scylla::client::session_builder::SessionBuilder;
use uuid::Uuid;

/// Names the engines of a run.
const VARIABLE: &str = "TILLROLL_TEST_DEPLOYMENT";
/// The topics of a shop.
const TOPICS: [&str; 4] = ["catalog", "inventory", "sales", "shop"];
/// The keyspaces of a shop.
const KEYSPACES: [&str; 2] = ["read", "keys"];
/// How long taking a shop's traces away may take; after that they are left to the end of the engines.
const REMOVE_WITHIN: Duration = Duration::from_secs(20);

/// On which engines one shop runs, and under which name.
pub(crate) enum Deployment {
    Embedded,
    Cluster { prefix: String },
}

impl Deployment {
    /// What this run of the tests is to run on.
    ///
    /// # Panics
    /// When the variable says something else than `embedded` or `cluster`.
    pub(crate) fn of_this_run() -> Self {
        match std::env::var(VARIABLE).as_deref() {
            Err(_) | Ok("" | "embedded") => Self::Embedded,
            Ok("cluster") => Self::Cluster {
                prefix: format!("t{}", Uuid::new_v4().simple().to_string().split_at(12).0),
            },
            Ok(other) => panic!("{VARIABLE} is `embedded` or `cluster`, not {other:?}"),
        }
    }

    /// What the program is told of its engines.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let Self::Cluster { prefix } = self else {
            return Vec::new();
        };
        let engines = engines::shared();
        vec![
            ("TILLROLL_KAFKA", engines.kafka().to_owned()),
            ("TILLROLL_SCHEMA_REGISTRY", engines.registry().to_owned()),
            ("TILLROLL_SCYLLA", engines.cassandra().to_owned()),
            ("TILLROLL_PREFIX", prefix.clone()),
            ("TILLROLL_KAFKA_REPLICATION", "1".to_owned()),
            ("TILLROLL_SCYLLA_REPLICATION", "1".to_owned()),
            // Enough for shards to differ; a broker with little memory serves many shops.
            ("TILLROLL_PARTITIONS", "4".to_owned()),
        ]
    }

    /// Takes the shop's topics and keyspaces away, so that the engines stay quick for the next one.
    pub(crate) fn remove(&self) {
        let Self::Cluster { prefix } = self else { return };
        let prefix = prefix.clone();
        // A test's thread may be inside a runtime of its own.
        let removing = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let _ = tokio::time::timeout(REMOVE_WITHIN, remove_topics(&prefix)).await;
                let _ = tokio::time::timeout(REMOVE_WITHIN, remove_keyspaces(&prefix)).await;
            });
            Ok::<_, std::io::Error>(())
        });
        let _ = removing.join();
    }
}

async fn remove_topics(prefix: &str) -> Result<(), rdkafka::error::KafkaError> {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", engines::shared().kafka());
    let admin: AdminClient<DefaultClientContext> = config.create()?;
    let topics = TOPICS.map(|topic| format!("{prefix}.{topic}"));
    let names = topics.each_ref().map(String::as_str);
    admin.delete_topics(&names, &AdminOptions::new()).await.map(drop)
}

async fn remove_keyspaces(prefix: &str) -> Result<(), Box<dyn std::error::Error>> {
    let session = SessionBuilder::new()
        .known_node(engines::shared().cassandra())
        .build()
        .await?;
    for keyspace in KEYSPACES {
        let statement = format!("DROP KEYSPACE IF EXISTS {prefix}_{keyspace}");
        session.query_unpaged(statement, &[]).await?;
    }
    Ok(())
}
