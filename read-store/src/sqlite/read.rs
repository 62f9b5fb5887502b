use std::collections::BTreeMap;

use domain::stream::Shard;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, params};

use super::statements::TableSql;
use crate::port::{
    ColumnType, Direction, Generation, Key, PAGE_ROWS_MAX, PageRange, Position, Row, StoreError, Table, Value, Version,
};
use crate::stamp::Stamp;

pub(super) fn get(
    connection: &mut Connection,
    sql: &TableSql,
    table: &Table,
    keys: &[Key],
) -> Result<Vec<Option<(Row, Version)>>, StoreError> {
    // One transaction is cheaper than one for each key, and shows all rows at the same moment.
    let snapshot = connection.transaction()?;
    let mut statement = snapshot.prepare_cached(&sql.get)?;
    let found = keys.iter().map(|key| {
        let read = |found: &rusqlite::Row<'_>| Ok((values_of(found, table, 1)?, Stamp(found.get(0)?).version()));
        let read = statement
            .query_row(params![key.partition, key.clustering], read)
            .optional()?;
        Ok(read.map(|(values, version)| {
            let key = key.clone();
            (Row { key, values }, version)
        }))
    });
    found.collect()
}

pub(super) fn page(
    connection: &Connection,
    sql: &TableSql,
    table: &Table,
    partition: &str,
    range: &PageRange,
    direction: Direction,
    limit: usize,
) -> Result<Vec<Row>, StoreError> {
    let mut statement = connection.prepare_cached(sql.page(range, direction))?;
    let rows = statement.query_map(params![partition, range.after, range.before, capped(limit)], |found| {
        Ok(Row {
            key: Key {
                partition: partition.to_owned(),
                clustering: found.get(0)?,
            },
            values: values_of(found, table, 1)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn scan(
    connection: &Connection,
    sql: &TableSql,
    table: &Table,
    after: Option<&Key>,
    limit: usize,
) -> Result<Vec<(Row, Version)>, StoreError> {
    let mut statement = connection.prepare_cached(&sql.scan)?;
    // No row is at the empty partition, so everything comes after it.
    let (partition, clustering) = after.map_or(("", [].as_slice()), |key| (&*key.partition, &*key.clustering));
    let rows = statement.query_map(params![partition, clustering, capped(limit)], |found| {
        let row = Row {
            key: Key {
                partition: found.get(0)?,
                clustering: found.get(1)?,
            },
            values: values_of(found, table, 3)?,
        };
        Ok((row, Stamp(found.get(2)?).version()))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn positions(
    connection: &Connection,
    projection: &str,
    generation: Generation,
) -> Result<BTreeMap<Shard, Position>, StoreError> {
    let sql = "SELECT positions FROM positions WHERE projection = ?1 AND generation = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let stored: Option<Vec<u8>> = statement
        .query_row(params![projection, generation], |found| found.get(0))
        .optional()?;
    let Some(stored) = stored else {
        return Ok(BTreeMap::new());
    };
    let damaged = |error: postcard::Error| StoreError::Damaged(format!("the positions of {projection}: {error}"));
    postcard::from_bytes(&stored).map_err(damaged)
}

fn capped(limit: usize) -> i64 {
    i64::try_from(limit.min(PAGE_ROWS_MAX)).unwrap_or(i64::MAX)
}

fn values_of(found: &rusqlite::Row<'_>, table: &Table, first: usize) -> rusqlite::Result<Vec<Value>> {
    let columns = table.columns.iter().enumerate();
    columns
        .map(|(index, column)| {
            let index = first + index;
            Ok(match (column.kind, found.get_ref(index)?) {
                (ColumnType::Text, ValueRef::Text(_)) => Value::Text(found.get(index)?),
                (ColumnType::Integer, ValueRef::Integer(number)) => Value::Integer(number),
                (ColumnType::Blob, ValueRef::Blob(bytes)) => Value::Blob(bytes.to_vec()),
                (_, other) => {
                    let name = column.name.to_owned();
                    return Err(rusqlite::Error::InvalidColumnType(index, name, other.data_type()));
                }
            })
        })
        .collect()
}
