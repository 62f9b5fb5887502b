//! The file: its tables, and the hash of their shape that guards it.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, params};

use crate::document::TEXT_COLUMNS;
use crate::error::SearchError;

/// Which code fills the tables: other documents for the same views are another version.
const DOCUMENT_VERSION: u32 = 1;
/// Pages of write-ahead log after which SQLite copies them into the file: 4 MB.
const CHECKPOINT_PAGES: u32 = 1_000;
/// Page cache of the connection that writes, in KiB: most of a shop's words and values fit.
const WRITER_CACHE_KIB: u32 = 16_384;
/// Page cache of each connection that reads, in KiB.
const READER_CACHE_KIB: u32 = 16_384;
/// Statements that each connection keeps prepared.
const STATEMENTS_PREPARED_MAX: usize = 64;
/// How long a connection waits for another one; only a checkpoint or another program can make it wait.
const BUSY_TIMEOUT_MS: u64 = 5_000;
/// What a file says of itself, as its "application id", once it was answered from.
const WHOLE: i32 = 1;
/// What SQLite puts beside a file.
const ENDINGS: [&str; 3] = ["", "-wal", "-shm"];

/// All but the full-text table. What is about a product that nobody sees is in `product`, `sku` and `view` only.
const TABLES: &str = "
CREATE TABLE product (
  id INTEGER PRIMARY KEY, uuid BLOB NOT NULL UNIQUE, published INTEGER NOT NULL DEFAULT 0,
  newest INTEGER NOT NULL DEFAULT 0, best INTEGER NOT NULL DEFAULT 0, facets BLOB NOT NULL DEFAULT x'',
  surplus INTEGER NOT NULL DEFAULT 0, unmarked INTEGER NOT NULL DEFAULT 0, available INTEGER NOT NULL DEFAULT 0,
  promisable INTEGER NOT NULL DEFAULT 0);
