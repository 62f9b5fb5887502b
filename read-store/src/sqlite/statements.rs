use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, PoisonError, RwLock};

use crate::port::{ColumnType, Direction, Generation, PageRange, Table};

/// A projection, one of its tables, and a generation.
type TableKey = (&'static str, &'static str, Generation);

/// The SQL of every table that was used.
#[derive(Debug, Default)]
pub(super) struct Statements(RwLock<HashMap<TableKey, Arc<TableSql>>>);

impl Statements {
    pub(super) fn of(&self, table: &'static Table, generation: Generation) -> Arc<TableSql> {
        let key = (table.projection, table.name, generation);
        if let Some(known) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Arc::clone(known);
        }
        let sql = Arc::new(TableSql::new(table, generation));
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key, Arc::clone(&sql));
        sql
    }

    pub(super) fn forget(&self, table: &'static Table, generation: Generation) {
        let key = (table.projection, table.name, generation);
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(&key);
    }
}

/// The SQL of one table of one generation. The last two bits of `stamp` tell a row (2 or 3) from a tombstone (1).
#[derive(Debug)]
pub(super) struct TableSql {
    pub(super) create: String,
    pub(super) drop: String,
    pub(super) write: String,
    pub(super) delete: String,
    pub(super) get: String,
    pub(super) scan: String,
    pub(super) forget: String,
    pages: [String; 8],
}

impl TableSql {
    fn new(table: &Table, generation: Generation) -> Self {
        let name = format!("{}_{}_g{generation}", table.projection, table.name);
        let (mut definitions, mut names, mut markers) = (String::new(), String::new(), String::new());
        let (mut assignments, mut empty) = (String::new(), String::new());
        for (index, column) in table.columns.iter().enumerate() {
            let (kind, nothing) = match column.kind {
                ColumnType::Text => ("TEXT", "''"),
                ColumnType::Integer => ("INTEGER", "0"),
                ColumnType::Blob => ("BLOB", "x''"),
            };
            // Writing to a String cannot fail.
            let _ = write!(definitions, r#", "{}" {kind} NOT NULL"#, column.name);
            let _ = write!(names, r#", "{}""#, column.name);
            let _ = write!(markers, ", ?{}", index + 4);
            let _ = write!(assignments, r#", "{0}" = excluded."{0}""#, column.name);
            let _ = write!(empty, ", {nothing}");
        }
        let upsert = |values: &str| {
            format!(
                r#"INSERT INTO "{name}" ("partition", clustering, stamp{names}) VALUES (?1, ?2, ?3{values})
                ON CONFLICT DO UPDATE SET stamp = excluded.stamp{assignments} WHERE excluded.stamp > stamp"#
            )
        };
        Self {
            create: format!(
                r#"CREATE TABLE IF NOT EXISTS "{name}" ("partition" TEXT NOT NULL, clustering BLOB NOT NULL,
                stamp INTEGER NOT NULL{definitions}, PRIMARY KEY ("partition", clustering)) STRICT, WITHOUT ROWID;
                CREATE INDEX IF NOT EXISTS "{name}_tombstones" ON "{name}" (stamp) WHERE stamp & 3 = 1"#
            ),
            drop: format!(r#"DROP TABLE IF EXISTS "{name}""#),
            write: upsert(&markers),
            delete: upsert(&empty),
            get: format!(
                r#"SELECT stamp{names} FROM "{name}"
                WHERE "partition" = ?1 AND clustering = ?2 AND stamp & 2 = 2"#
            ),
            scan: format!(
                r#"SELECT "partition", clustering, stamp{names} FROM "{name}"
                WHERE ("partition", clustering) > (?1, ?2) AND stamp & 2 = 2 ORDER BY 1, 2 LIMIT ?3"#
            ),
            forget: format!(r#"DELETE FROM "{name}" WHERE stamp & 3 = 1 AND stamp <= ?1"#),
            pages: std::array::from_fn(|form| {
                let after = if form & 1 == 0 { "" } else { "AND clustering > ?2" };
                let before = if form & 2 == 0 { "" } else { "AND clustering < ?3" };
                let order = if form & 4 == 0 { "" } else { "DESC" };
                format!(
                    r#"SELECT clustering{names} FROM "{name}" WHERE "partition" = ?1 {after} {before}
                    AND stamp & 2 = 2 ORDER BY clustering {order} LIMIT ?4"#
                )
            }),
        }
    }

    /// Markers: partition, after, before, limit.
    pub(super) fn page(&self, range: &PageRange, direction: Direction) -> &str {
        let form = usize::from(range.after.is_some())
            + 2 * usize::from(range.before.is_some())
            + 4 * usize::from(direction == Direction::Backward);
        &self.pages[form]
    }
}
