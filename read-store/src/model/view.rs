use domain::value::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::port::{Column, ColumnType, Key, Row, StoreError, Value};

/// The column of a view: a [`Versioned`], encoded with postcard.
pub const VIEW_COLUMN: Column = Column {
    name: "view",
    kind: ColumnType::Blob,
};

/// The column of an id that a row leads to: the UUID's 16 bytes.
pub const ID_COLUMN: Column = Column {
    name: "id",
    kind: ColumnType::Blob,
};

/// Room for most views; a larger one grows.
const VIEW_BYTES_USUAL: usize = 256;

/// A view and how far it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versioned<V> {
    /// The last commit of its shard that is in it.
    pub seq: u64,
    /// The stream's version: how many events it has had. `ETag` and `If-Match` speak of it.
    pub version: u64,
    /// When the log took that commit.
    pub changed: Timestamp,
    /// What queries show.
    pub view: V,
}

impl<V: DeserializeOwned> Versioned<V> {
    /// The view in a row of a table whose last column is [`VIEW_COLUMN`].
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when there is no such view in it.
    pub fn of_row(row: &Row) -> Result<Self, StoreError> {
        let Some(Value::Blob(bytes)) = row.values.last() else {
            return Err(damaged(&row.key, "has no view"));
        };
        postcard::from_bytes(bytes).map_err(|error| damaged(&row.key, &error.to_string()))
    }
}

/// The row at `key` that holds a view and nothing else.
///
/// # Errors
/// [`StoreError::Damaged`] when the view cannot be encoded, which no view of [`super`] does.
pub fn view_row<V: Serialize>(key: Key, view: &Versioned<V>) -> Result<Row, StoreError> {
    let bytes = Vec::with_capacity(VIEW_BYTES_USUAL);
    let bytes = postcard::to_extend(view, bytes).map_err(|error| damaged(&key, &error.to_string()))?;
    Ok(Row {
        key,
        values: vec![Value::Blob(bytes)],
    })
}

/// The row at `key` that leads to an id.
#[must_use]
pub fn id_row(key: Key, id: Uuid) -> Row {
    Row {
        key,
        values: vec![Value::Blob(id.as_bytes().to_vec())],
    }
}

/// The id that a row leads to, in a table whose only column is [`ID_COLUMN`].
///
/// # Errors
/// [`StoreError::Damaged`] when there is no id in it.
pub fn id_value(row: &Row) -> Result<Uuid, StoreError> {
    match row.values.as_slice() {
        [Value::Blob(bytes)] => Uuid::from_slice(bytes).map_err(|error| damaged(&row.key, &error.to_string())),
        _ => Err(damaged(&row.key, "has no id")),
    }
}

/// What is at a key is not what was written there.
pub(super) fn damaged(key: &Key, why: &str) -> StoreError {
    StoreError::Damaged(format!("the row at {:?}: {why}", key.partition))
}
