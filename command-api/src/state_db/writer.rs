//! The one thread that writes the file.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use domain::stream::Shard;
use domain::value::Timestamp;
use event_log::{Checkpoint, EventLog, Fold, LogError};
use rusqlite::{Connection, params};

use super::batch::Batch;
use super::{Shared, StateDbError, schema};
use crate::limits::KEY_WINDOW_MS;
use crate::state_db::row::shard_number;

/// Most records that are written together.
pub(super) const BATCH_RECORDS_MAX: usize = 4_000;
/// How long a record may wait for others to be written with.
const LINGER: Duration = Duration::from_millis(500);
/// How long to wait before writing again what could not be written.
const RETRY: Duration = Duration::from_secs(1);
/// Answers that are looked at, after each batch, for being past their window.
const ANSWERS_SWEPT_MAX: i64 = 4_000;

pub(super) struct Writer {
    connection: Connection,
    log: Arc<dyn EventLog>,
    shared: Arc<Shared>,
    batch: Batch,
    /// Shards whose log is damaged: nothing more is written of them, and the others go on.
    damaged: BTreeSet<Shard>,
    /// The log's time in each shard, as far as the file reaches.
    times: BTreeMap<Shard, Timestamp>,
    /// The last answer that was looked at for being past its window.
    swept: i64,
}

impl Writer {
    pub(super) fn new(
        connection: Connection,
        log: Arc<dyn EventLog>,
        shared: Arc<Shared>,
        checkpoints: BTreeMap<Shard, Checkpoint>,
    ) -> Self {
        Self {
            connection,
            log,
            shared,
            batch: Batch::default(),
            damaged: BTreeSet::new(),
            times: checkpoints
                .into_iter()
                .map(|(shard, found)| (shard, found.at))
                .collect(),
            swept: 0,
        }
    }

    pub(super) fn run(mut self) {
        let mut is_stuck = false;
        loop {
            let taken = if is_stuck {
                self.shared.inbox.take_after(RETRY)
            } else {
                self.shared.inbox.take(LINGER)
            };
            for (shard, committed) in taken.committed {
                if !self.damaged.contains(&shard) {
                    self.batch.take_in(shard, committed);
                }
            }
            is_stuck = !self.write();
            if taken.is_distrusted
                && let Err(error) = schema::distrust(&self.connection)
            {
                tracing::error!(%error, "state.db cannot be marked as damaged");
            }
            for done in taken.flushes {
                // Who asked may have given up.
                let _ = done.send(());
            }
            if taken.is_closed {
                return;
            }
        }
    }

    /// Writes the batch, and keeps it when that is not possible.
    fn write(&mut self) -> bool {
        if self.batch.records == 0 {
            return true;
        }
        if let Err(error) = self.try_to_write() {
            tracing::error!(%error, records = self.batch.records, "state.db cannot be written for now");
            return false;
        }
        self.batch.tell(&self.shared.streams, &self.shared.answers);
        for (shard, fold, at) in self.batch.folds() {
            self.times.insert(shard, at);
            if let Some(written) = self.shared.written.get(&shard) {
                written.store(fold.seq, Ordering::Release);
            }
        }
        self.batch = Batch::default();
        if let Err(error) = self.sweep() {
            tracing::warn!(%error, "old answers cannot be removed for now");
        }
        true
    }

    fn try_to_write(&mut self) -> Result<(), StateDbError> {
        let mut checkpoints = BTreeMap::new();
        for (shard, fold, at) in self.batch.folds() {
            match self.checkpoint(shard, fold, at) {
                Ok(checkpoint) => {
                    checkpoints.insert(shard, checkpoint);
                }
                Err(error) if !error.is_retryable() => {
                    tracing::error!(%shard, %error, "state.db keeps what it has of this shard: its log is damaged");
                    self.damaged.insert(shard);
                }
                Err(error) => return Err(StateDbError::Io(std::io::Error::other(error.to_string()))),
            }
        }
        for shard in &self.damaged {
            self.batch.leave_out(*shard);
        }
        self.batch.write(&mut self.connection, &checkpoints)
    }

    fn checkpoint(&self, shard: Shard, fold: &Fold, at: Timestamp) -> Result<Checkpoint, LogError> {
        let records = self.log.read(shard, fold.offset, 1, usize::MAX)?;
        let record = records.first().filter(|record| record.offset == fold.offset);
        let record = record.ok_or_else(|| LogError::Unavailable(format!("{shard} has no record {}", fold.offset)))?;
        Ok(Checkpoint::after(fold, at, record))
    }

    /// Removes answers past their window, by the time of their own shard's log: a few after each batch, going
    /// round through those old enough to be looked at.
    fn sweep(&mut self) -> Result<(), StateDbError> {
        let Some(latest) = self.times.values().max() else {
            return Ok(());
        };
        let mut select = self
            .connection
            .prepare_cached("SELECT number, shard, at FROM answers WHERE number > ?1 ORDER BY number LIMIT ?2")?;
        let mut rows = select.query(params![self.swept, ANSWERS_SWEPT_MAX])?;
        let mut expired = Vec::new();
        let mut last = None;
        while let Some(row) = rows.next()? {
            let (number, shard, at): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            if at >= latest.0 - KEY_WINDOW_MS {
                last = None;
                break;
            }
            last = Some(number);
            if self
                .times
                .iter()
                .any(|(known, time)| shard_number(*known) == shard && at < time.0 - KEY_WINDOW_MS)
            {
                expired.push(number);
            }
        }
        self.swept = last.unwrap_or(0);
        drop(rows);
        drop(select);
        if expired.is_empty() {
            return Ok(());
        }
        let transaction = self.connection.transaction()?;
        {
            let mut delete = transaction.prepare_cached("DELETE FROM answers WHERE number = ?1")?;
            for number in &expired {
                delete.execute([number])?;
            }
        }
        transaction.commit()?;
        let kept_since = |shard| Timestamp(self.times.get(&shard).map_or(0, |time| time.0) - KEY_WINDOW_MS);
        self.shared.answers.forget(kept_since);
        Ok(())
    }
}
