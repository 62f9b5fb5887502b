//! Waiting for a stream to change.

use std::sync::Arc;

use domain::ConsistencyToken;
use domain::stream::StreamId;
use tokio::sync::Notify;

use super::Runner;
use crate::commands::Seen;
use crate::error::CommandError;

/// Hears of changes of one stream while it lives.
pub(crate) struct Watch<'a> {
    runner: &'a Runner,
    stream: &'a StreamId,
    pub(crate) changed: Arc<Notify>,
}

impl Runner {
    pub(crate) fn watch<'a>(&'a self, stream: &'a StreamId) -> Result<Watch<'a>, CommandError> {
        let cell = self
            .cells
            .get(&stream.shard(self.partitions))
            .ok_or(CommandError::Misrouted)?;
        let mut inner = cell.lock();
        let changed = Arc::clone(inner.watched.entry(stream.clone()).or_default());
        Ok(Watch {
            runner: self,
            stream,
            changed,
        })
    }
}

impl Watch<'_> {
    /// The committed state, if it is in memory and this process serves the shard.
    pub(crate) fn committed(&self) -> Option<Seen> {
        let shard = self.stream.shard(self.runner.partitions);
        let inner = self.runner.cells.get(&shard)?.lock();
        inner.machine.serves()?;
        let versioned = inner.machine.committed(self.stream)?;
        Some(Seen {
            state: versioned.state.clone()?,
            version: versioned.version,
            token: ConsistencyToken::at(shard, inner.machine.fold().seq),
        })
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        let Some(cell) = self.runner.cells.get(&self.stream.shard(self.runner.partitions)) else {
            return;
        };
        let mut inner = cell.lock();
        // The map's own and this one.
        if Arc::strong_count(&self.changed) <= 2 {
            inner.watched.remove(self.stream);
        }
    }
}
