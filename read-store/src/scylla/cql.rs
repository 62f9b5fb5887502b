//! Every statement that the adapter sends, in the part of CQL that ScyllaDB and Cassandra share.
//!
//! Values go in by markers alone; what is put into a text is an identifier of `a-z0-9_`, a number, or the name of
//! the data centre. Every write carries the timestamp of the commit that caused it.

use crate::port::{Column, ColumnType, Direction, Generation, PageRange, StoreError, Table};

/// Asks a node for the name of its data centre.
pub(super) const DATA_CENTRE: &str = "SELECT data_center FROM system.local";

/// Whether a keyspace is there. Marker: its name.
pub(super) const KEYSPACE: &str = "SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?";

/// The columns of all tables of a keyspace. Marker: its name.
pub(super) const COLUMNS: &str = "SELECT table_name, column_name, type FROM system_schema.columns \
                                  WHERE keyspace_name = ?";

/// How long a deleted row is remembered: ten days, CQL's own default. No write that is older than a delete comes
/// later than that, and replicas that have missed it are repaired by then.
const TOMBSTONE_SECONDS: u32 = 864_000;

/// The column of a table that has none of its own: without a cell a row has no version to read.
const PRESENT: Column = Column {
    name: "present",
    kind: ColumnType::Blob,
};

/// What is done with one table's rows; each is one prepared statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Markers: partition, clustering, the columns, timestamp.
    Write,
    /// Markers: timestamp, partition, clustering.
    Delete,
    /// Markers: partition, clustering.
    Get,
    /// Markers: partition, after, before, limit; those of the range only where it has them.
    Page {
        after: bool,
        before: bool,
        direction: Direction,
    },
    /// Markers: token, limit.
    Scan,
}

impl Form {
    /// How many there are.
    pub(super) const COUNT: usize = 12;

    /// The page of a range.
    pub(super) fn page(range: &PageRange, direction: Direction) -> Self {
        Self::Page {
            after: range.after.is_some(),
            before: range.before.is_some(),
            direction,
        }
    }

    /// Its number, from 0.
    pub(super) fn index(self) -> usize {
        match self {
            Self::Write => 0,
            Self::Delete => 1,
            Self::Get => 2,
            Self::Scan => 3,
            Self::Page {
                after,
                before,
                direction,
            } => 4 + usize::from(after) + 2 * usize::from(before) + 4 * usize::from(direction == Direction::Backward),
        }
    }
}

/// The name of a table of one generation.
pub(super) fn table_name(table: &Table, generation: Generation) -> String {
    format!("{}_{}_g{generation}", table.projection, table.name)
}

/// The statements of one table of one generation.
#[derive(Debug)]
pub(super) struct TableCql {
    /// `"<keyspace>"."<table>"`.
    name: String,
    columns: Vec<Column>,
}

impl TableCql {
    pub(super) fn new(keyspace: &str, table: &Table, generation: Generation) -> Self {
        let columns = match table.columns {
            [] => vec![PRESENT],
            columns => columns.to_vec(),
        };
        Self {
            name: format!(r#""{keyspace}"."{}""#, table_name(table, generation)),
            columns,
        }
    }

    /// Names and types of all columns.
    pub(super) fn layout(&self) -> impl Iterator<Item = (&str, &str)> {
        let key = [("partition", "text"), ("clustering", "blob")];
        let columns = self.columns.iter().map(|column| (column.name, type_name(column.kind)));
        key.into_iter().chain(columns)
    }

    pub(super) fn create(&self) -> String {
        let columns: Vec<String> = self
            .layout()
            .map(|(name, kind)| format!(r#""{name}" {kind}"#))
            .collect();
        format!(
            r#"CREATE TABLE IF NOT EXISTS {} ({}, PRIMARY KEY ("partition", "clustering")) WITH CLUSTERING ORDER BY ("clustering" ASC) AND compaction = {{'class': 'LeveledCompactionStrategy'}} AND gc_grace_seconds = {TOMBSTONE_SECONDS}"#,
            self.name,
            columns.join(", "),
        )
    }

    pub(super) fn drop(&self) -> String {
        format!("DROP TABLE IF EXISTS {}", self.name)
    }

    pub(super) fn text(&self, form: Form) -> String {
        let name = &self.name;
        match form {
            Form::Write => {
                let columns = self.names().join(", ");
                let markers = "?, ".repeat(self.columns.len() + 1);
                format!(
                    r#"INSERT INTO {name} ("partition", "clustering", {columns}) VALUES ({markers}?) USING TIMESTAMP ?"#
                )
            }
            Form::Delete => {
                format!(r#"DELETE FROM {name} USING TIMESTAMP ? WHERE "partition" = ? AND "clustering" = ?"#)
            }
            Form::Get => format!(
                r#"SELECT {} FROM {name} WHERE "partition" = ? AND "clustering" = ?"#,
                self.cells()
            ),
            Form::Page {
                after,
                before,
                direction,
            } => {
                let after = if after { r#" AND "clustering" > ?"# } else { "" };
                let before = if before { r#" AND "clustering" < ?"# } else { "" };
                let order = match direction {
                    Direction::Forward => "ASC",
                    Direction::Backward => "DESC",
                };
                format!(
                    r#"SELECT {}, "clustering" FROM {name} WHERE "partition" = ?{after}{before} ORDER BY "clustering" {order} LIMIT ?"#,
                    self.cells()
                )
            }
            Form::Scan => format!(
                r#"SELECT {}, "clustering", "partition" FROM {name} WHERE token("partition") > ? LIMIT ?"#,
                self.cells()
            ),
        }
    }

    fn names(&self) -> Vec<String> {
        self.columns
            .iter()
            .map(|column| format!(r#""{}""#, column.name))
            .collect()
    }

    /// The version, then the columns.
    fn cells(&self) -> String {
        let names = self.names();
        format!("WRITETIME({}), {}", names[0], names.join(", "))
    }
}

/// The keyspace of the read models in one data centre.
///
/// # Errors
/// [`StoreError::Damaged`] when the data centre's name cannot be put into a statement.
pub(super) fn create_keyspace(keyspace: &str, data_centre: &str, replication: u32) -> Result<String, StoreError> {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "_-.".contains(character);
    if data_centre.is_empty() || !data_centre.chars().all(is_plain) {
        return Err(StoreError::Damaged(format!(
            "the data centre's name is {data_centre:?}; letters, digits, and _ - . are understood"
        )));
    }
    Ok(format!(
        r#"CREATE KEYSPACE IF NOT EXISTS "{keyspace}" WITH replication = {{'class': 'NetworkTopologyStrategy', '{data_centre}': {replication}}}"#
    ))
}

fn type_name(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Text => "text",
        ColumnType::Integer => "bigint",
        ColumnType::Blob => "blob",
    }
}

#[cfg(test)]
mod tests;
