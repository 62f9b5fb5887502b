//! Writing batches: rows, then the views that vouch for them, then the positions.

use futures::StreamExt;
use futures::future::join_all;
use futures::stream::FuturesUnordered;
use scylla::statement::batch::{Batch as Statements, BatchStatement, BatchType};

use super::cells::{Cell, is_possible};
use super::cql::Form;
use super::failure::Failure;
use super::limits::{GROUP_BYTES_MAX, WRITES_IN_FLIGHT_MAX};
use super::link::Patience;
use super::session::{Live, PreparedTable};
use super::{ScyllaStore, positions};
use crate::planted;
use crate::port::{Batch, Generation, Key, Mutation, StoreError, Table, Value};
use crate::stamp::{Stamp, parts};

/// A change of one row, on its way.
#[derive(Clone, Copy, Debug)]
struct Change<'a> {
    table: &'a Table,
    key: &'a Key,
    stamp: Stamp,
    /// None: a delete.
    values: Option<&'a [Value]>,
}

impl<'a> Change<'a> {
    fn of(mutation: &'a Mutation) -> Result<Self, StoreError> {
        let (table, key, stamp, row) = parts(mutation);
        let values = row.map(|row| row.values.as_slice());
        if values.is_some_and(|values| values.len() != table.columns.len()) {
            let error = format!("a row of {} has other columns", table.name);
            return Err(StoreError::Damaged(error));
        }
        if !is_possible(key) {
            let error = format!("no row of {} can be at {key:?}", table.name);
            return Err(StoreError::Damaged(error));
        }
        Ok(Self {
            table,
            key,
            stamp,
            values,
        })
    }

    fn form(&self) -> Form {
        if self.values.is_some() {
            Form::Write
        } else {
            Form::Delete
        }
    }

    /// In the order of the statement's markers.
    fn cells(&self) -> Vec<Cell<'a>> {
        let Stamp(stamp) = self.stamp;
        let key = [Cell::Text(&self.key.partition), Cell::Blob(&self.key.clustering)];
        let Some(values) = self.values else {
            return vec![Cell::Integer(stamp), key[0], key[1]];
        };
        let mut cells = Vec::with_capacity(values.len() + 4);
        cells.extend(key);
        cells.extend(values.iter().map(Cell::from));
        if values.is_empty() {
            cells.push(Cell::Blob(&[]));
        }
        cells.push(Cell::Integer(stamp));
        cells
    }

    fn bytes(&self) -> usize {
        let values = self.values.unwrap_or_default().iter().map(Value::bytes).sum::<usize>();
        self.key.partition.len() + self.key.clustering.len() + values
    }

    fn is_beside(&self, other: &Self) -> bool {
        std::ptr::eq(self.table, other.table) && self.key.partition == other.key.partition
    }
}

/// Splits changes into those that go in one request each: neighbours of one partition, up to a size.
fn groups<'a, 'b>(changes: &'b [Change<'a>]) -> impl Iterator<Item = &'b [Change<'a>]> {
    let mut bytes = 0;
    changes.chunk_by(move |one, next| {
        bytes += one.bytes();
        let is_together = one.is_beside(next) && bytes + next.bytes() <= GROUP_BYTES_MAX;
        if !is_together {
            bytes = 0;
        }
        is_together
    })
}

impl ScyllaStore {
    /// All at once: one that is slow, or cannot be written, keeps no other from its positions.
    pub(super) async fn apply_batches(&self, batches: &[Batch]) -> Result<(), StoreError> {
        let applied = join_all(batches.iter().map(|batch| self.apply_batch(batch))).await;
        applied.into_iter().collect()
    }

    async fn apply_batch(&self, batch: &Batch) -> Result<(), StoreError> {
        self.write_all(batch.generation, &batch.mutations).await?;
        self.write_all(batch.generation, &batch.views).await?;
        // Who reads sees them from here on; the positions only say what need not be projected again.
        let reached = batch.positions.iter().map(|(shard, position)| (*shard, position.seq));
        self.progress.advance(batch.projection, batch.generation, reached);
        fail::fail_point!("projector-written-not-checkpointed");
        self.write_positions(batch).await
    }

    async fn write_all(&self, generation: Generation, mutations: &[Mutation]) -> Result<(), StoreError> {
        let changes: Result<Vec<Change<'_>>, _> = mutations.iter().map(Change::of).collect();
        self.write(generation, &changes?).await
    }

    /// Stamped with the offset, so that a position never goes back, whoever writes it.
    async fn write_positions(&self, batch: &Batch) -> Result<(), StoreError> {
        let table = positions::table(batch.projection);
        let positions = batch.positions.iter();
        let rows: Vec<_> = positions
            .map(|(shard, position)| {
                let stamp = Stamp::of_write(positions::version(position));
                (positions::row(batch.projection, *shard, position), stamp)
            })
            .collect();
        let changes: Vec<Change<'_>> = rows
            .iter()
            .map(|(row, stamp)| Change {
                table: &table,
                key: &row.key,
                stamp: *stamp,
                values: Some(&row.values),
            })
            .collect();
        self.write(batch.generation, &changes).await
    }

    /// Writes changes in any order. When it returns without an error, all are written.
    async fn write(&self, generation: Generation, changes: &[Change<'_>]) -> Result<(), StoreError> {
        let mut groups = groups(changes);
        let mut under_way = FuturesUnordered::new();
        loop {
            while under_way.len() < WRITES_IN_FLIGHT_MAX
                && let Some(group) = groups.next()
            {
                under_way.push(self.send(generation, group));
            }
            match under_way.next().await {
                Some(written) => written?,
                None => return Ok(()),
            }
        }
    }

    async fn send(&self, generation: Generation, group: &[Change<'_>]) -> Result<(), StoreError> {
        let Some(first) = group.first() else {
            return Ok(());
        };
        // The semaphore is as old as the store, and never closed.
        let _permit = self.writes.acquire().await;
        let send = async |live: std::sync::Arc<Live>| {
            if planted::swallows_write_errors() {
                return Ok(());
            }
            let table = live.table(first.table, generation);
            execute(&live, &table, group).await
        };
        match self.link.ask(Patience::ROWS, send).await {
            Ok(()) => Ok(()),
            Err(failure) => Err(self.explain(failure, first.table, generation).await),
        }
    }
}

async fn execute(live: &Live, table: &PreparedTable, group: &[Change<'_>]) -> Result<(), Failure> {
    if let [change] = group {
        let statement = table.statement(&live.session, change.form()).await?;
        live.session.execute_unpaged(statement, change.cells()).await?;
        return Ok(());
    }
    let mut statements = Vec::with_capacity(group.len());
    for change in group {
        let statement = table.statement(&live.session, change.form()).await?;
        statements.push(BatchStatement::PreparedStatement(statement.clone()));
    }
    let mut batch = Statements::new_with_statements(BatchType::Unlogged, statements);
    batch.set_is_idempotent(true);
    let cells: Vec<_> = group.iter().map(Change::cells).collect();
    live.session.batch(&batch, cells).await?;
    Ok(())
}

#[cfg(test)]
mod tests;
