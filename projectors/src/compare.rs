//! Whether two sets of rows are the same, row by row and byte by byte.

use std::collections::BTreeMap;
use std::time::Instant;

use futures::future::BoxFuture;
use read_store::{Generation, Key, PAGE_ROWS_MAX, ReadStore, Row, StoreError, Table, Value, Version};

use crate::limits::{
    DIFFERENCE_CONFIRMATIONS, DIFFERENCE_RECHECK_PAUSE, DIFFERENCES_NAMED_MAX, RECHECK_DEADLINE, RECHECKED_ROWS_MAX,
};
use crate::registry::projection;

/// What a comparison found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parity {
    /// Rows of the first side.
    pub rows: u64,
    /// Rows that differ, or that only one side has.
    pub differing: u64,
    /// Some of them.
    pub differences: Vec<Difference>,
}

/// A row that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Of which table.
    pub table: &'static Table,
    /// Where.
    pub key: Key,
    /// What the first side has, with its version.
    pub first: Option<(Row, Version)>,
    /// What the second side has.
    pub second: Option<(Row, Version)>,
}

/// A column that differs, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnDifference {
    /// Its name.
    pub name: &'static str,
    /// What the first side has; empty where it has no row.
    pub first: String,
    /// What the second side has.
    pub second: String,
}

impl Difference {
    /// The columns that differ; where only the row's version differs, that.
    #[must_use]
    pub fn columns(&self) -> Vec<ColumnDifference> {
        let text = |seen: &Seen, index: usize| {
            let value = seen.as_ref().and_then(|(row, _)| row.values.get(index));
            value.map_or_else(String::new, |value| describe(self.table, value))
        };
        let mut columns = Vec::new();
        for (index, column) in self.table.columns.iter().enumerate() {
            let (first, second) = (text(&self.first, index), text(&self.second, index));
            if first != second {
                let name = column.name;
                columns.push(ColumnDifference { name, first, second });
            }
        }
        if columns.is_empty() {
            let version = |seen: &Seen| {
                seen.as_ref()
                    .map_or_else(String::new, |(_, version)| version.to_string())
            };
            columns.push(ColumnDifference {
                name: "version",
                first: version(&self.first),
                second: version(&self.second),
            });
        }
        columns
    }
}

/// A value for people: a view in its own words, other bytes in hexadecimal.
fn describe(table: &Table, value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Blob(bytes) => {
            let view = projection(table.projection).and_then(|registered| registered.describe(bytes));
            view.unwrap_or_else(|| bytes.iter().map(|byte| format!("{byte:02x}")).collect())
        }
    }
}

impl Parity {
    /// Whether both sides are the same.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.differing == 0
    }
}

/// One of the two sides.
#[derive(Clone, Copy)]
pub(crate) struct Side<'a> {
    pub(crate) store: &'a dyn ReadStore,
    pub(crate) generation: Generation,
}

/// Brings both sides to the same commits, as far as somebody else does not do so all the time.
pub(crate) trait Align: Send {
    /// After it, and as long as [`Align::is_aligned`], both sides hold the same commits.
    fn align(&mut self) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Whether both sides still hold what they held when they were aligned.
    fn is_aligned(&mut self) -> BoxFuture<'_, Result<bool, StoreError>>;
}

/// A row's version and content; none where there is no row.
type Seen = Option<(Row, Version)>;
/// The rows that seem to differ: where, and what each side has.
type Suspects = BTreeMap<(usize, Key), (Seen, Seen)>;

