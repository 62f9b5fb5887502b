use std::collections::BTreeMap;

use futures::future::try_join_all;

use crate::port::{Direction, Generation, PAGE_ROWS_MAX, PageRange, ReadStore, Row, StoreError, Table};

/// Up to `limit` rows (at most [`PAGE_ROWS_MAX`]) of several partitions as if they were one, in the order of `direction`: the products of a
/// category and of all below it. Of rows with the same clustering key, which say the same, one is given.
///
/// Reads a page of each partition, so its cost grows with their number.
///
/// # Errors
/// [`StoreError`] of any of the pages.
pub async fn merged_page(
    store: &dyn ReadStore,
    table: &'static Table,
    generation: Generation,
    partitions: &[String],
    range: &PageRange,
    direction: Direction,
    limit: usize,
) -> Result<Vec<Row>, StoreError> {
    if let [partition] = partitions {
        return store
            .page(table, generation, partition, range.clone(), direction, limit)
            .await;
    }
    let pages = partitions
        .iter()
        .map(|partition| store.page(table, generation, partition, range.clone(), direction, limit));
    let limit = limit.min(PAGE_ROWS_MAX);
    let rows = try_join_all(pages).await?.into_iter().flatten();
    let merged: BTreeMap<Vec<u8>, Row> = rows.map(|row| (row.key.clustering.clone(), row)).collect();
    Ok(match direction {
        Direction::Forward => merged.into_values().take(limit).collect(),
        Direction::Backward => merged.into_values().rev().take(limit).collect(),
    })
}

#[cfg(test)]
mod tests;
