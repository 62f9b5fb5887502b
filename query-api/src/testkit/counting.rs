//! A store that counts how often it is read.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::stream::Shard;
use read_store::{
    Answer, Batch, Direction, Generation, Key, MemoryStore, PageRange, Position, Progress, ReadStore, Row, Table,
    Version,
};

/// A store in memory that counts how often it is read.
#[derive(Default)]
pub(crate) struct CountingStore {
    store: MemoryStore,
    reads: AtomicUsize,
}

impl CountingStore {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Reads since this was asked last.
    pub(crate) fn take_reads(&self) -> usize {
        self.reads.swap(0, Ordering::SeqCst)
    }

    fn read(&self) -> &MemoryStore {
        self.reads.fetch_add(1, Ordering::SeqCst);
        &self.store
    }
}

impl ReadStore for CountingStore {
    fn create<'a>(&'a self, tables: &'a [&'static Table], generation: Generation) -> Answer<'a, ()> {
        self.store.create(tables, generation)
    }

    fn drop_generation<'a>(&'a self, tables: &'a [&'static Table], generation: Generation) -> Answer<'a, ()> {
        self.store.drop_generation(tables, generation)
    }

    fn apply<'a>(&'a self, batches: &'a [Batch]) -> Answer<'a, ()> {
        self.store.apply(batches)
    }

    fn positions<'a>(
        &'a self,
        projection: &'static str,
        generation: Generation,
    ) -> Answer<'a, BTreeMap<Shard, Position>> {
        self.store.positions(projection, generation)
    }

    fn get<'a>(
        &'a self,
        table: &'static Table,
        generation: Generation,
        keys: &'a [Key],
    ) -> Answer<'a, Vec<Option<Row>>> {
        self.read().get(table, generation, keys)
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
        self.read().page(table, generation, partition, range, direction, limit)
    }

    fn get_versioned<'a>(
        &'a self,
        table: &'static Table,
        generation: Generation,
        keys: &'a [Key],
    ) -> Answer<'a, Vec<Option<(Row, Version)>>> {
        self.read().get_versioned(table, generation, keys)
    }

    fn scan<'a>(
        &'a self,
        table: &'static Table,
        generation: Generation,
        after: Option<Key>,
        limit: usize,
    ) -> Answer<'a, Vec<(Row, Version)>> {
        self.read().scan(table, generation, after, limit)
    }

    fn forget_deleted<'a>(
        &'a self,
        tables: &'a [&'static Table],
        generation: Generation,
        at_or_below: Version,
    ) -> Answer<'a, ()> {
        self.store.forget_deleted(tables, generation, at_or_below)
    }

    fn progress(&self) -> &Progress {
        self.store.progress()
    }
}
