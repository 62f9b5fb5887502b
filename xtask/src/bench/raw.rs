//! The limit of the machine: SQLite itself, writing the same bytes with nothing around it.

use std::path::Path;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use rusqlite::{Connection, OpenFlags, params};
use tempfile::TempDir;

use super::measure::Failure;

/// Bytes of a row of the log beside envelope and payload: its names and numbers.
const ROW_BYTES_BESIDE: i64 = 60;

/// A table that is only appended to, as durable as the log.
pub(super) struct RawLog {
    connection: Connection,
    row: Vec<u8>,
    _directory: TempDir,
}

/// What group commits of some size reached.
#[derive(Clone, Copy, Debug)]
pub(super) struct Commits {
    pub(super) rows_per_second: f64,
    pub(super) p50_microseconds: f64,
}

/// The mean size of a record in a log.
pub(super) fn row_bytes(log: &Path) -> Result<usize, Failure> {
    let connection = Connection::open_with_flags(log, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let query = "SELECT CAST(avg(length(envelope) + length(payload)) AS INTEGER) FROM records WHERE kind = 'commit'";
    let bytes: i64 = connection.query_row(query, [], |row| row.get(0))?;
    Ok(usize::try_from(bytes + ROW_BYTES_BESIDE)?)
}

impl RawLog {
    /// An empty one.
    pub(super) fn create(row_bytes: usize) -> Result<Self, Failure> {
        let directory = TempDir::new()?;
        let connection = Connection::open(directory.path().join("raw.db"))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "wal_autocheckpoint", 1_000)?;
        connection.execute_batch("CREATE TABLE raw (id INTEGER PRIMARY KEY, row BLOB NOT NULL)")?;
        // Bytes that differ, so that nothing on the way can make them fewer.
        let row = (0..row_bytes).map(|index| (index * 31 % 251) as u8).collect();
        Ok(Self {
            connection,
            row,
            _directory: directory,
        })
    }

    /// Commits groups of `rows` rows, one after the other, for so long.
    pub(super) fn commits(&mut self, rows: usize, time: Duration) -> Result<Commits, Failure> {
        let mut latencies: Histogram<u64> = Histogram::new(3)?;
        let start = Instant::now();
        while start.elapsed() < time {
            let begin = Instant::now();
            self.connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
            let mut insert = self.connection.prepare_cached("INSERT INTO raw (row) VALUES (?1)")?;
            for _ in 0..rows {
                insert.execute(params![self.row])?;
            }
            drop(insert);
            self.connection.prepare_cached("COMMIT")?.execute([])?;
            latencies.record(u64::try_from(begin.elapsed().as_micros())?.max(1))?;
        }
        Ok(Commits {
            rows_per_second: (latencies.len() * rows as u64) as f64 / start.elapsed().as_secs_f64(),
            p50_microseconds: latencies.value_at_quantile(0.5) as f64,
        })
    }
}
