//! Reading one shard from an offset.

use std::sync::{Arc, PoisonError};

use bytes::Bytes;
use domain::stream::{Shard, Topic};
use domain::value::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::Inner;
use super::heads::stored_offset;
use super::schema::{SELECT_HEADS, SELECT_SHARD, open_reader};
use super::writer::checksum;
use crate::envelope::Envelope;
use crate::port::{LogError, Record};

/// Most connections that are kept for the next reader.
const READERS_KEPT_MAX: usize = 4;

impl From<rusqlite::Error> for LogError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Unavailable(error.to_string())
    }
}

/// Where a row is, read before anything else of it.
pub(super) struct Place {
    pub(super) id: i64,
    /// None in a row of a topic that this program does not know.
    pub(super) shard: Option<Shard>,
    pub(super) offset: i64,
}

impl Place {
    pub(super) fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        let topic: Option<Topic> = row.get_ref(1)?.as_str().ok().and_then(|name| name.parse().ok());
        let partition = row.get(2)?;
        Ok(Self {
            id: row.get(0)?,
            shard: topic.map(|topic| Shard { topic, partition }),
            offset: row.get(3)?,
        })
    }
}

/// The record in a row, if it is what was written.
pub(super) fn record(row: &Row<'_>, shard: Shard, offset: i64) -> Result<Arc<Record>, LogError> {
    let at = Timestamp(row.get(4)?);
    let stored: u32 = row.get(5)?;
    let damaged = |why: String| LogError::Damaged { shard, offset, why };
    let (envelope, payload) = match (row.get_ref(6)?.as_blob(), row.get_ref(7)?.as_blob()) {
        (Ok(envelope), Ok(payload)) => (envelope, payload),
        _ => return Err(damaged("its row is not readable".to_owned())),
    };
    let mut blobs = crc32fast::Hasher::new();
    blobs.update(envelope);
    blobs.update(payload);
    if checksum(blobs, offset, at) != stored {
        return Err(damaged("its checksum does not match".to_owned()));
    }
    let envelope = Envelope::decode(envelope).map_err(|error| damaged(error.to_string()))?;
    Ok(Arc::new(Record {
        shard,
        offset,
        at,
        envelope,
        payload: Bytes::copy_from_slice(payload),
    }))
}

/// Runs `read` with a connection, and keeps the connection for the next one.
pub(super) fn with_reader<T>(
    inner: &Inner,
    read: impl FnOnce(&Connection) -> Result<T, LogError>,
) -> Result<T, LogError> {
    let kept = inner.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let connection = match kept {
        Some(connection) => connection,
        None => open_reader(&inner.file)?,
    };
    let result = read(&connection);
    let mut readers = inner.readers.lock().unwrap_or_else(PoisonError::into_inner);
    if readers.len() < READERS_KEPT_MAX {
        readers.push(connection);
    }
    result
}

pub(super) fn read(
    inner: &Inner,
    shard: Shard,
    from: i64,
    records_max: usize,
    bytes_max: usize,
) -> Result<Vec<Arc<Record>>, LogError> {
    let (index, end) = {
        let heads = inner.heads();
        let Some(index) = heads.index(shard) else {
            return Ok(Vec::new());
        };
        (index, heads.fold(shard).map_or(0, crate::fold::Fold::next))
    };
    if from >= end {
        return Ok(Vec::new());
    }
    if let Some(recent) = inner.recent.read(index, from, records_max, bytes_max) {
        return Ok(recent);
    }
    with_reader(inner, |connection| {
        let Block { after, through, .. } = block(connection, index, from)?;
        let mut statement = connection.prepare_cached(SELECT_SHARD)?;
        let limit = i64::try_from(records_max.max(1)).unwrap_or(i64::MAX);
        let mut rows = statement.query(params![
            after,
            through,
            shard.topic.name(),
            shard.partition,
            from,
            limit
        ])?;
        let (mut taken, mut bytes) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            let found = match record(row, shard, row.get(3)?) {
                Err(LogError::Damaged { .. }) if !taken.is_empty() => break,
                found => found?,
            };
            bytes += found.payload.len();
            if bytes > bytes_max && !taken.is_empty() {
                break;
            }
            taken.push(found);
        }
        if taken.is_empty() {
            let why = "it is not where it was written".to_owned();
            return Err(LogError::Damaged {
                shard,
                offset: from,
                why,
            });
        }
        Ok(taken)
    })
}

/// A run of rows in which a record lies.
pub(super) struct Block {
    pub(super) after: i64,
    through: i64,
    /// The row of heads at its end, if there is one by now.
    pub(super) heads: i64,
}

/// The block of rows that holds the record of a shard at `offset`, found by halving among the rows of heads.
pub(super) fn block(connection: &Connection, index: usize, offset: i64) -> Result<Block, LogError> {
    let mut statement = connection.prepare_cached(SELECT_HEADS)?;
    let mut heads = |number: i64| -> Result<Option<(i64, i64)>, LogError> {
        let row = statement.query_row([number], |row| {
            let offset = row
                .get_ref(1)?
                .as_blob()
                .ok()
                .and_then(|stored| stored_offset(stored, index));
            Ok((row.get(0)?, offset.unwrap_or(i64::MAX)))
        });
        Ok(row.optional()?)
    };
    // Heads `low` lie before the record, heads `high` do not.
    let (mut low, mut high) = (0, heads_count(connection)? + 1);
    let (mut after, mut through) = (0, i64::MAX);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        match heads(middle)? {
            Some((last_id, reached)) if reached < offset => (low, after) = (middle, last_id),
            Some((last_id, _)) => (high, through) = (middle, last_id),
            None => high = middle,
        }
    }
    Ok(Block {
        after,
        through,
        heads: high,
    })
}

/// Rows of heads are numbered from 1 without a gap.
pub(super) fn heads_count(connection: &Connection) -> Result<i64, LogError> {
    let mut statement = connection.prepare_cached("SELECT coalesce(max(number), 0) FROM heads")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}
