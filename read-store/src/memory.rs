//! Rows in memory: for tests, and to replay a projection beside the stored one and compare.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use domain::stream::Shard;
use futures::FutureExt;
use futures::future::ready;

use crate::port::{
    Answer, Batch, Direction, Generation, Key, Mutation, PAGE_ROWS_MAX, PageRange, Position, ReadStore, Row,
    StoreError, Table, Value, Version,
};
use crate::progress::Progress;
use crate::stamp::{Stamp, parts};

/// A read store in memory.
#[derive(Debug, Default)]
pub struct MemoryStore {
    content: RwLock<Content>,
    progress: Progress,
}

#[derive(Debug, Default)]
struct Content {
    tables: HashMap<(&'static str, &'static str, Generation), BTreeMap<Key, Cell>>,
    positions: HashMap<(&'static str, Generation), BTreeMap<Shard, Position>>,
}

/// A row, or that there is none, since when.
#[derive(Debug)]
struct Cell {
    stamp: Stamp,
    values: Option<Vec<Value>>,
}

impl MemoryStore {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn read(&self) -> RwLockReadGuard<'_, Content> {
        self.content.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Content> {
        self.content.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Content {
    fn table(&self, table: &'static Table, generation: Generation) -> Result<&BTreeMap<Key, Cell>, StoreError> {
        self.tables
            .get(&(table.projection, table.name, generation))
            .ok_or_else(|| StoreError::no_table(table, generation))
    }

    fn mutate(&mut self, mutation: &Mutation, generation: Generation) -> Result<(), StoreError> {
        let (table, key, stamp, row) = parts(mutation);
        let rows = self
            .tables
            .get_mut(&(table.projection, table.name, generation))
            .ok_or_else(|| StoreError::no_table(table, generation))?;
        if rows.get(key).is_none_or(|cell| cell.stamp < stamp) {
            let values = row.map(|row| row.values.clone());
            rows.insert(key.clone(), Cell { stamp, values });
        }
        Ok(())
    }
}

fn row_of((key, cell): (&Key, &Cell)) -> Option<Row> {
    let values = cell.values.clone()?;
    Some(Row {
        key: key.clone(),
        values,
    })
}

fn answer<'a, T: Send + 'a>(result: Result<T, StoreError>) -> Answer<'a, T> {
    ready(result).boxed()
}

impl ReadStore for MemoryStore {
    fn create<'a>(&'a self, tables: &'a [&'static Table], generation: Generation) -> Answer<'a, ()> {
        let mut content = self.write();
        for table in tables {
            content
                .tables
                .entry((table.projection, table.name, generation))
                .or_default();
        }
        answer(Ok(()))
    }

    fn drop_generation<'a>(&'a self, tables: &'a [&'static Table], generation: Generation) -> Answer<'a, ()> {
        let mut content = self.write();
        for table in tables {
            content.tables.remove(&(table.projection, table.name, generation));
            content.positions.remove(&(table.projection, generation));
            self.progress.forget(table.projection, generation);
        }
        answer(Ok(()))
    }

    fn apply<'a>(&'a self, batches: &'a [Batch]) -> Answer<'a, ()> {
        let mut content = self.write();
        for batch in batches {
            for mutation in batch.mutations.iter().chain(&batch.views) {
                if let Err(error) = content.mutate(mutation, batch.generation) {
                    return answer(Err(error));
                }
            }
        }
        for batch in batches {
            let reached = batch.positions.iter().map(|(shard, position)| (*shard, position.seq));
            self.progress.advance(batch.projection, batch.generation, reached);
            let positions = content
                .positions
                .entry((batch.projection, batch.generation))
                .or_default();
            positions.extend(batch.positions.iter().copied());
        }
        answer(Ok(()))
    }

    fn positions<'a>(
        &'a self,
        projection: &'static str,
        generation: Generation,
    ) -> Answer<'a, BTreeMap<Shard, Position>> {
        let positions = self.read().positions.get(&(projection, generation)).cloned();
        answer(Ok(positions.unwrap_or_default()))
    }

    fn get<'a>(
        &'a self,
        table: &'static Table,
        generation: Generation,
        keys: &'a [Key],
    ) -> Answer<'a, Vec<Option<Row>>> {
        let content = self.read();
        answer(content.table(table, generation).map(|rows| {
            let found = keys.iter().map(|key| rows.get_key_value(key).and_then(row_of));
            found.collect()
        }))
    }

    fn get_versioned<'a>(
        &'a self,
        table: &'static Table,
        generation: Generation,
        keys: &'a [Key],
    ) -> Answer<'a, Vec<Option<(Row, Version)>>> {
        let content = self.read();
        answer(content.table(table, generation).map(|rows| {
            let found = keys.iter().map(|key| {
                let (key, cell) = rows.get_key_value(key)?;
                Some((row_of((key, cell))?, cell.stamp.version()))
            });
            found.collect()
        }))
    }

    fn page<'a>(
        &'a self,
        table: &'static Table,
        generation: Generation,
        partition: &'a str,
        range: PageRange,
        direction: Direction,
        limit: usize,
    ) -> Answer<'a, Vec<Row>> {
        let key = |clustering: Vec<u8>| Key {
            partition: partition.to_owned(),
            clustering,
        };
        let first = range
            .after
            .map_or(Bound::Included(key(Vec::new())), |after| Bound::Excluded(key(after)));
        let content = self.read();
        answer(content.table(table, generation).map(|rows| {
            let inside = rows
                .range((first, Bound::Unbounded))
                .take_while(|(key, _)| key.partition == partition)
                .take_while(|(key, _)| range.before.as_ref().is_none_or(|before| key.clustering < *before))
                .filter_map(row_of);
            let limit = limit.min(PAGE_ROWS_MAX);
            match direction {
                Direction::Forward => inside.take(limit).collect(),
                Direction::Backward => {
                    let all: Vec<Row> = inside.collect();
                    all.into_iter().rev().take(limit).collect()
                }
            }
        }))
    }

    fn scan<'a>(
        &'a self,
        table: &'static Table,
        generation: Generation,
        after: Option<Key>,
        limit: usize,
    ) -> Answer<'a, Vec<(Row, Version)>> {
        let first = after.map_or(Bound::Unbounded, Bound::Excluded);
        let content = self.read();
        answer(content.table(table, generation).map(|rows| {
            rows.range((first, Bound::Unbounded))
                .filter_map(|(key, cell)| row_of((key, cell)).map(|row| (row, cell.stamp.version())))
                .take(limit.min(PAGE_ROWS_MAX))
                .collect()
        }))
    }

    fn forget_deleted<'a>(
        &'a self,
        tables: &'a [&'static Table],
        generation: Generation,
        at_or_below: Version,
    ) -> Answer<'a, ()> {
        let mut content = self.write();
        for table in tables {
            if let Some(rows) = content.tables.get_mut(&(table.projection, table.name, generation)) {
                rows.retain(|_, cell| cell.values.is_some() || cell.stamp.version() > at_or_below);
            }
        }
        answer(Ok(()))
    }

    fn progress(&self) -> &Progress {
        &self.progress
    }
}

#[cfg(test)]
mod tests {
    use super::MemoryStore;

    crate::contract_tests!(((), MemoryStore::new()));
}