CREATE INDEX product_newest ON product (newest, uuid) WHERE published;
CREATE INDEX product_best ON product (best, uuid) WHERE published;
CREATE TABLE view (product INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
CREATE TABLE price (
  currency TEXT NOT NULL, amount INTEGER NOT NULL, product INTEGER NOT NULL, is_lowest INTEGER NOT NULL,
  PRIMARY KEY (currency, amount, product)) WITHOUT ROWID;
CREATE INDEX price_of ON price (product, currency, amount, is_lowest);
CREATE TABLE title (
  locale TEXT NOT NULL, title BLOB NOT NULL, product INTEGER NOT NULL,
  PRIMARY KEY (locale, title, product)) WITHOUT ROWID;
CREATE INDEX title_of ON title (product, locale, title);
CREATE TABLE value (
  id INTEGER PRIMARY KEY, facet TEXT NOT NULL, label TEXT NOT NULL, products INTEGER NOT NULL,
  UNIQUE (facet, label));
CREATE TABLE has (value INTEGER NOT NULL, product INTEGER NOT NULL, PRIMARY KEY (value, product)) WITHOUT ROWID;
CREATE TABLE word (
  word TEXT PRIMARY KEY, folded TEXT NOT NULL, letters INTEGER NOT NULL, products INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX word_folded ON word (folded, products);
CREATE INDEX word_letters ON word (letters, folded, word, products);
CREATE TABLE sku (
  sku TEXT PRIMARY KEY, product INTEGER, tracks INTEGER NOT NULL DEFAULT 1, stock BLOB,
  available INTEGER NOT NULL DEFAULT 0, threshold INTEGER, promisable INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE INDEX sku_of ON sku (product);
CREATE TABLE category (
  id TEXT PRIMARY KEY, parent TEXT, archived INTEGER NOT NULL, bytes BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX category_below ON category (parent);
CREATE TABLE parked (
  stream TEXT PRIMARY KEY, shard TEXT NOT NULL, at INTEGER NOT NULL, why TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE position (shard TEXT PRIMARY KEY, position BLOB NOT NULL) WITHOUT ROWID;
";

/// Takes every row away.
pub(crate) const EMPTY: &str = "
DELETE FROM product; DELETE FROM view; DELETE FROM price; DELETE FROM title; DELETE FROM value; DELETE FROM has;
DELETE FROM word; DELETE FROM sku; DELETE FROM category; DELETE FROM parked; DELETE FROM position;
INSERT INTO text (text) VALUES ('delete-all');
";

/// The full-text table keeps no texts, only where their words are. Beginnings of two and three letters have an
/// index of their own.
fn text_table() -> String {
    let columns: Vec<&str> = TEXT_COLUMNS.iter().map(|(name, _)| *name).collect();
    format!(
        "CREATE VIRTUAL TABLE text USING fts5({}, content='', contentless_delete=1, prefix='2 3', \
         tokenize=\"unicode61 remove_diacritics 0\");",
        columns.join(", ")
    )
}

/// What a file must say of itself to be gone on with. `folds` says which code makes the views in it.
fn shape(folds: u32) -> i32 {
    let described = format!("{TABLES}{}{DOCUMENT_VERSION}/{folds}", text_table());
    let hash = described.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    // 0 is what an empty file says.
    i32::from_ne_bytes((hash | 1).to_ne_bytes())
}

/// Opens a file that is there to write it; none when it is no index of this shape, or has commits that could not be
/// read: what could not be read then may be readable by this program.
///
/// # Errors
/// It cannot be opened for now.
pub(crate) fn open_kept(path: &Path, folds: u32) -> Result<Option<Connection>, SearchError> {
    let kept = connect_to_write(path).and_then(|connection| {
        let usable = is_usable(&connection, shape(folds))?;
        Ok(usable.then_some(connection))
    });
    match kept {
        Err(error) if !error.is_retryable() => {
            tracing::warn!(%error, "a file of the search index is not gone on with");
            Ok(None)
        }
        kept => kept,
    }
}

/// Makes an empty index in a file; what is there goes.
///
/// # Errors
/// The file system says no.
pub(crate) fn create(path: &Path, folds: u32) -> Result<Connection, SearchError> {
    remove(path)?;
    let connection = connect_to_write(path)?;
    connection.execute_batch(&format!("BEGIN; {TABLES} {}", text_table()))?;
    connection.pragma_update(None, "user_version", shape(folds))?;
    connection.execute_batch("COMMIT")?;
    Ok(connection)
}

/// Whether a file was once answered from: it holds all that was in the log then.
pub(crate) fn is_whole(connection: &Connection) -> Result<bool, SearchError> {
    let mark: i32 = connection.query_row("PRAGMA application_id", params![], |row| row.get(0))?;
    Ok(mark == WHOLE)
}

/// Notes that a file is answered from.
pub(crate) fn mark_whole(connection: &Connection) -> Result<(), SearchError> {
    Ok(connection.pragma_update(None, "application_id", WHOLE)?)
}

/// Takes the file away. Connections that are open go on with what they have.
///
/// # Errors
/// The file system says no.
pub(crate) fn remove(path: &Path) -> Result<(), SearchError> {
    for ending in ENDINGS {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        match std::fs::remove_file(&name) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(SearchError::Unavailable(error.to_string()));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Opens a file that is there to read it.
///
/// # Errors
/// It cannot be opened.
pub(crate) fn open_to_read(path: &Path) -> Result<Connection, SearchError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    prepare(&connection, READER_CACHE_KIB)?;
    // Not mapped into memory: a file that somebody cuts off would take the process with it.
    Ok(connection)
}

fn connect_to_write(path: &Path) -> Result<Connection, SearchError> {
    let connection = Connection::open(path)?;
    prepare(&connection, WRITER_CACHE_KIB)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "normal")?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    Ok(connection)
}

fn prepare(connection: &Connection, cache_kib: u32) -> Result<(), SearchError> {
    // Plans follow from the statement alone, not from what it is asked with.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.busy_timeout(Duration::from_millis(BUSY_TIMEOUT_MS))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_PREPARED_MAX);
    connection.pragma_update(None, "cache_size", -i64::from(cache_kib))?;
    Ok(())
}

fn is_usable(connection: &Connection, shape: i32) -> Result<bool, SearchError> {
    let found: i32 = connection.query_row("PRAGMA user_version", params![], |row| row.get(0))?;
    if found != shape {
        return Ok(false);
    }
    let parked: bool = connection.query_row("SELECT EXISTS (SELECT 1 FROM parked)", params![], |row| row.get(0))?;
    Ok(!parked)
}
