//! Commands on a data directory that no server runs on: opened here, looked at, closed again.

use std::sync::Arc;

use event_log::EventLog;
use event_log::sqlite::{DirectoryLock, LockError, OpenError, SqliteLog, SqliteOptions};
use schemas::{Codec, CodecError, FileIds, IdsError};
use thiserror::Error;
use tokio::sync::mpsc;

use crate::data_dir::DataDir;

/// Why a data directory cannot be opened.
#[derive(Debug, Error)]
pub(crate) enum OfflineError {
    /// Somebody else has it.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// There is no usable log in it.
    #[error(transparent)]
    Log(#[from] OpenError),
    /// The schemas of its payloads cannot be read.
    #[error(transparent)]
    Ids(#[from] IdsError),
    /// The schemas of its payloads cannot be used.
    #[error(transparent)]
    Codec(#[from] CodecError),
}

/// A log and what reads its payloads.
pub(crate) struct OfflineLog {
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) codec: Arc<Codec>,
}

impl OfflineLog {
    /// Opens the log of a data directory, alone.
    ///
    /// # Errors
    /// See [`OfflineError`].
    pub(crate) fn open(data: &DataDir, partitions: u32) -> Result<Self, OfflineError> {
        let lock = Arc::new(DirectoryLock::acquire(data.root())?);
        let codec = open_codec(data)?;
        // Nothing is appended, so nothing is delivered.
        let (deliveries, _) = mpsc::unbounded_channel();
        let options = SqliteOptions {
            partitions,
            ..SqliteOptions::default()
        };
        let log = SqliteLog::open(&lock, options, deliveries)?;
        Ok(Self {
            log: Arc::new(log),
            codec: Arc::new(codec),
        })
    }
}

/// What reads and writes the payloads of a data directory.
///
/// # Errors
/// The file of schema ids cannot be read, or names other schemas.
pub(crate) fn open_codec(data: &DataDir) -> Result<Codec, OfflineError> {
    let ids = FileIds::open(data.path("schema-ids.json"))?;
    Ok(Codec::open(Box::new(ids))?)
}
