//! The rows that the rules are tried on.

use domain::stream::{Shard, Topic};
use domain::value::Timestamp;

use crate::port::{
    Batch, Column, ColumnType, Key, Mutation, PAGE_ROWS_MAX, Position, ReadStore, Row, Table, Value, Version,
};

pub(super) static ROWS: Table = Table {
    projection: "contract",
    name: "rows",
    columns: &[
        Column {
            name: "text",
            kind: ColumnType::Text,
        },
        Column {
            name: "number",
            kind: ColumnType::Integer,
        },
        Column {
            name: "bytes",
            kind: ColumnType::Blob,
        },
    ],
};

pub(super) static KEYS_ONLY: Table = Table {
    projection: "contract",
    name: "keys_only",
    columns: &[],
};

pub(super) static TABLES: [&Table; 2] = [&ROWS, &KEYS_ONLY];

pub(super) const SHARD: Shard = Shard {
    topic: Topic::Sales,
    partition: 3,
};

pub(super) fn key(partition: &str, clustering: &[u8]) -> Key {
    Key {
        partition: partition.to_owned(),
        clustering: clustering.to_vec(),
    }
}

pub(super) fn row(partition: &str, clustering: &[u8], text: &str) -> Row {
    Row {
        key: key(partition, clustering),
        values: vec![
            Value::Text(text.to_owned()),
            Value::Integer(-7),
            Value::Blob(vec![0, 255]),
        ],
    }
}

pub(super) fn write(row: Row, version: Version) -> Mutation {
    Mutation::Write {
        table: &ROWS,
        row,
        version,
    }
}

pub(super) fn delete(key: Key, version: Version) -> Mutation {
    Mutation::Delete {
        table: &ROWS,
        key,
        version,
    }
}

pub(super) fn position(seq: u64) -> Position {
    Position {
        offset: 2 * seq.cast_signed(),
        term: 3,
        seq,
        at: Timestamp(-5),
        hash: u64::MAX - seq,
        log: u128::MAX / 3,
    }
}

pub(super) fn batch(generation: u32, mutations: Vec<Mutation>) -> Batch {
    Batch {
        projection: "contract",
        generation,
        mutations,
        ..Batch::default()
    }
}

pub(super) async fn opened(store: &impl ReadStore) {
    store.create(&TABLES, 1).await.expect("tables can be created");
}

pub(super) async fn apply(store: &impl ReadStore, mutations: Vec<Mutation>) {
    store
        .apply(&[batch(1, mutations)])
        .await
        .expect("a batch can be applied");
}

pub(super) async fn get(store: &impl ReadStore, key: Key) -> Option<Row> {
    let mut rows = store.get(&ROWS, 1, &[key]).await.expect("rows can be read");
    rows.pop().expect("one answer for each key")
}

pub(super) async fn all(store: &impl ReadStore) -> Vec<(Row, Version)> {
    store
        .scan(&ROWS, 1, None, PAGE_ROWS_MAX)
        .await
        .expect("a table can be scanned")
}
