//! Shopify's product export: a row for each variant and each further image, the first row of a handle with the
//! product's own cells. Of a file with only some of the columns, only these are read, and the rest stays as it is.

mod columns;
mod read;
mod variants;

pub(super) use read::{read, score};

use super::sheet::{Row, Sheet};
use columns::{Column, Columns};

/// A sheet and where its columns stand.
struct Export<'a> {
    sheet: &'a Sheet,
    columns: Columns,
}

impl Export<'_> {
    /// Whether the file has the column.
    fn has(&self, column: Column) -> bool {
        self.columns.position(column).is_some()
    }

    /// A cell's text without blanks around it; empty when the file has no such column.
    fn cell<'a>(&self, row: &'a Row, column: Column) -> &'a str {
        Sheet::text(row, self.columns.position(column))
    }

    /// The column's name as it stands in the file.
    fn name(&self, column: Column) -> &str {
        self.columns.position(column).map_or("", |index| self.sheet.name(index))
    }
}
