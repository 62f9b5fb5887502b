//! Positions: rows of a table of their own, beside those of the generation that they speak of.
//!
//! The table goes with its generation, so that one that is made anew begins without positions, and no mark of a
//! deleted position outlives it.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::stream::Shard;
use domain::value::Timestamp;

use super::ScyllaStore;
use crate::port::{
    Column, ColumnType, Direction, Generation, Key, PAGE_ROWS_MAX, PageRange, Position, Row, StoreError, Table, Value,
    Version,
};

const fn integer(name: &'static str) -> Column {
    let kind = ColumnType::Integer;
    Column { name, kind }
}

const COLUMNS: [Column; 6] = [
    integer("offset"),
    integer("term"),
    integer("seq"),
    integer("time"),
    integer("hash"),
    Column {
        name: "log",
        kind: ColumnType::Blob,
    },
];

/// The positions of a projection: partition = its name, clustering = the shard's.
pub(super) fn table(projection: &'static str) -> Table {
    Table {
        projection,
        name: "positions",
        columns: &COLUMNS,
    }
}

/// A position further on in the log is a newer one.
pub(super) fn version(position: &Position) -> Version {
    u64::try_from(position.offset + 1).unwrap_or(0)
}

pub(super) fn row(projection: &str, shard: Shard, position: &Position) -> Row {
    let key = Key {
        partition: projection.to_owned(),
        clustering: shard.to_string().into_bytes(),
    };
    let values = vec![
        Value::Integer(position.offset),
        Value::Integer(position.term.cast_signed()),
        Value::Integer(position.seq.cast_signed()),
        Value::Integer(position.at.0),
        Value::Integer(position.hash.cast_signed()),
        Value::Blob(position.log.to_be_bytes().to_vec()),
    ];
    Row { key, values }
}

fn of_row(row: &Row) -> Option<(Shard, Position)> {
    let shard = std::str::from_utf8(&row.key.clustering).ok()?.parse().ok()?;
    let [
        Value::Integer(offset),
        Value::Integer(term),
        Value::Integer(seq),
        Value::Integer(time),
        Value::Integer(hash),
        Value::Blob(log),
    ] = row.values.as_slice()
    else {
        return None;
    };
    let position = Position {
        offset: *offset,
        term: term.cast_unsigned(),
        seq: seq.cast_unsigned(),
        at: Timestamp(*time),
        hash: hash.cast_unsigned(),
        log: u128::from_be_bytes(log.as_slice().try_into().ok()?),
    };
    Some((shard, position))
}

/// How often a table that is listed and cannot be read is looked at: a node lists a table a moment before it has it.
const NEW_TABLE_LOOKS_MAX: u32 = 50;
/// Between two of these looks.
const NEW_TABLE_PAUSE: Duration = Duration::from_millis(20);

impl ScyllaStore {
    /// None of a generation that was never created.
    pub(super) async fn read_positions(
        &self,
        projection: &'static str,
        generation: Generation,
    ) -> Result<BTreeMap<Shard, Position>, StoreError> {
        let table = table(projection);
        let mut positions = BTreeMap::new();
        let mut range = PageRange::default();
        let mut looks = 0;
        loop {
            let page = self.read_page(
                &table,
                generation,
                projection,
                &range,
                Direction::Forward,
                PAGE_ROWS_MAX,
            );
            let rows = match page.await {
                Ok(rows) => rows,
                Err(error) if error.is_retryable() => return Err(error),
                Err(_) if !self.has(&table, generation).await? => return Ok(positions),
                Err(_) if looks < NEW_TABLE_LOOKS_MAX => {
                    looks += 1;
                    tokio::time::sleep(NEW_TABLE_PAUSE).await;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let Some((last, _)) = rows.last() else {
                return Ok(positions);
            };
            range.after = Some(last.key.clustering.clone());
            for (row, _) in &rows {
                let damaged = || StoreError::Damaged(format!("a position of {projection} in generation {generation}"));
                let (shard, position) = of_row(row).ok_or_else(damaged)?;
                positions.insert(shard, position);
            }
        }
    }
}
