//! A store in memory that can be made to fail as one elsewhere does.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::stream::Shard;
use futures::FutureExt;
use proptest::prelude::*;
use read_store::{
    Answer, Batch, Direction, Generation, Key, MemoryStore, Mutation, PageRange, Position, Progress, ReadStore, Row,
    StoreError, Table, Version,
};
use tokio::sync::watch;

/// A store in memory, and how it is disposed.
pub(crate) struct Unsteady {
    memory: MemoryStore,
    mood: watch::Sender<Mood>,
    next_break: Mutex<Option<Break>>,
    /// What it was asked to apply, refused or not.
    asked: Mutex<Vec<Vec<Batch>>>,
}

/// How a store is disposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    /// It does what it is asked.
    Steady,
    /// It says no, for now.
    Refusing,
    /// It says nothing.
    Silent,
}

/// A store that breaks within a batch, as one that is killed does: some rows are written, views only with all of
/// them, and no position.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Break {
    /// Calls that still succeed.
    pub(crate) after_calls: usize,
    /// Which eighths of the rows are written.
    pub(crate) rows: u8,
    /// Which eighths of the views are.
    pub(crate) views: u8,
}

impl Break {
    pub(crate) fn any() -> impl Strategy<Value = Self> {
        let eighths = || prop_oneof![Just(u8::MAX), any::<u8>()];
        (0..3_usize, eighths(), eighths()).prop_map(|(after_calls, rows, views)| Self {
            after_calls,
            rows,
            views,
        })
    }

    fn part_of(self, batch: &Batch) -> Batch {
        let some = |mutations: &[Mutation], eighths: u8| -> Vec<Mutation> {
            let is_written = |index: &usize| eighths >> (index % 8) & 1 == 1;
            let written = mutations.iter().enumerate().filter(|(index, _)| is_written(index));
            written.map(|(_, mutation)| mutation.clone()).collect()
        };
        Batch {
            mutations: some(&batch.mutations, self.rows),
            views: some(&batch.views, if self.rows == u8::MAX { self.views } else { 0 }),
            positions: Vec::new(),
            ..batch.clone()
        }
    }
}

impl Default for Unsteady {
    fn default() -> Self {
        Self {
            memory: MemoryStore::new(),
            mood: watch::Sender::new(Mood::Steady),
            next_break: Mutex::default(),
            asked: Mutex::default(),
        }
    }
}

impl Unsteady {
    pub(crate) fn turn(&self, mood: Mood) {
        self.mood.send_replace(mood);
    }

    /// Breaks once, or no more.
    pub(crate) fn break_once(&self, how: Option<Break>) {
        *locked(&self.next_break) = how;
    }

    /// What it was asked to apply since this was asked last.
    pub(crate) fn asked(&self) -> Vec<Vec<Batch>> {
        std::mem::take(&mut locked(&self.asked))
    }

    async fn admitted(&self) -> Result<(), StoreError> {
        let mut mood = self.mood.subscribe();
        // The sender is as old as this store.
        let _ = mood.wait_for(|mood| *mood != Mood::Silent).await;
        if *self.mood.borrow() == Mood::Refusing {
            return Err(StoreError::Unavailable("not now".to_owned()));
        }
        Ok(())
    }

    /// The break that this call meets, if any.
    fn break_now(&self) -> Option<Break> {
        let mut next = locked(&self.next_break);
        if let Some(waiting) = next.as_mut().filter(|waiting| waiting.after_calls > 0) {
            waiting.after_calls -= 1;
            return None;
        }
        next.take()
    }

    async fn apply_unless_broken(&self, batches: &[Batch]) -> Result<(), StoreError> {
        locked(&self.asked).push(batches.to_vec());
        self.admitted().await?;
        let Some(how) = self.break_now() else {
            return self.memory.apply(batches).await;
        };
        for batch in batches {
            self.memory.apply(&[how.part_of(batch)]).await?;
        }
        Err(StoreError::Unavailable("killed".to_owned()))
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the store in memory does, once it is admitted.
macro_rules! admitted {
    ($store:ident, $answer:expr) => {
        async move {
            $store.admitted().await?;
            $answer.await
        }
        .boxed()
    };
}

impl ReadStore for Unsteady {
    fn create<'a>(&'a self, tables: &'a [&'static Table], generation: Generation) -> Answer<'a, ()> {
        admitted!(self, self.memory.create(tables, generation))
    }

    fn drop_generation<'a>(&'a self, tables: &'a [&'static Table], generation: Generation) -> Answer<'a, ()> {
        admitted!(self, self.memory.drop_generation(tables, generation))
    }

    fn apply<'a>(&'a self, batches: &'a [Batch]) -> Answer<'a, ()> {
        self.apply_unless_broken(batches).boxed()
    }

    fn positions<'a>(
        &'a self,
        projection: &'static str,
        generation: Generation,
    ) -> Answer<'a, BTreeMap<Shard, Position>> {
        admitted!(self, self.memory.positions(projection, generation))
    }

    fn get<'a>(
        &'a self,
        table: &'static Table,
        generation: Generation,
        keys: &'a [Key],
    ) -> Answer<'a, Vec<Option<Row>>> {
        admitted!(self, self.memory.get(table, generation, keys))
    }

    fn get_versioned<'a>(
        &'a self,
        table: &'static Table,
        generation: Generation,
        keys: &'a [Key],
    ) -> Answer<'a, Vec<Option<(Row, Version)>>> {
        admitted!(self, self.memory.get_versioned(table, generation, keys))
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
        admitted!(
            self,
            self.memory.page(table, generation, partition, range, direction, limit)
        )
    }

    fn scan<'a>(
        &'a self,
        table: &'static Table,
        generation: Generation,
        after: Option<Key>,
        limit: usize,
    ) -> Answer<'a, Vec<(Row, Version)>> {
        admitted!(self, self.memory.scan(table, generation, after, limit))
    }

    fn forget_deleted<'a>(
        &'a self,
        tables: &'a [&'static Table],
        generation: Generation,
        at_or_below: Version,
    ) -> Answer<'a, ()> {
        admitted!(self, self.memory.forget_deleted(tables, generation, at_or_below))
    }

    fn progress(&self) -> &Progress {
        self.memory.progress()
    }
}
