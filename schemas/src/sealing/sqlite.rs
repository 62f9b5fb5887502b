use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, params};

use super::keys::{KeyStore, KeyStoreError, StoredKey};

/// How long a statement waits for another process that looks into the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Marks the file as ours (`till` in ASCII).
const APPLICATION_ID: i32 = 0x7469_6c6c;
/// Version of the file's layout.
const LAYOUT: i32 = 1;

/// A forgotten key is a row without bytes.
const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS keys (
        subject TEXT NOT NULL,
        key_id INTEGER NOT NULL,
        wrapped BLOB,
        PRIMARY KEY (subject, key_id)
    ) STRICT, WITHOUT ROWID;
";

/// Keys in a SQLite file (`keys.db`), synced at each write; what is forgotten is overwritten in the file.
#[derive(Debug)]
pub struct SqliteKeys {
    connection: Mutex<Connection>,
}

impl SqliteKeys {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    /// [`KeyStoreError::Damaged`] when it is something else, [`KeyStoreError::Unavailable`] when it
    /// cannot be opened.
    pub fn open(path: &Path) -> Result<Self, KeyStoreError> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "secure_delete", true)?;
        let pragma = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
        match (pragma("application_id")?, pragma("user_version")?) {
            (0, 0) => {
                connection.pragma_update(None, "application_id", APPLICATION_ID)?;
                connection.pragma_update(None, "user_version", LAYOUT)?;
            }
            (APPLICATION_ID, LAYOUT) => {}
            (application, layout) => {
                let found = format!("application {application:#x}, layout {layout}");
                return Err(KeyStoreError::Damaged(format!("{} is {found}", path.display())));
            }
        }
        connection.execute_batch(SCHEMA)?;
        let connection = Mutex::new(connection);
        Ok(Self { connection })
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeyStore for SqliteKeys {
    fn create(&self, subject: &str, key_id: u32, wrapped: &[u8]) -> Result<(), KeyStoreError> {
        let connection = self.connection();
        let mut insert = connection.prepare_cached("INSERT OR IGNORE INTO keys VALUES (?1, ?2, ?3)")?;
        insert.execute(params![subject, key_id, wrapped])?;
        Ok(())
    }

    fn key(&self, subject: &str, key_id: u32) -> Result<StoredKey, KeyStoreError> {
        let connection = self.connection();
        let mut select = connection.prepare_cached("SELECT wrapped FROM keys WHERE subject = ?1 AND key_id = ?2")?;
        let key = select.query_row(params![subject, key_id], |row| stored(row, 0));
        Ok(key.optional()?.unwrap_or(StoredKey::Absent))
    }

    fn newest(&self, subject: &str) -> Result<Option<(u32, Vec<u8>)>, KeyStoreError> {
        let connection = self.connection();
        let newest = "SELECT key_id, wrapped FROM keys WHERE subject = ?1 AND wrapped IS NOT NULL
            ORDER BY key_id DESC LIMIT 1";
        let mut select = connection.prepare_cached(newest)?;
        let newest = select.query_row([subject], |row| Ok((row.get(0)?, row.get(1)?)));
        Ok(newest.optional()?)
    }

    fn new_number(&self, subject: &str) -> Result<u32, KeyStoreError> {
        let connection = self.connection();
        let last = "SELECT coalesce(max(key_id), 0) FROM keys WHERE subject = ?1";
        let mut select = connection.prepare_cached(last)?;
        let last: u32 = select.query_row([subject], |row| row.get(0))?;
        Ok(last + 1)
    }

    fn forget(&self, subject: &str) -> Result<(), KeyStoreError> {
        let connection = self.connection();
        connection.execute("UPDATE keys SET wrapped = NULL WHERE subject = ?1", [subject])?;
        // The pages in the write-ahead log still hold the key until they are copied and cut off.
        let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if busy == 0 {
            Ok(())
        } else {
            Err(KeyStoreError::Unavailable("another process reads the file".to_owned()))
        }
    }
}

fn stored(row: &Row<'_>, column: usize) -> rusqlite::Result<StoredKey> {
    let wrapped: Option<Vec<u8>> = row.get(column)?;
    Ok(wrapped.map_or(StoredKey::Forgotten, StoredKey::Wrapped))
}

impl From<rusqlite::Error> for KeyStoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(error.to_string()),
            _ => Self::Unavailable(error.to_string()),
        }
    }
}
