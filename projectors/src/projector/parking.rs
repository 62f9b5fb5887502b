//! Commits that cannot be read wait here, and what comes after them for the same view waits behind them.

use std::collections::{BTreeMap, HashMap};

use domain::stream::Shard;
use event_log::follower::decode_commit;
use event_log::{Commit, Decode, EventLog, LogError, Record};
use read_store::model::Clustering;
use read_store::{
    Batch, Direction, Generation, Key, Mutation, PAGE_ROWS_MAX, PageRange, ReadStore, Row, StoreError, Table, Value,
    Version,
};

use super::fold::Step;
use super::{AnyProjector, Projector};
use crate::limits::PARKED_VIEWS_MAX;
use crate::projection::Projection;

/// What retrying parked commits has come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retried {
    /// Commits that could be read now.
    pub taken_in: usize,
    /// Views that are still parked.
    pub views_parked: usize,
}

/// A commit that waits for a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParkedCommit {
    /// Of which projection.
    pub projection: &'static str,
    /// The key of the view that stands still.
    pub view: String,
    /// Where the commit lies.
    pub shard: Shard,
    /// Where in it.
    pub offset: i64,
    /// Its number.
    pub seq: u64,
    /// Why it waits.
    pub why: String,
}

/// What a parked row says.
pub(crate) fn parked_commit(projection: &'static str, row: &Row, seq: u64) -> Result<ParkedCommit, StoreError> {
    let (shard, offset) = place_of(row)?;
    let why = match row.values.get(2) {
        Some(Value::Text(why)) => why.clone(),
        _ => String::new(),
    };
    Ok(ParkedCommit {
        projection,
        view: row.key.partition.clone(),
        shard,
        offset,
        seq,
        why,
    })
}

/// Which views are parked, and since which commit. The commits themselves are rows.
pub(super) struct Parked(BTreeMap<String, u64>);

impl Parked {
    pub(super) async fn load(
        store: &dyn ReadStore,
        table: &'static Table,
        generation: Generation,
    ) -> Result<Self, StoreError> {
        let mut since = BTreeMap::new();
        let mut after = None;
        loop {
            let rows = store.scan(table, generation, after.take(), PAGE_ROWS_MAX).await?;
            let Some((last, _)) = rows.last() else {
                return Ok(Self(since));
            };
            after = Some(last.key.clone());
            for (row, version) in rows {
                since.entry(row.key.partition).or_insert(version);
            }
        }
    }

    /// Whether a commit waits for a view: one from which on it is parked. Earlier ones are read again when rows
    /// were written and the process was stopped before it had stored the position.
    pub(super) fn holds(&self, view: &str, seq: u64) -> bool {
        self.0.get(view).is_some_and(|since| *since <= seq)
    }

    pub(super) fn views(&self) -> usize {
        self.0.len()
    }

    pub(super) fn oldest_seq(&self) -> Option<u64> {
        self.0.values().min().copied()
    }

    /// The row of a commit that waits for a view.
    pub(super) fn park(&mut self, view: &str, commit: &Commit, why: &str) -> Result<Row, StoreError> {
        if self.0.len() >= PARKED_VIEWS_MAX && !self.0.contains_key(view) {
            return Err(StoreError::Damaged(format!(
                "{PARKED_VIEWS_MAX} views are parked: more is wrong than a few commits"
            )));
        }
        // One behind it may have been parked before: a batch is written in any order, and perhaps not to its end.
        let since = self.0.entry(view.to_owned()).or_insert(commit.seq);
        *since = commit.seq.min(*since);
        Ok(Row {
            key: Key {
                partition: view.to_owned(),
                clustering: Clustering::new().integer(commit.seq.cast_signed()).into_bytes(),
            },
            values: vec![
                Value::Text(commit.shard.to_string()),
                Value::Integer(commit.offset),
                Value::Text(why.to_owned()),
            ],
        })
    }
}

/// Where the commit lies that a parked row speaks of.
fn place_of(row: &Row) -> Result<(Shard, i64), StoreError> {
    let damaged = || StoreError::Damaged(format!("the parked row at {:?}", row.key.partition));
    match row.values.as_slice() {
        [Value::Text(shard), Value::Integer(offset), _] => Ok((shard.parse().map_err(|_| damaged())?, *offset)),
        _ => Err(damaged()),
    }
}

