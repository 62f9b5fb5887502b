//! Parked streams: which they are, and reading them again once this program, or the registry, has learned how.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::Decided;
use domain::stream::{Shard, StreamId};
use event_log::follower::decode_commit;
use event_log::{Fold, Kind, LogError, Record, Verdict};
use thiserror::Error;

use super::Runner;
use super::cell::Cell;
use crate::shard::{Changed, Input, Versioned};
use crate::state_db::StateDbError;

/// Most records that are read again at once.
const READ_RECORDS_MAX: usize = 1_000;
/// Most bytes that are read again at once.
const READ_BYTES_MAX: usize = 4 * 1024 * 1024;
/// How often a shard that goes on meanwhile is followed to its end, before its operator is told to ask again.
const MEETINGS_MAX: u32 = 100;

/// Why parked streams cannot be listed or read again.
#[derive(Debug, Error)]
pub enum ParkedError {
    /// What is kept of the streams cannot be read.
    #[error(transparent)]
    StateDb(#[from] StateDbError),
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The log is not intact.
    #[error("{shard}: {why}")]
    Halted {
        /// Where.
        shard: Shard,
        /// How that showed.
        why: String,
    },
    /// Asking again later may help: a schema is not to be had just now, or too much is being written.
    #[error("{0}")]
    NotReady(String),
}

impl Runner {
    /// The parked streams of all shards. Looks at every state that is kept. Blocks.
    pub(crate) fn parked(&self) -> Result<Vec<(Shard, StreamId)>, ParkedError> {
        self.state_db.flush();
        let mut parked = Vec::new();
        for shard in self.cells.keys() {
            self.state_db.scan(*shard, "", |stream, versioned| {
                if versioned.state.is_none() {
                    parked.push((*shard, stream));
                }
            })?;
        }
        Ok(parked)
    }

    /// Reads every parked stream again, from its first event on, while everything else goes on. Gives those that
    /// still cannot be read. Blocks.
    pub(crate) fn retry_parked(&self) -> Result<Vec<(Shard, StreamId)>, ParkedError> {
        let mut of_shards: BTreeMap<Shard, BTreeMap<StreamId, Versioned>> = BTreeMap::new();
        for (shard, stream) in self.parked()? {
            let initial = Versioned::initial(&stream);
            of_shards.entry(shard).or_default().insert(stream, initial);
        }
        for (shard, streams) in of_shards {
            if let Some(cell) = self.cells.get(&shard) {
                self.read_again(cell, streams)?;
            }
        }
        self.state_db.flush();
        self.parked()
    }

    fn read_again(&self, cell: &Cell, streams: BTreeMap<StreamId, Versioned>) -> Result<(), ParkedError> {
        let mut again = Again {
            runner: self,
            shard: cell.shard,
            fold: Fold::default(),
            streams,
        };
        for _ in 0..MEETINGS_MAX {
            // The long way without the lock: nobody who serves waits for a broker.
            let reached = cell.lock().machine.fold().offset;
            again.read_to(reached)?;
            // The rest with it, as far as that is at hand: then both have read the same.
            let mut inner = cell.lock();
            if !again.read_known_to(inner.machine.fold().offset)? {
                continue;
            }
            let readable = again
                .streams
                .into_iter()
                .filter(|(_, versioned)| versioned.state.is_some());
            let changed = readable.map(|(stream, Versioned { version, state })| Changed { stream, version, state });
            self.drive(cell, &mut inner, Input::Unparked(changed.collect()));
            return Ok(());
        }
        Err(ParkedError::NotReady(format!(
            "{} goes on faster than it is read",
            cell.shard
        )))
    }
}

/// A shard, read again for some of its streams.
struct Again<'a> {
    runner: &'a Runner,
    shard: Shard,
    fold: Fold,
    streams: BTreeMap<StreamId, Versioned>,
}

impl Again<'_> {
    fn read_to(&mut self, last: i64) -> Result<(), ParkedError> {
        while self.fold.offset < last {
            let next = self.fold.offset + 1;
            let records = self
                .runner
                .log
                .read(self.shard, next, READ_RECORDS_MAX, READ_BYTES_MAX)?;
            if records.is_empty() {
                return Err(self.halted(format!("no record at offset {next}")));
            }
            for record in records.iter().take_while(|record| record.offset <= last) {
                self.take(record)?;
            }
        }
        Ok(())
    }

    /// As [`Again::read_to`], without waiting for anybody; false when something is not at hand.
    fn read_known_to(&mut self, last: i64) -> Result<bool, ParkedError> {
        while self.fold.offset < last {
            let (log, next) = (&self.runner.log, self.fold.offset + 1);
            let records = log.read_known(self.shard, next, READ_RECORDS_MAX, READ_BYTES_MAX)?;
            let is_at_hand = |record: &Record| self.runner.codec.is_ready(&record.payload);
            if records.is_empty() || !records.iter().all(|record| is_at_hand(record)) {
                return Ok(false);
            }
            for record in records.iter().take_while(|record| record.offset <= last) {
                self.take(record)?;
            }
        }
        Ok(true)
    }

    fn take(&mut self, record: &Record) -> Result<(), ParkedError> {
        let verdict = self.fold.apply(record.offset, &record.envelope);
        let verdict = verdict.map_err(|halt| self.halted(halt.to_string()))?;
        let touched = &record.envelope.streams;
        let is_about_them = touched.iter().any(|touched| self.streams.contains_key(&touched.stream));
        if verdict != Verdict::Accepted || record.envelope.kind != Kind::Commit || !is_about_them {
            return Ok(());
        }
        let codec = self.runner.codec.as_ref();
        codec.prepare(&record.payload).map_err(ParkedError::NotReady)?;
        let Ok(events) = decode_commit(codec, record) else {
            for touched in touched.iter().filter(|touched| touched.events > 0) {
                if let Some(versioned) = self.streams.get_mut(&touched.stream) {
                    versioned.state = None;
                    versioned.version = touched.version;
                }
            }
            return Ok(());
        };
        for Decided { stream, event } in events {
            let Some(versioned) = self.streams.get_mut(&stream) else {
                continue;
            };
            if let Some(state) = &mut versioned.state {
                Arc::make_mut(state).evolve(&event);
            }
        }
        // Also of a commit that is done without.
        for touched in touched.iter().filter(|touched| touched.events > 0) {
            if let Some(versioned) = self.streams.get_mut(&touched.stream) {
                versioned.version = touched.version;
            }
        }
        Ok(())
    }

    fn halted(&self, why: String) -> ParkedError {
        ParkedError::Halted { shard: self.shard, why }
    }
}
