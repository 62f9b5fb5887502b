//! What is written together: the last state of each stream, whatever came before it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use domain::State;
use domain::stream::{Shard, StreamId};
use domain::value::Timestamp;
use event_log::{Checkpoint, Fold};
use rusqlite::{Connection, params};

use super::StateDbError;
use super::filter::Filter;
use super::row::{seal_answer, seal_checkpoint, seal_state, shard_number};
use crate::runner::is_unfinished;
use crate::shard::{Committed, Kept};

/// Folded records that are not in the file yet.
#[derive(Default)]
pub(super) struct Batch {
    streams: HashMap<StreamId, Latest>,
    answers: Vec<(Shard, Kept)>,
    folds: BTreeMap<Shard, (Fold, Timestamp)>,
    /// How many records it stands for.
    pub(super) records: usize,
}

struct Latest {
    shard: Shard,
    version: u64,
    state: Option<Arc<State>>,
}

impl Batch {
    pub(super) fn take_in(&mut self, shard: Shard, committed: Committed) {
        self.records += 1;
        self.folds.insert(shard, (committed.fold, committed.at));
        for changed in committed.changed {
            let latest = Latest {
                shard,
                version: changed.version,
                state: changed.state,
            };
            self.streams.insert(changed.stream, latest);
        }
        if let Some(kept) = committed.kept {
            self.answers.push((shard, kept));
        }
    }

    /// Forgets what a shard's records came to.
    pub(super) fn leave_out(&mut self, shard: Shard) {
        self.streams.retain(|_, latest| latest.shard != shard);
        self.answers.retain(|(of, _)| *of != shard);
        self.folds.remove(&shard);
    }

    /// Where each shard's fold stands after this batch.
    pub(super) fn folds(&self) -> impl Iterator<Item = (Shard, &Fold, Timestamp)> {
        self.folds.iter().map(|(shard, (fold, at))| (*shard, fold, *at))
    }

    /// Lets the filters know what is in the file now.
    pub(super) fn tell(&self, streams: &Filter, answers: &Filter) {
        for stream in self.streams.keys() {
            streams.take_in(stream);
        }
        for (shard, kept) in &self.answers {
            answers.take_in_until_passed(&kept.command, *shard, kept.outcome.at);
        }
    }

    pub(super) fn write(
        &self,
        connection: &mut Connection,
        checkpoints: &BTreeMap<Shard, Checkpoint>,
    ) -> Result<(), StateDbError> {
        let transaction = connection.transaction()?;
        self.write_streams(&transaction)?;
        fail::fail_point!("snapshot-half-written", |_| std::process::abort());
        self.write_answers(&transaction)?;
        write_checkpoints(&transaction, checkpoints)?;
        transaction.commit()?;
        fail::fail_point!("snapshot-written", |_| std::process::abort());
        Ok(())
    }

    fn write_streams(&self, connection: &Connection) -> Result<(), StateDbError> {
        let mut upsert = connection.prepare_cached(
            "INSERT INTO streams (shard, stream, version, due, unfinished, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (shard, stream) DO UPDATE SET
                version = excluded.version, due = excluded.due, unfinished = excluded.unfinished,
                state = excluded.state",
        )?;
        let mut bytes = Vec::new();
        for (stream, latest) in &self.streams {
            let name = stream.to_string();
            seal_state(&name, latest.version, latest.state.as_deref(), &mut bytes);
            let state = latest.state.as_deref();
            let due = state.and_then(|state| state.due(stream)).map(|due| due.at.0);
            let unfinished = state.is_some_and(is_unfinished).then_some(1);
            let version = i64::try_from(latest.version).unwrap_or(i64::MAX);
            upsert.execute(params![
                shard_number(latest.shard),
                name,
                version,
                due,
                unfinished,
                bytes
            ])?;
        }
        Ok(())
    }

    fn write_answers(&self, connection: &Connection) -> Result<(), StateDbError> {
        let mut insert =
            connection.prepare_cached("INSERT INTO answers (shard, command, at, answer) VALUES (?1, ?2, ?3, ?4)")?;
        let mut bytes = Vec::new();
        for (shard, kept) in &self.answers {
            seal_answer(kept, &mut bytes);
            let command = kept.command.0.as_bytes().as_slice();
            insert.execute(params![shard_number(*shard), command, kept.outcome.at.0, bytes])?;
        }
        Ok(())
    }
}

fn write_checkpoints(connection: &Connection, checkpoints: &BTreeMap<Shard, Checkpoint>) -> Result<(), StateDbError> {
    let mut upsert = connection.prepare_cached(
        "INSERT INTO checkpoints (shard, checkpoint) VALUES (?1, ?2)
         ON CONFLICT (shard) DO UPDATE SET checkpoint = excluded.checkpoint",
    )?;
    let mut bytes = Vec::new();
    for (shard, checkpoint) in checkpoints {
        let name = shard.to_string();
        seal_checkpoint(&name, checkpoint, &mut bytes);
        upsert.execute(params![name, bytes])?;
    }
    Ok(())
}