/// Compares all rows of `tables`. Rows change while they are compared: those that seem to differ are looked at
/// again, until they were the same once, or differ in the same way several times while both sides stand still at
/// the same commits. Once is not enough: another process may be half way through writing what this one has written.
pub(crate) async fn compare(
    tables: &[&'static Table],
    first: Side<'_>,
    second: Side<'_>,
    alignment: &mut dyn Align,
) -> Result<Parity, StoreError> {
    let deadline = Instant::now() + RECHECK_DEADLINE;
    alignment.align().await?;
    let (rows, mut suspects) = suspects(tables, first, second).await?;
    let mut confirmations = 0;
    while !suspects.is_empty()
        && confirmations < DIFFERENCE_CONFIRMATIONS
        && suspects.len() <= RECHECKED_ROWS_MAX
        && Instant::now() < deadline
    {
        tokio::time::sleep(DIFFERENCE_RECHECK_PAUSE).await;
        alignment.align().await?;
        let again = look_again(tables, first, second, &suspects).await?;
        let is_same = again == suspects;
        suspects = again;
        let is_confirmed = alignment.is_aligned().await? && is_same;
        confirmations = if is_confirmed { confirmations + 1 } else { 0 };
    }
    let differing = suspects.len() as u64;
    let differences = suspects
        .into_iter()
        .take(DIFFERENCES_NAMED_MAX)
        .map(|((table, key), (first, second))| {
            let table = tables[table];
            Difference {
                table,
                key,
                first,
                second,
            }
        });
    Ok(Parity {
        rows,
        differing,
        differences: differences.collect(),
    })
}

/// How many rows the first side has, and those that differ.
async fn suspects(tables: &[&'static Table], first: Side<'_>, second: Side<'_>) -> Result<(u64, Suspects), StoreError> {
    let mut rows = 0;
    let mut suspects = Suspects::new();
    for (index, table) in tables.iter().enumerate() {
        let mut pages = Pages::new(table, first);
        while let Some(page) = pages.next().await? {
            rows += page.len() as u64;
            let found = second.look_at(table, &keys(&page)).await?;
            let pairs = page
                .into_iter()
                .zip(found)
                .filter(|(seen, found)| Some(seen) != found.as_ref());
            suspects.extend(pairs.map(|(seen, found)| ((index, seen.0.key.clone()), (Some(seen), found))));
        }
        let mut pages = Pages::new(table, second);
        while let Some(page) = pages.next().await? {
            let found = first.look_at(table, &keys(&page)).await?;
            let extra = page.into_iter().zip(found).filter(|(_, found)| found.is_none());
            suspects.extend(extra.map(|(seen, _)| ((index, seen.0.key.clone()), (None, Some(seen)))));
        }
    }
    Ok((rows, suspects))
}

fn keys(page: &[(Row, Version)]) -> Vec<Key> {
    page.iter().map(|(row, _)| row.key.clone()).collect()
}

async fn look_again(
    tables: &[&'static Table],
    first: Side<'_>,
    second: Side<'_>,
    suspects: &Suspects,
) -> Result<Suspects, StoreError> {
    let mut still = Suspects::new();
    for (index, key) in suspects.keys() {
        let keys = std::slice::from_ref(key);
        let one = first.look_at(tables[*index], keys).await?.pop().flatten();
        let other = second.look_at(tables[*index], keys).await?.pop().flatten();
        if one != other {
            still.insert((*index, key.clone()), (one, other));
        }
    }
    Ok(still)
}

impl Side<'_> {
    async fn look_at(self, table: &'static Table, keys: &[Key]) -> Result<Vec<Seen>, StoreError> {
        self.store.get_versioned(table, self.generation, keys).await
    }
}

/// All rows of a table, a page at a time.
struct Pages<'a> {
    table: &'static Table,
    side: Side<'a>,
    last: Option<Key>,
}

impl<'a> Pages<'a> {
    fn new(table: &'static Table, side: Side<'a>) -> Self {
        let last = None;
        Self { table, side, last }
    }

    async fn next(&mut self) -> Result<Option<Vec<(Row, Version)>>, StoreError> {
        let Side { store, generation } = self.side;
        let page = store
            .scan(self.table, generation, self.last.take(), PAGE_ROWS_MAX)
            .await?;
        self.last = page.last().map(|(row, _)| row.key.clone());
        Ok((!page.is_empty()).then_some(page))
    }
}

#[cfg(test)]
mod tests;
