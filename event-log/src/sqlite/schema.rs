//! The tables and how connections are set up.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

/// Number of the layout below, in SQLite's `user_version`.
pub(super) const FORMAT: i64 = 1;

/// `records` is written at its end only: no second index, because one doubles the commit's p99. `heads` remembers
/// every so many records where each shard stood: to start there after a restart, and to find the middle of a
/// shard. The columns beside the blobs are for people with a command line; readers trust the checked blobs.
pub(super) const TABLES: &str = "
    CREATE TABLE meta (
        key TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE records (
        id INTEGER PRIMARY KEY,
        topic TEXT NOT NULL,
        partition INTEGER NOT NULL,
        offset INTEGER NOT NULL,
        at INTEGER NOT NULL,
        checksum INTEGER NOT NULL,
        kind TEXT NOT NULL,
        term INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        command BLOB NOT NULL,
        envelope BLOB NOT NULL,
        payload BLOB NOT NULL
    );
    CREATE TABLE heads (
        number INTEGER PRIMARY KEY,
        last_id INTEGER NOT NULL,
        folds BLOB NOT NULL
    );
";

pub(super) const INSERT_RECORD: &str = "INSERT INTO records \
    (id, topic, partition, offset, at, checksum, kind, term, seq, command, envelope, payload) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";

pub(super) const INSERT_HEADS: &str = "INSERT INTO heads (last_id, folds) VALUES (?1, ?2)";

/// Records after an id, in the order they were written.
pub(super) const SELECT_RECORDS: &str = "SELECT id, topic, partition, offset, at, checksum, envelope, payload \
    FROM records WHERE id > ?1 ORDER BY id";

/// Records between two ids, in the order they were written.
pub(super) const SELECT_RUN: &str = "SELECT id, topic, partition, offset, at, checksum, envelope, payload \
    FROM records WHERE id > ?1 AND id <= ?2 ORDER BY id";

/// Where every shard stood, and after which record.
pub(super) const SELECT_HEADS: &str = "SELECT last_id, folds FROM heads WHERE number = ?1";

/// Records of one shard between two ids, from an offset on.
pub(super) const SELECT_SHARD: &str = "SELECT id, topic, partition, offset, at, checksum, envelope, payload \
    FROM records WHERE id > ?1 AND id <= ?2 AND topic = ?3 AND partition = ?4 AND offset >= ?5 \
    ORDER BY id LIMIT ?6";

/// Pages in the write-ahead log before they are copied to the file. More would move the stall of one large copy
/// into the p99 of commits.
const WAL_CHECKPOINT_PAGES: i64 = 1_000;

/// How long SQLite itself waits for a lock; only the copying of pages ever holds one against us.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Statements that each connection keeps prepared.
const PREPARED_MAX: usize = 8;

/// Memory of a reader's page cache.
const READER_CACHE_KIB: i64 = 512;

pub(super) fn open_writer(file: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(file)?;
    keep_plans(&connection)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", WAL_CHECKPOINT_PAGES)?;
    connection.set_prepared_statement_cache_capacity(PREPARED_MAX);
    Ok(connection)
}

pub(super) fn open_reader(file: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    keep_plans(&connection)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "cache_size", -READER_CACHE_KIB)?;
    connection.set_prepared_statement_cache_capacity(PREPARED_MAX);
    Ok(connection)
}

/// Lets prepared statements be prepared once. Without it SQLite plans a statement with `LIMIT ?` anew for every
/// value, which costs more than running it.
fn keep_plans(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}
