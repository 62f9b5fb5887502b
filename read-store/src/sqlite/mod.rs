//! Rows in an SQLite file, `read.db`: one connection that writes, and some that read beside it.
//!
//! WAL with `synchronous=NORMAL`: the rows and positions of one transaction stand or fall together, and a tail
//! that is lost with the power is projected again. A deleted row leaves a tombstone, so that a write that comes
//! late does not bring it back; tombstones are forgotten once nothing older can come
//! ([`ReadStore::forget_deleted`]).

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::stream::Shard;
use futures::FutureExt;
use futures::future::ready;
use rusqlite::Connection;
use rusqlite::config::DbConfig;

use crate::port::{
    Answer, Batch, Direction, Generation, Key, PageRange, Position, ReadStore, Row, StoreError, Table, Version,
};
use crate::progress::Progress;

mod read;
mod statements;
mod write;

use statements::Statements;

/// Connections that read. Reads take microseconds, so a few serve many threads.
const READERS: usize = 4;

/// Statements that each connection keeps prepared: the tables of all projections, two generations each, with
/// the few forms that a connection uses.
const STATEMENTS_PREPARED_MAX: usize = 128;

/// A view of 2 KB still fits beside its key in a page of this size; in SQLite's usual 4,096 bytes it takes an
/// overflow page, and one more read and write.
const PAGE_BYTES: u32 = 8_192;

/// Pages of write-ahead log after which SQLite copies them into the file: 4 MB. More of them would make the
/// copying rarer and the pause longer.
const CHECKPOINT_PAGES: u32 = 500;

/// Page cache of the connection that writes, in KiB.
const WRITER_CACHE_KIB: u32 = 2_048;

/// Page cache of each connection that reads, in KiB: a thousand rows from all over a file of any size.
const READER_CACHE_KIB: u32 = 8_192;

/// How long a connection waits for another one; only a checkpoint or another program can make it wait.
const BUSY_TIMEOUT_MS: u64 = 5_000;

/// A read store in an SQLite file.
#[derive(Debug)]
pub struct SqliteStore {
    writer: Mutex<Connection>,
    readers: Vec<Mutex<Connection>>,
    statements: Statements,
    progress: Progress,
}

impl SqliteStore {
    /// Opens the file, or begins it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it cannot be opened, [`StoreError::Damaged`] when it is no database:
    /// all that was in it can be projected again, so it may be deleted.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let writer = connect(path, WRITER_CACHE_KIB)?;
        write::prepare_file(&writer)?;
        let readers = (0..READERS)
            .map(|_| connect(path, READER_CACHE_KIB).map(Mutex::new))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            writer: Mutex::new(writer),
            readers,
            statements: Statements::default(),
            progress: Progress::new(),
        })
    }

    fn writer(&self) -> MutexGuard<'_, Connection> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A reader that is free, or the first one when none is.
    fn reader(&self) -> MutexGuard<'_, Connection> {
        let free = self.readers.iter().find_map(|reader| reader.try_lock().ok());
        free.unwrap_or_else(|| self.readers[0].lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn connect(path: &Path, cache_kib: u32) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    // Without it SQLite plans a statement with `LIMIT ?` anew for every value, which costs more than running it.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.busy_timeout(std::time::Duration::from_millis(BUSY_TIMEOUT_MS))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_PREPARED_MAX);
    connection.pragma_update(None, "cache_size", -i64::from(cache_kib))?;
    Ok(connection)
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::Unknown) => {
                Self::Damaged(error.to_string())
            }
            Some(_) => Self::Unavailable(error.to_string()),
            None => Self::Damaged(error.to_string()),
        }
    }
}

fn answer<'a, T: Send + 'a>(result: Result<T, StoreError>) -> Answer<'a, T> {
    ready(result).boxed()
}

impl ReadStore for SqliteStore {
    fn create<'a>(&'a self, tables: &'a [&'static Table], generation: Generation) -> Answer<'a, ()> {
        answer(self.create_tables(tables, generation))
    }

    fn drop_generation<'a>(&'a self, tables: &'a [&'static Table], generation: Generation) -> Answer<'a, ()> {
        answer(self.drop_tables(tables, generation))
    }

    fn apply<'a>(&'a self, batches: &'a [Batch]) -> Answer<'a, ()> {
        answer(self.apply_batches(batches))
    }

    fn positions<'a>(
        &'a self,
        projection: &'static str,
        generation: Generation,
    ) -> Answer<'a, BTreeMap<Shard, Position>> {
        answer(read::positions(&self.reader(), projection, generation))
    }

    fn get<'a>(
        &'a self,
        table: &'static Table,
        generation: Generation,
        keys: &'a [Key],
    ) -> Answer<'a, Vec<Option<Row>>> {
        let sql = self.statements.of(table, generation);
        let found = read::get(&mut self.reader(), &sql, table, keys);
        answer(found.map(|rows| rows.into_iter().map(|row| row.map(|(row, _)| row)).collect()))
    }

    fn get_versioned<'a>(
        &'a self,
        table: &'static Table,
        generation: Generation,
        keys: &'a [Key],
    ) -> Answer<'a, Vec<Option<(Row, Version)>>> {
        let sql = self.statements.of(table, generation);
        answer(read::get(&mut self.reader(), &sql, table, keys))
    }

    fn page<'a>(
        &'a self,
        table: &'static Table,
        generation: Generation,
        partition: &'a str,
        range: PageRange,
        direction: Direction,
        limit: usize,
    ) -> Answer<'a, Vec<Row>> {
        let sql = self.statements.of(table, generation);
        answer(read::page(
            &self.reader(),
            &sql,
            table,
            partition,
            &range,
            direction,
            limit,
        ))
    }

    fn scan<'a>(
        &'a self,
        table: &'static Table,
        generation: Generation,
        after: Option<Key>,
        limit: usize,
    ) -> Answer<'a, Vec<(Row, Version)>> {
        let sql = self.statements.of(table, generation);
        answer(read::scan(&self.reader(), &sql, table, after.as_ref(), limit))
    }

    fn forget_deleted<'a>(
        &'a self,
        tables: &'a [&'static Table],
        generation: Generation,
        at_or_below: Version,
    ) -> Answer<'a, ()> {
        answer(self.forget_tombstones(tables, generation, at_or_below))
    }

    fn progress(&self) -> &Progress {
        &self.progress
    }
}

#[cfg(test)]
mod tests;
