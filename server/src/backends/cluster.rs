//! Kafka, a schema registry, ScyllaDB or Cassandra.

use std::sync::Arc;
use std::time::Duration;

use access::SECRET_BYTES;
use event_log::Delivered;
use event_log::kafka::{KafkaError, KafkaLog, KafkaMembership, KafkaOptions};
use read_store::ReadStore;
use read_store::scylla::{ScyllaOptions, ScyllaStore};
use schemas::registry::{RegistryIds, RegistryOptions};
use schemas::{Codec, CodecError, ScyllaKeys, ScyllaKeysOptions, SealError, Sealer};
use tokio::sync::mpsc::{self, UnboundedReceiver};
use uuid::Uuid;

use super::{EngineError, Roll};
use crate::data_dir::DataDir;
use crate::deployment::Cluster;

/// Where the numbers of schemas are kept, so that a restart needs no registry.
const SCHEMA_IDS: &str = "registry-ids.json";
/// The first pause before an engine is asked again that was not there.
const ASK_AGAIN_MIN: Duration = Duration::from_millis(200);
/// The longest one.
const ASK_AGAIN_MAX: Duration = Duration::from_secs(5);

/// The log in Kafka. Waits for as long as the registry is away and its schemas' numbers are not known yet.
pub(super) async fn roll(engines: &Cluster, data: &DataDir, partitions: u32) -> Result<Roll, EngineError> {
    // A name of this process: one that comes back after a death is somebody else.
    let node = Uuid::now_v7().to_string();
    let registry = RegistryOptions {
        url: engines.schema_registry.clone(),
        prefix: engines.prefix.clone(),
        cache: data.path(SCHEMA_IDS),
    };
    let codec = asking_again("the schema registry", async || {
        let registry = registry.clone();
        tokio::task::spawn_blocking(move || Ok(Codec::open(Box::new(RegistryIds::open(registry)?))?)).await?
    })
    .await?;
    let options = KafkaOptions {
        bootstrap: engines.kafka.clone(),
        prefix: engines.prefix.clone(),
        node: node.clone(),
        partitions,
        replication: engines.kafka_replication,
        ..KafkaOptions::default()
    };
    let opened = asking_again("Kafka", async || {
        let options = options.clone();
        tokio::task::spawn_blocking(move || open_log(&options)).await?
    });
    let (log, delivered, membership) = opened.await?;
    let (closed, left) = (Arc::clone(&log), Arc::clone(&membership));
    Ok(Roll {
        log,
        delivered,
        codec: Arc::new(codec),
        node,
        membership,
        close: Box::new(move || {
            left.leave();
            closed.close();
        }),
    })
}

type OpenLog = (Arc<KafkaLog>, UnboundedReceiver<Vec<Delivered>>, Arc<KafkaMembership>);

fn open_log(options: &KafkaOptions) -> Result<OpenLog, EngineError> {
    let (deliveries, delivered) = mpsc::unbounded_channel();
    let log = KafkaLog::open(options.clone(), deliveries)?;
    let membership = KafkaMembership::join(options)?;
    Ok((Arc::new(log), delivered, Arc::new(membership)))
}

/// The read models in CQL.
pub(super) async fn store(engines: &Cluster) -> Result<Arc<dyn ReadStore>, EngineError> {
    let store = asking_again("the read store", async || {
        let (user, password) = engines.scylla_login.clone().unzip();
        let options = ScyllaOptions {
            contact_points: engines.scylla.clone(),
            keyspace_prefix: engines.prefix.clone(),
            replication: engines.scylla_replication,
            user,
            password,
        };
        Ok(ScyllaStore::open(options).await?)
    });
    Ok(Arc::new(store.await?))
}

/// What seals under keys in CQL.
pub(super) async fn sealer(engines: &Cluster, master: &[u8; SECRET_BYTES]) -> Result<Sealer, EngineError> {
    asking_again("the store of keys", async || {
        let (user, password) = engines.scylla_login.clone().unzip();
        let options = ScyllaKeysOptions {
            contact_points: engines.scylla.clone(),
            keyspace_prefix: engines.prefix.clone(),
            replication: engines.scylla_replication,
            user,
            password,
        };
        let keys = Box::new(ScyllaKeys::open(options).await?);
        let master = *master;
        Ok(tokio::task::spawn_blocking(move || Sealer::with_keys(keys, &master)).await??)
    })
    .await
}

/// Opens an engine; while it is not there, asks again and says so. Ends with the process.
async fn asking_again<T>(engine: &str, open: impl AsyncFn() -> Result<T, EngineError>) -> Result<T, EngineError> {
    let mut pause: Duration = ASK_AGAIN_MIN;
    loop {
        match open().await {
            Err(error) if may_come(&error) => {
                tracing::warn!(%error, again_in = ?pause, "waiting for {engine}");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(ASK_AGAIN_MAX);
            }
            done => return done,
        }
    }
}

/// Whether the engine may only not be there yet.
fn may_come(error: &EngineError) -> bool {
    match error {
        EngineError::Kafka(error) => matches!(error, KafkaError::Unreachable { .. }),
        EngineError::Store(error) => error.is_retryable(),
        EngineError::Keys(error) | EngineError::Sealing(SealError::Keys(error)) => error.is_retryable(),
        EngineError::Ids(error) | EngineError::Codec(CodecError::Ids(error)) => error.is_retryable(),
        _ => false,
    }
}
