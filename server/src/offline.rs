//! Commands on a data directory that no server runs on: opened here, looked at, closed again.

use std::sync::Arc;

use event_log::EventLog;
use event_log::sqlite::DirectoryLock;
use schemas::Codec;

use crate::backends::{EngineError, Roll};
use crate::data_dir::DataDir;
use crate::deployment::Deployment;
use crate::parked::skips;

/// A log and what reads its payloads.
pub(crate) struct OfflineLog {
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) codec: Arc<Codec>,
    close: Box<dyn FnOnce() + Send>,
}

impl OfflineLog {
    /// Opens the log of a data directory, alone.
    ///
    /// # Errors
    /// See [`EngineError`].
    pub(crate) async fn open(deployment: &Deployment, data: &DataDir, partitions: u32) -> Result<Self, EngineError> {
        let lock = Arc::new(DirectoryLock::acquire(data.root())?);
        let mut roll = Roll::open(deployment, data, &lock, partitions).await?;
        Ok(Self {
            close: roll.take_close(),
            log: roll.log,
            codec: roll.codec,
        })
    }

    /// Lets something look at it on a thread that may wait, and closes it.
    ///
    /// # Errors
    /// [`EngineError::Interrupted`].
    pub(crate) async fn look<T: Send + 'static>(
        self,
        look: impl FnOnce(&Arc<dyn EventLog>, &Arc<Codec>) -> T + Send + 'static,
    ) -> Result<T, EngineError> {
        let seen = tokio::task::spawn_blocking(move || {
            if let Err(error) = skips::load(&*self.log, &self.codec) {
                tracing::warn!(%error, "what is skipped could not be read");
            }
            let seen = look(&self.log, &self.codec);
            (self.close)();
            seen
        });
        Ok(seen.await?)
    }
}
