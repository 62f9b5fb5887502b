//! The engines a shop runs on, opened: the only place that names an adapter.

use std::sync::Arc;

use access::SECRET_BYTES;
use event_log::sqlite::{DirectoryLock, LockError, OpenError, SqliteLog, SqliteOptions};
use event_log::{Alone, Delivered, EventLog, Membership};
use read_store::sqlite::SqliteStore;
use read_store::{ReadStore, StoreError};
use schemas::{Codec, CodecError, FileIds, IdsError, KeyStoreError, SealError, Sealer, SqliteKeys};
use thiserror::Error;
use tokio::sync::mpsc;

use crate::data_dir::DataDir;
use crate::deployment::Deployment;

#[cfg(feature = "cluster")]
mod cluster;

/// The name of the only node of an embedded shop, in its log.
const ONLY_NODE: &str = "embedded";

/// Why an engine cannot be used.
#[derive(Debug, Error)]
pub enum EngineError {
    /// Somebody else has the data directory.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The embedded log cannot be opened.
    #[error(transparent)]
    Log(#[from] OpenError),
    /// The log in Kafka cannot be opened.
    #[cfg(feature = "cluster")]
    #[error(transparent)]
    Kafka(#[from] event_log::kafka::KafkaError),
    /// The read store cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The keys of personal fields cannot be opened.
    #[error(transparent)]
    Keys(#[from] KeyStoreError),
    /// The keys of personal fields cannot be used: the master key is another one, for example.
    #[error(transparent)]
    Sealing(#[from] SealError),
    /// The numbers of the schemas cannot be had.
    #[error(transparent)]
    Ids(#[from] IdsError),
    /// The schemas cannot be used.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// A cluster was asked of a program that was built without one.
    #[error("this program was built without the engines of a cluster (cargo feature `cluster`)")]
    NotBuilt,
    /// Opening was interrupted.
    #[error("opening an engine was interrupted: {0}")]
    Interrupted(#[from] tokio::task::JoinError),
}

/// The log, and what reads and writes its payloads.
pub(crate) struct Roll {
    /// The log itself.
    pub(crate) log: Arc<dyn EventLog>,
    /// What becomes of appends.
    pub(crate) delivered: mpsc::UnboundedReceiver<Vec<Delivered>>,
    /// Events to payloads, and back.
    pub(crate) codec: Arc<Codec>,
    /// This node's name, in claims.
    pub(crate) node: String,
    /// Which other nodes are alive.
    pub(crate) membership: Arc<dyn Membership>,
    close: Box<dyn FnOnce() + Send>,
}

impl Roll {
    /// Opens the log of a data directory that this process holds.
    ///
    /// # Errors
    /// See [`EngineError`].
    pub(crate) async fn open(
        deployment: &Deployment,
        data: &DataDir,
        lock: &Arc<DirectoryLock>,
        partitions: u32,
    ) -> Result<Self, EngineError> {
        match deployment {
            Deployment::Embedded => Self::embedded(data, lock, partitions),
            #[cfg(feature = "cluster")]
            Deployment::Cluster(engines) => cluster::roll(engines, data, partitions).await,
            #[cfg(not(feature = "cluster"))]
            Deployment::Cluster(_) => Err(EngineError::NotBuilt),
        }
    }

    fn embedded(data: &DataDir, lock: &Arc<DirectoryLock>, partitions: u32) -> Result<Self, EngineError> {
        let ids = FileIds::open(data.path("schema-ids.json"))?;
        let codec = Arc::new(Codec::open(Box::new(ids))?);
        let (deliveries, delivered) = mpsc::unbounded_channel();
        let options = SqliteOptions {
            partitions,
            ..SqliteOptions::default()
        };
        let log = Arc::new(SqliteLog::open(lock, options, deliveries)?);
        Ok(Self {
            log: log.clone(),
            delivered,
            codec,
            node: ONLY_NODE.to_owned(),
            membership: Arc::new(Alone),
            close: Box::new(move || log.close()),
        })
    }

    /// What closes the log, once nobody uses it any more. Blocks.
    pub(crate) fn take_close(&mut self) -> Box<dyn FnOnce() + Send> {
        std::mem::replace(&mut self.close, Box::new(|| ()))
    }
}

/// The read models.
///
/// # Errors
/// See [`EngineError`].
pub(crate) async fn open_store(deployment: &Deployment, data: &DataDir) -> Result<Arc<dyn ReadStore>, EngineError> {
    match deployment {
        Deployment::Embedded => Ok(Arc::new(SqliteStore::open(&data.path("read.db"))?)),
        #[cfg(feature = "cluster")]
        Deployment::Cluster(engines) => cluster::store(engines).await,
        #[cfg(not(feature = "cluster"))]
        Deployment::Cluster(_) => Err(EngineError::NotBuilt),
    }
}

/// What seals personal fields, under keys that are kept where the read models are.
///
/// # Errors
/// See [`EngineError`]; also when the keys were wrapped with another master key.
pub(crate) async fn open_sealer(
    deployment: &Deployment,
    data: &DataDir,
    master: &[u8; SECRET_BYTES],
) -> Result<Sealer, EngineError> {
    match deployment {
        Deployment::Embedded => {
            let keys = SqliteKeys::open(&data.path("keys.db"))?;
            Ok(Sealer::with_keys(Box::new(keys), master)?)
        }
        #[cfg(feature = "cluster")]
        Deployment::Cluster(engines) => cluster::sealer(engines, master).await,
        #[cfg(not(feature = "cluster"))]
        Deployment::Cluster(_) => Err(EngineError::NotBuilt),
    }
}
