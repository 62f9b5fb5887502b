//! What is read from the file.

use std::collections::BTreeMap;

use domain::stream::{Shard, StreamId};
use domain::value::{CommandId, Timestamp};
use event_log::Checkpoint;
use rusqlite::{Connection, OptionalExtension, params};

use super::StateDbError;
use super::row::{parse_stream, shard_number, unseal_answer, unseal_checkpoint, unseal_state};
use crate::shard::{Kept, Loaded, Versioned};

pub(super) fn checkpoints(connection: &Connection) -> Result<BTreeMap<Shard, Checkpoint>, StateDbError> {
    let mut statement = connection.prepare_cached("SELECT shard, checkpoint FROM checkpoints")?;
    let mut rows = statement.query([])?;
    let mut checkpoints = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        let bytes = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        let shard = name.parse().map_err(|_| StateDbError::Damaged(name.clone()))?;
        checkpoints.insert(shard, unseal_checkpoint(&name, bytes)?);
    }
    Ok(checkpoints)
}

pub(super) fn load(
    connection: &Connection,
    shard: Shard,
    streams: Vec<StreamId>,
    command: Option<CommandId>,
) -> Result<Loaded, StateDbError> {
    // One snapshot for all of it, and one round of locks.
    let transaction = connection.unchecked_transaction()?;
    let mut loaded = Vec::with_capacity(streams.len());
    for stream in streams {
        let versioned = state(&transaction, shard, &stream)?;
        loaded.push((stream, versioned));
    }
    let kept = match command {
        Some(command) => answer(&transaction, command)?,
        None => None,
    };
    Ok(Loaded { streams: loaded, kept })
}

fn state(connection: &Connection, shard: Shard, stream: &StreamId) -> Result<Versioned, StateDbError> {
    let name = stream.to_string();
    let mut statement = connection.prepare_cached("SELECT state FROM streams WHERE shard = ?1 AND stream = ?2")?;
    let mut rows = statement.query(params![shard_number(shard), name])?;
    match rows.next()? {
        Some(row) => unseal_state(&name, row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?),
        None => Ok(Versioned::initial(stream)),
    }
}

/// The youngest one: after the window, a key may be used again.
fn answer(connection: &Connection, command: CommandId) -> Result<Option<Kept>, StateDbError> {
    let blocks = "SELECT (SELECT min(number) FROM answers) >> 16, (SELECT max(number) FROM answers) >> 16";
    let blocks: (Option<i64>, Option<i64>) = connection
        .prepare_cached(blocks)?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let (Some(oldest), Some(youngest)) = blocks else {
        return Ok(None);
    };
    let mut statement = connection.prepare_cached(
        "SELECT answer FROM answers WHERE number >> 16 = ?1 AND command = ?2 ORDER BY number DESC LIMIT 1",
    )?;
    for block in (oldest..=youngest).rev() {
        let found: Option<Vec<u8>> = statement
            .query_row(params![block, command.0.as_bytes().as_slice()], |row| row.get(0))
            .optional()?;
        if let Some(bytes) = found {
            return unseal_answer(command, &bytes).map(Some);
        }
    }
    Ok(None)
}

pub(super) fn due(
    connection: &Connection,
    shard: Shard,
    until: Timestamp,
    streams_max: usize,
) -> Result<Vec<(Timestamp, StreamId)>, StateDbError> {
    let mut statement = connection.prepare_cached(
        "SELECT due, stream FROM streams WHERE shard = ?1 AND due IS NOT NULL AND due <= ?2 ORDER BY due LIMIT ?3",
    )?;
    let limit = i64::try_from(streams_max).unwrap_or(i64::MAX);
    let mut rows = statement.query(params![shard_number(shard), until.0, limit])?;
    let mut due = Vec::new();
    while let Some(row) = rows.next()? {
        let name = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        due.push((Timestamp(row.get(0)?), parse_stream(name)?));
    }
    Ok(due)
}

pub(super) fn unfinished(connection: &Connection, shard: Shard) -> Result<Vec<(StreamId, Versioned)>, StateDbError> {
    let mut statement =
        connection.prepare_cached("SELECT stream, state FROM streams WHERE shard = ?1 AND unfinished IS NOT NULL")?;
    let mut rows = statement.query([shard_number(shard)])?;
    let mut unfinished = Vec::new();
    while let Some(row) = rows.next()? {
        let name = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        let bytes = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        unfinished.push((parse_stream(name)?, unseal_state(name, bytes)?));
    }
    Ok(unfinished)
}

pub(super) fn scan(
    connection: &Connection,
    shard: Shard,
    prefix: &str,
    seen: &mut dyn FnMut(StreamId, Versioned),
) -> Result<(), StateDbError> {
    let mut statement = connection.prepare_cached(
        "SELECT stream, state FROM streams WHERE shard = ?1 AND stream >= ?2 AND stream < ?3 ORDER BY stream",
    )?;
    // No name holds a character beyond this one.
    let end = format!("{prefix}\u{10ffff}");
    let mut rows = statement.query(params![shard_number(shard), prefix, end])?;
    while let Some(row) = rows.next()? {
        let name = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        let bytes = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        seen(parse_stream(name)?, unseal_state(name, bytes)?);
    }
    Ok(())
}