/// A parked commit, read and decoded again.
fn read_again(log: &dyn EventLog, decoder: &dyn Decode, (shard, offset): (Shard, i64)) -> Result<Commit, StoreError> {
    let unavailable = |error: LogError| StoreError::Unavailable(error.to_string());
    let found: Option<std::sync::Arc<Record>> = log.read(shard, offset, 1, 0).map_err(unavailable)?.into_iter().next();
    let record = found.filter(|record| record.offset == offset).ok_or_else(|| {
        StoreError::Damaged(format!(
            "the log has no record {offset} in {shard}, where a parked commit was"
        ))
    })?;
    Ok(Commit {
        shard,
        offset,
        at: record.at,
        seq: record.envelope.seq,
        events: decode_commit(decoder, &record),
        record,
        // Nothing is folded on from here.
        fold: event_log::Fold::default(),
    })
}

impl<P: Projection> Projector<P> {
    /// Takes in what can be read now: of each view from its oldest commit on, up to the first that still cannot
    /// be read.
    pub(super) async fn retry(&mut self, log: &dyn EventLog, decoder: &dyn Decode) -> Result<Retried, StoreError> {
        let mut retried = Retried::default();
        let views: Vec<String> = self.parked.0.keys().cloned().collect();
        for view in views {
            let parked_since = self.parked.0.remove(&view);
            match self.retry_view(&view, log, decoder).await {
                Ok((taken_in, left)) => {
                    retried.taken_in += taken_in;
                    if let Some(seq) = left {
                        self.parked.0.insert(view, seq);
                    }
                }
                Err(error) => {
                    self.forget_changes();
                    self.parked.0.extend(parked_since.map(|seq| (view, seq)));
                    return Err(error);
                }
            }
        }
        retried.views_parked = self.parked.views();
        Ok(retried)
    }

    /// How many commits could be read, and the first one that could not.
    async fn retry_view(
        &mut self,
        view: &str,
        log: &dyn EventLog,
        decoder: &dyn Decode,
    ) -> Result<(usize, Option<u64>), StoreError> {
        // One that was read before the view was parked may be older than the parked rows: another process may have
        // taken the first of them in.
        drop(self.cache.take(view));
        let mut loaded = self.load_one(view).await?;
        let mut taken_in = 0;
        let mut range = PageRange::default();
        loop {
            let direction = Direction::Forward;
            let rows = self
                .store
                .page(P::PARKED, self.generation, view, range, direction, PAGE_ROWS_MAX)
                .await?;
            let Some(last) = rows.last() else {
                return Ok((taken_in, None));
            };
            range = PageRange {
                after: Some(last.key.clustering.clone()),
                before: None,
            };
            let (unparked, left) = self.take_parked(view, rows, &mut loaded, log, decoder)?;
            taken_in += unparked.len();
            self.write_unparked(unparked).await?;
            if left.is_some() {
                return Ok((taken_in, left));
            }
        }
    }

    /// What takes the rows away of commits that could be read, and the first commit that could not.
    fn take_parked(
        &mut self,
        view: &str,
        rows: Vec<Row>,
        loaded: &mut HashMap<String, read_store::model::Versioned<P::View>>,
        log: &dyn EventLog,
        decoder: &dyn Decode,
    ) -> Result<(Vec<Mutation>, Option<u64>), StoreError> {
        let mut unparked = Vec::new();
        for row in rows {
            let commit = read_again(log, decoder, place_of(&row)?)?;
            let seq: Version = commit.seq;
            let step = Step::of_view::<P>(&commit, view);
            if step.as_ref().is_some_and(|step| !step.is_decodable()) {
                return Ok((unparked, Some(seq)));
            }
            if let Some(step) = step {
                self.fold(step, loaded)?;
            }
            unparked.push(Mutation::Delete {
                table: P::PARKED,
                key: row.key,
                // The row was written with this commit's version: only a later delete takes it away.
                version: seq + 1,
            });
        }
        Ok((unparked, None))
    }

    async fn load_one(&self, view: &str) -> Result<HashMap<String, read_store::model::Versioned<P::View>>, StoreError> {
        let key = Key::of(view.to_owned());
        let rows = self
            .store
            .get(Self::views_table(), self.generation, std::slice::from_ref(&key))
            .await?;
        let views = rows.into_iter().flatten().map(|row| {
            let view = read_store::model::Versioned::of_row(&row)?;
            Ok((row.key.partition, view))
        });
        views.collect()
    }

    /// Writes the views with what they were waiting for, and takes that away once they are written: who is
    /// stopped in between finds it again, and takes it in for nothing.
    async fn write_unparked(&mut self, unparked: Vec<Mutation>) -> Result<(), StoreError> {
        let batch = self.changes()?;
        self.store.apply(std::slice::from_ref(&batch)).await?;
        self.store.progress().amended(P::NAME, self.generation);
        AnyProjector::applied(self);
        let unparked = Batch {
            projection: P::NAME,
            generation: self.generation,
            mutations: unparked,
            ..Batch::default()
        };
        self.store.apply(std::slice::from_ref(&unparked)).await
    }
}
