use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Statement, ToSql, Transaction, params};

use super::{CHECKPOINT_PAGES, PAGE_BYTES, SqliteStore, read};
use crate::port::{Batch, Generation, Mutation, StoreError, Table, Value, Version};
use crate::stamp::{Stamp, parts};

/// Sets the file up; harmless when it is.
pub(super) fn prepare_file(connection: &Connection) -> Result<(), StoreError> {
    // Takes effect in a new file only.
    connection.pragma_update(None, "page_size", PAGE_BYTES)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS positions (projection TEXT NOT NULL, generation INTEGER NOT NULL,
        positions BLOB NOT NULL, PRIMARY KEY (projection, generation)) STRICT, WITHOUT ROWID",
    )?;
    Ok(())
}

impl SqliteStore {
    pub(super) fn create_tables(&self, tables: &[&'static Table], generation: Generation) -> Result<(), StoreError> {
        let mut connection = self.writer();
        let transaction = connection.transaction()?;
        for table in tables {
            transaction.execute_batch(&self.statements.of(table, generation).create)?;
        }
        transaction.commit()?;
        for table in tables {
            let positions = read::positions(&connection, table.projection, generation)?;
            let reached = positions.iter().map(|(shard, position)| (*shard, position.seq));
            self.progress.advance(table.projection, generation, reached);
        }
        Ok(())
    }

    pub(super) fn drop_tables(&self, tables: &[&'static Table], generation: Generation) -> Result<(), StoreError> {
        let mut connection = self.writer();
        let transaction = connection.transaction()?;
        for table in tables {
            transaction.execute_batch(&self.statements.of(table, generation).drop)?;
            transaction.execute(
                "DELETE FROM positions WHERE projection = ?1 AND generation = ?2",
                params![table.projection, generation],
            )?;
        }
        transaction.commit()?;
        for table in tables {
            self.statements.forget(table, generation);
            self.progress.forget(table.projection, generation);
        }
        Ok(())
    }

    pub(super) fn apply_batches(&self, batches: &[Batch]) -> Result<(), StoreError> {
        let mut connection = self.writer();
        let transaction = connection.transaction()?;
        for batch in batches {
            let is_of_one_table = |one: &Mutation, next: &Mutation| std::ptr::eq(parts(one).0, parts(next).0);
            for changes in [&batch.mutations, &batch.views] {
                for mutations in changes.chunk_by(is_of_one_table) {
                    self.mutate(&transaction, mutations, batch.generation)?;
                }
            }
            fail::fail_point!("projector-written-not-checkpointed");
            write_positions(&transaction, batch)?;
        }
        transaction.commit()?;
        drop(connection);
        for batch in batches {
            let reached = batch.positions.iter().map(|(shard, position)| (*shard, position.seq));
            self.progress.advance(batch.projection, batch.generation, reached);
        }
        Ok(())
    }

    /// Writes and deletes rows of one table.
    fn mutate(
        &self,
        transaction: &Transaction<'_>,
        mutations: &[Mutation],
        generation: Generation,
    ) -> Result<(), StoreError> {
        let Some((table, ..)) = mutations.first().map(parts) else {
            return Ok(());
        };
        let sql = self.statements.of(table, generation);
        let mut write = transaction.prepare_cached(&sql.write)?;
        let mut delete = transaction.prepare_cached(&sql.delete)?;
        for (_, key, Stamp(stamp), row) in mutations.iter().map(parts) {
            let Some(row) = row else {
                delete.execute(params![key.partition, key.clustering, stamp])?;
                continue;
            };
            if row.values.len() != table.columns.len() {
                return Err(StoreError::Damaged(format!(
                    "a row of {} has other columns",
                    table.name
                )));
            }
            write.raw_bind_parameter(1, &key.partition)?;
            write.raw_bind_parameter(2, &key.clustering)?;
            write.raw_bind_parameter(3, stamp)?;
            bind_values(&mut write, &row.values)?;
            write.raw_execute()?;
        }
        Ok(())
    }

    pub(super) fn forget_tombstones(
        &self,
        tables: &[&'static Table],
        generation: Generation,
        at_or_below: Version,
    ) -> Result<(), StoreError> {
        let Stamp(last) = Stamp::of_delete(at_or_below);
        let connection = self.writer();
        for table in tables {
            let sql = self.statements.of(table, generation);
            connection.prepare_cached(&sql.forget)?.execute(params![last])?;
        }
        Ok(())
    }
}

fn bind_values(statement: &mut Statement<'_>, values: &[Value]) -> Result<(), StoreError> {
    for (index, value) in values.iter().enumerate() {
        statement.raw_bind_parameter(index + 4, Bound(value))?;
    }
    Ok(())
}

/// All positions of a generation are one row: a batch moves many shards at once, and one small row costs less
/// than sixteen smaller ones.
fn write_positions(transaction: &Transaction<'_>, batch: &Batch) -> Result<(), StoreError> {
    if batch.positions.is_empty() {
        return Ok(());
    }
    let mut positions = read::positions(transaction, batch.projection, batch.generation)?;
    positions.extend(batch.positions.iter().copied());
    let encoded = postcard::to_allocvec(&positions).map_err(|error| StoreError::Damaged(error.to_string()))?;
    let mut statement = transaction.prepare_cached("INSERT OR REPLACE INTO positions VALUES (?1, ?2, ?3)")?;
    statement.execute(params![batch.projection, batch.generation, encoded])?;
    Ok(())
}

/// A cell, bound without a copy.
struct Bound<'a>(&'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Integer(number) => ValueRef::Integer(*number),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}
