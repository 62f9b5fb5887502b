//! Opening: the file is created or recognised, and the heads are folded up to its end.

use std::sync::{Arc, Mutex};

use rusqlite::{Connection, OptionalExtension, params};
use thiserror::Error;
use tokio::sync::broadcast;
use uuid::Uuid;

use super::heads::Heads;
use super::queue::Queue;
use super::reader::{Place, record};
use super::recent::Recent;
use super::schema::{FORMAT, SELECT_RECORDS, TABLES, open_writer};
use super::writer::Writer;
use super::{DirectoryLock, FILE_NAME, Inner, SqliteLog, SqliteOptions, TAIL_GROUPS_MAX};
use crate::fold::Verdict;
use crate::port::{Deliveries, LogError};

/// Why a log cannot be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The number of partitions is fixed when a log is created, because it decides where each stream lives.
    #[error("the log has {stored} partitions and cannot be opened with {asked}")]
    Partitions {
        /// What the log was created with.
        stored: u32,
        /// What it was to be opened with.
        asked: u32,
    },
    /// No topic can have no partition.
    #[error("a log needs at least one partition")]
    NoPartitions,
    /// Written by another version of the program.
    #[error("the log has format {0}, which this program does not know")]
    Format(i64),
    /// The end of the log is not what was written.
    #[error("the log cannot be continued: {0}")]
    Damaged(String),
    /// SQLite says no.
    #[error("the log's file cannot be used: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The writer's thread cannot be started.
    #[error("the log's writer cannot be started: {0}")]
    Thread(#[from] std::io::Error),
}

pub(super) fn open(
    lock: &Arc<DirectoryLock>,
    options: SqliteOptions,
    deliveries: Deliveries,
) -> Result<SqliteLog, OpenError> {
    if options.partitions == 0 {
        return Err(OpenError::NoPartitions);
    }
    let file = lock.directory().join(FILE_NAME);
    let mut connection = open_writer(&file)?;
    let identity = recognise(&mut connection, options.partitions)?;
    let heads = fold_heads(&connection, options.partitions)?;
    tracing::info!(log = %identity, records = heads.last_id, file = %file.display(), "the log is open");
    let inner = Arc::new(Inner {
        file,
        identity,
        partitions: options.partitions,
        queue: Queue::new(options.queue_records_max),
        recent: Recent::new(heads.shards().len()),
        heads: Mutex::new(heads.clone()),
        readers: Mutex::default(),
        tail: broadcast::Sender::new(TAIL_GROUPS_MAX),
        _lock: Arc::clone(lock),
    });
    let writer = Writer {
        inner: Arc::clone(&inner),
        connection,
        deliveries,
        heads,
    };
    let thread = std::thread::Builder::new()
        .name("log-writer".to_owned())
        .spawn(move || writer.run())?;
    Ok(SqliteLog {
        inner,
        writer: Mutex::new(Some(thread)),
    })
}

/// Creates the tables in an empty file; in another one compares what must not change. The log's identity.
fn recognise(connection: &mut Connection, partitions: u32) -> Result<Uuid, OpenError> {
    let format: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    match format {
        0 => create(connection, partitions),
        FORMAT => {
            let stored: u32 = meta(connection, "partitions")?;
            if stored != partitions {
                let asked = partitions;
                return Err(OpenError::Partitions { stored, asked });
            }
            meta(connection, "log")
        }
        other => Err(OpenError::Format(other)),
    }
}

fn create(connection: &mut Connection, partitions: u32) -> Result<Uuid, OpenError> {
    let identity = Uuid::new_v4();
    let transaction = connection.transaction()?;
    transaction.execute_batch(TABLES)?;
    for (key, value) in [("log", identity.to_string()), ("partitions", partitions.to_string())] {
        transaction.execute("INSERT INTO meta (key, value) VALUES (?1, ?2)", params![key, value])?;
    }
    transaction.pragma_update(None, "user_version", FORMAT)?;
    transaction.commit()?;
    Ok(identity)
}

fn meta<T: std::str::FromStr>(connection: &Connection, key: &str) -> Result<T, OpenError> {
    let stored: Option<String> = connection
        .query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0))
        .optional()?;
    let value = stored.and_then(|text| text.parse().ok());
    value.ok_or_else(|| OpenError::Damaged(format!("its `{key}` is not readable")))
}

/// Where every shard ends: the last row of heads, and the records after it folded once more.
fn fold_heads(connection: &Connection, partitions: u32) -> Result<Heads, OpenError> {
    let mut heads = Heads::new(partitions);
    let stored: Option<(i64, Vec<u8>)> = connection
        .query_row(
            "SELECT last_id, folds FROM heads ORDER BY number DESC LIMIT 1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    if let Some((last_id, folds)) = stored
        && !heads.decode(last_id, &folds)
    {
        return Err(OpenError::Damaged("its last row of heads is not readable".to_owned()));
    }
    let mut statement = connection.prepare(SELECT_RECORDS)?;
    // The row of the heads itself is read again for its time only.
    let mut rows = statement.query([heads.last_id - 1])?;
    while let Some(row) = rows.next()? {
        let Place { id, shard, offset } = Place::of(row)?;
        let shard = shard.ok_or_else(|| OpenError::Damaged(format!("row {id} is of an unknown topic")))?;
        let record = record(row, shard, offset).map_err(damaged)?;
        heads.at = heads.at.max(record.at);
        if id <= heads.last_id {
            continue;
        }
        let fold = heads
            .fold_mut(shard)
            .ok_or_else(|| OpenError::Damaged(format!("row {id} is of the unknown shard {shard}")))?;
        match fold.apply(offset, &record.envelope) {
            Ok(Verdict::Accepted) => heads.last_id = id,
            Ok(Verdict::Void(why)) => {
                return Err(OpenError::Damaged(format!("row {id} of {shard} is void: {why:?}")));
            }
            Err(halt) => return Err(OpenError::Damaged(format!("{shard}: {halt}"))),
        }
    }
    Ok(heads)
}

fn damaged(error: LogError) -> OpenError {
    OpenError::Damaged(error.to_string())
}
