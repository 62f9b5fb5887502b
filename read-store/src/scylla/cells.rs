//! Cells on their way into statements and out of answers.

use scylla::cluster::metadata::ColumnType as DriverType;
use scylla::deserialize::row::ColumnIterator;
use scylla::errors::SerializationError;
use scylla::serialize::value::SerializeValue;
use scylla::serialize::writers::{CellWriter, WrittenCellProof};

use crate::port::{ColumnType, Key, StoreError, Table, Value, Version};
use crate::stamp::Stamp;

/// A value that is bound to a marker, without a copy.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cell<'a> {
    Text(&'a str),
    Integer(i64),
    Blob(&'a [u8]),
    /// Of rows.
    Limit(i32),
}

impl<'a> From<&'a Value> for Cell<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Text(text) => Self::Text(text),
            Value::Integer(number) => Self::Integer(*number),
            Value::Blob(bytes) => Self::Blob(bytes),
        }
    }
}

impl SerializeValue for Cell<'_> {
    fn serialize<'b>(
        &self,
        kind: &DriverType<'_>,
        writer: CellWriter<'b>,
    ) -> Result<WrittenCellProof<'b>, SerializationError> {
        match self {
            Self::Text(text) => text.serialize(kind, writer),
            Self::Integer(number) => number.serialize(kind, writer),
            Self::Blob(bytes) => bytes.serialize(kind, writer),
            Self::Limit(rows) => rows.serialize(kind, writer),
        }
    }
}

/// The cells of a row that was read, from the first to the last.
pub(super) struct Cells<'frame, 'specs>(pub(super) ColumnIterator<'frame, 'specs>);

impl<'frame> Cells<'frame, '_> {
    /// The version and the values: what every answer begins with.
    pub(super) fn version_and_values(&mut self, table: &Table) -> Result<(Version, Vec<Value>), StoreError> {
        let version = Stamp(self.integer()?).version();
        let values = table.columns.iter().map(|column| self.value(column.kind));
        let values = values.collect::<Result<_, _>>()?;
        if table.columns.is_empty() {
            // The cell that is there only to have a version.
            self.bytes()?;
        }
        Ok((version, values))
    }

    fn value(&mut self, kind: ColumnType) -> Result<Value, StoreError> {
        Ok(match kind {
            ColumnType::Text => Value::Text(self.text()?),
            ColumnType::Integer => Value::Integer(self.integer()?),
            ColumnType::Blob => Value::Blob(self.bytes()?.to_vec()),
        })
    }

    pub(super) fn text(&mut self) -> Result<String, StoreError> {
        let text = std::str::from_utf8(self.bytes()?);
        Ok(text
            .map_err(|error| StoreError::Damaged(format!("a text: {error}")))?
            .to_owned())
    }

    fn integer(&mut self) -> Result<i64, StoreError> {
        let bytes = self.bytes()?.try_into();
        let bytes = bytes.map_err(|_| StoreError::Damaged("an integer is not 8 bytes long".to_owned()))?;
        Ok(i64::from_be_bytes(bytes))
    }

    pub(super) fn bytes(&mut self) -> Result<&'frame [u8], StoreError> {
        let cell = self.0.next().and_then(Result::ok);
        let bytes = cell.and_then(|cell| cell.slice).map(|slice| slice.as_slice());
        bytes.ok_or_else(|| StoreError::Damaged("a cell is missing".to_owned()))
    }
}

/// Whether a row can be at a key: CQL takes no empty partition key, and no long keys.
pub(super) fn is_possible(key: &Key) -> bool {
    let length_max = super::limits::KEY_BYTES_MAX;
    (1..=length_max).contains(&key.partition.len()) && key.clustering.len() <= length_max
}
