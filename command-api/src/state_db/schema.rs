//! The file's tables, and when it is thrown away.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::StateDbError;

/// A bump throws every older file away: what its rows look like beside the states themselves.
const FORMAT: &str = "3";
/// How long one connection waits for another.
const BUSY: Duration = Duration::from_secs(5);
/// Pages of the write-ahead log between two of SQLite's own checkpoints.
const WAL_PAGES: u32 = 4_000;
/// What one reader may keep of the file in memory, in KiB.
const READER_CACHE_KIB: i32 = 1_024;
/// What the writer may keep of the file in memory, in KiB.
const WRITER_CACHE_KIB: i32 = 8_192;
/// Statements that a connection keeps prepared.
const STATEMENTS_MAX: usize = 32;

/// Ids are random, so an index by id alone would be written all over with every batch. By blocks of answers only the
/// end of it is: what a batch writes does not grow with the file. A look-up asks block after block.
const TABLES: &str = "
    CREATE TABLE meta (
        key TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE checkpoints (
        shard TEXT PRIMARY KEY,
        checkpoint BLOB NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE streams (
        number INTEGER PRIMARY KEY,
        shard INTEGER NOT NULL,
        stream TEXT NOT NULL,
        version INTEGER NOT NULL,
        due INTEGER,
        unfinished INTEGER,
        state BLOB NOT NULL
    );
    CREATE UNIQUE INDEX streams_by_name ON streams (shard, stream);
    CREATE INDEX streams_due ON streams (shard, due) WHERE due IS NOT NULL;
    CREATE INDEX streams_unfinished ON streams (shard) WHERE unfinished IS NOT NULL;
    CREATE TABLE answers (
        number INTEGER PRIMARY KEY,
        shard INTEGER NOT NULL,
        command BLOB NOT NULL,
        at INTEGER NOT NULL,
        answer BLOB NOT NULL
    );
    CREATE INDEX answers_by_command ON answers (number >> 16, command, shard, at);
";

/// The writer's connection to a file that this program made.
pub(super) fn open(file: &Path) -> Result<Connection, StateDbError> {
    let is_ours = file.exists()
        && match shape_of(file) {
            Ok(shape) => shape.as_deref() == Some(&shape_now()),
            Err(error) => {
                tracing::warn!(%error, "state.db cannot be read: it is made again from the log");
                false
            }
        };
    if !is_ours {
        remove(file)?;
    }
    let connection = Connection::open(file)?;
    prepare(&connection, WRITER_CACHE_KIB)?;
    if !is_ours {
        connection.execute_batch(&format!("BEGIN; {TABLES} COMMIT;"))?;
        set_shape(&connection, &shape_now())?;
    }
    Ok(connection)
}

/// One more connection, for reading.
pub(super) fn reader(file: &Path) -> Result<Connection, StateDbError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    keep_plans(&connection)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "cache_size", -READER_CACHE_KIB)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    Ok(connection)
}

/// Lets the next start throw the file away.
pub(super) fn distrust(connection: &Connection) -> Result<(), StateDbError> {
    set_shape(connection, "damaged")
}

fn set_shape(connection: &Connection, shape: &str) -> Result<(), StateDbError> {
    connection.execute(
        "INSERT INTO meta (key, value) VALUES ('shape', ?1) ON CONFLICT (key) DO UPDATE SET value = ?1",
        [shape],
    )?;
    Ok(())
}

/// Lets prepared statements be prepared once. Without it SQLite plans a statement with `LIMIT ?` anew for every
/// value, which costs more than running it.
fn keep_plans(connection: &Connection) -> Result<(), StateDbError> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

fn prepare(connection: &Connection, cache_kib: i32) -> Result<(), StateDbError> {
    keep_plans(connection)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "wal_autocheckpoint", WAL_PAGES)?;
    connection.pragma_update(None, "cache_size", -cache_kib)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    Ok(())
}

fn shape_now() -> String {
    format!("{FORMAT}/{}", domain::STATE_SHAPE)
}

fn shape_of(file: &Path) -> Result<Option<String>, StateDbError> {
    let connection = Connection::open(file)?;
    connection.busy_timeout(BUSY)?;
    let shape = connection
        .query_row("SELECT value FROM meta WHERE key = 'shape'", [], |row| row.get(0))
        .optional()?;
    Ok(shape)
}

fn remove(file: &Path) -> Result<(), StateDbError> {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = file.as_os_str().to_owned();
        name.push(suffix);
        match std::fs::remove_file(PathBuf::from(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}
