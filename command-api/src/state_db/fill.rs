//! Filling the filters from the file, beside everything else.

use domain::value::{CommandId, Timestamp};
use rusqlite::Connection;
use uuid::Uuid;

use super::row::{parse_stream, shard_number};
use super::{Shared, StateDbError};

/// Reads every name and every id. Whatever is written meanwhile is told to the filters by the writer.
pub(super) fn fill(shared: &Shared) {
    if let Err(error) = shared.with_reader(|connection| fill_from(connection, shared)) {
        tracing::warn!(%error, "state.db is asked for everything: what it holds could not be listed");
    }
}

fn fill_from(connection: &Connection, shared: &Shared) -> Result<(), StateDbError> {
    shared.streams.expect(rows_at_most(connection, "streams")?);
    let mut statement = connection.prepare("SELECT stream FROM streams INDEXED BY streams_by_name")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let name = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        shared.streams.take_in(&parse_stream(name)?);
    }
    shared.streams.set_filled();
    let shards: Vec<_> = shared
        .written
        .keys()
        .map(|shard| (shard_number(*shard), *shard))
        .collect();
    shared.answers.expect(rows_at_most(connection, "answers")?);
    let mut statement = connection.prepare("SELECT command, shard, at FROM answers INDEXED BY answers_by_command")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let command: [u8; 16] = row.get(0)?;
        let number: i64 = row.get(1)?;
        let command = CommandId(Uuid::from_bytes(command));
        if let Some((_, shard)) = shards.iter().find(|(known, _)| *known == number) {
            shared
                .answers
                .take_in_until_passed(&command, *shard, Timestamp(row.get(2)?));
        }
    }
    shared.answers.set_filled();
    Ok(())
}

/// From the first number to the last: counting would read everything.
fn rows_at_most(connection: &Connection, table: &str) -> Result<usize, StateDbError> {
    let numbers = format!("SELECT 1 + (SELECT max(number) FROM {table}) - (SELECT min(number) FROM {table})");
    let rows: Option<i64> = connection.query_row(&numbers, [], |row| row.get(0))?;
    Ok(rows.and_then(|rows| usize::try_from(rows).ok()).unwrap_or(0))
}
