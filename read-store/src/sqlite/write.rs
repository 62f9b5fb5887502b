use domain::stream::Shard;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Statement, ToSql, Transaction, params};

use super::{CHECKPOINT_PAGES, SqliteStore, read};
use crate::port::{Batch, Generation, Mutation, Position, StoreError, Table, Value, Version};
use crate::stamp::{Stamp, parts};

/// Sets the file up; harmless when it is.
pub(super) fn prepare_file(connection: &Connection) -> Result<(), StoreError> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    connection.execute_batch(
        r#"CREATE TABLE IF NOT EXISTS positions (projection TEXT NOT NULL, generation INTEGER NOT NULL,
        shard TEXT NOT NULL, "offset" INTEGER NOT NULL, term INTEGER NOT NULL, seq INTEGER NOT NULL,
        at INTEGER NOT NULL, hash INTEGER NOT NULL, log BLOB NOT NULL,
        PRIMARY KEY (projection, generation, shard)) STRICT, WITHOUT ROWID"#,
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
            for mutation in &batch.mutations {
                self.mutate(&transaction, mutation, batch.generation)?;
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

    fn mutate(
        &self,
        transaction: &Transaction<'_>,
        mutation: &Mutation,
        generation: Generation,
    ) -> Result<(), StoreError> {
        let (table, key, Stamp(stamp), row) = parts(mutation);
        let sql = self.statements.of(table, generation);
        let Some(row) = row else {
            let mut delete = transaction.prepare_cached(&sql.delete)?;
            delete.execute(params![key.partition, key.clustering, stamp])?;
            return Ok(());
        };
        if row.values.len() != table.columns.len() {
            return Err(StoreError::Damaged(format!(
                "a row of {} has other columns",
                table.name
            )));
        }
        let mut write = transaction.prepare_cached(&sql.write)?;
        write.raw_bind_parameter(1, &key.partition)?;
        write.raw_bind_parameter(2, &key.clustering)?;
        write.raw_bind_parameter(3, stamp)?;
        bind_values(&mut write, &row.values)?;
        write.raw_execute()?;
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

fn write_positions(transaction: &Transaction<'_>, batch: &Batch) -> Result<(), StoreError> {
    let mut statement =
        transaction.prepare_cached("INSERT OR REPLACE INTO positions VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?;
    for (shard, position) in &batch.positions {
        write_position(&mut statement, batch, *shard, position)?;
    }
    Ok(())
}

fn write_position(
    statement: &mut Statement<'_>,
    batch: &Batch,
    shard: Shard,
    position: &Position,
) -> Result<(), StoreError> {
    statement.execute(params![
        batch.projection,
        batch.generation,
        shard.to_string(),
        position.offset,
        position.term.cast_signed(),
        position.seq.cast_signed(),
        position.at.0,
        position.hash.cast_signed(),
        position.log.to_be_bytes(),
    ])?;
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
