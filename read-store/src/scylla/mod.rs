//! Rows in ScyllaDB or Cassandra.

use std::collections::BTreeMap;

use domain::stream::Shard;
use futures::FutureExt;
use futures::future::ready;

use crate::port::{
    Answer, Batch, Direction, Generation, Key, PageRange, Position, ReadStore, Row, StoreError, Table, Version,
};
use crate::progress::Progress;

/// Where the database is, and whose rows these are.
#[derive(Clone, Debug)]
pub struct ScyllaOptions {
    /// `host:port` of nodes of the local data centre; any of them will do to find the others.
    pub contact_points: Vec<String>,
    /// The keyspace is `<prefix>_read`.
    pub keyspace_prefix: String,
    /// Copies of each row in the local data centre, for a keyspace that is not there yet.
    pub replication: u32,
    /// The user's name, where the database asks for one.
    pub user: Option<String>,
    /// The user's password.
    pub password: Option<String>,
}

/// A read store in ScyllaDB or Cassandra.
#[derive(Debug)]
pub struct ScyllaStore {
    progress: Progress,
}

impl ScyllaStore {
    /// Connects, and creates the keyspace unless it is there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open(options: ScyllaOptions) -> Result<Self, StoreError> {
        drop(options);
        Ok(Self {
            progress: Progress::new(),
        })
    }
}

fn unfinished<'a, T: Send + 'a>() -> Answer<'a, T> {
    ready(Err(StoreError::Unavailable("in the making".to_owned()))).boxed()
}

impl ReadStore for ScyllaStore {
    fn create<'a>(&'a self, _: &'a [&'static Table], _: Generation) -> Answer<'a, ()> {
        unfinished()
    }

    fn drop_generation<'a>(&'a self, _: &'a [&'static Table], _: Generation) -> Answer<'a, ()> {
        unfinished()
    }

    fn apply<'a>(&'a self, _: &'a [Batch]) -> Answer<'a, ()> {
        unfinished()
    }

    fn positions<'a>(&'a self, _: &'static str, _: Generation) -> Answer<'a, BTreeMap<Shard, Position>> {
        unfinished()
    }

    fn get<'a>(&'a self, _: &'static Table, _: Generation, _: &'a [Key]) -> Answer<'a, Vec<Option<Row>>> {
        unfinished()
    }

    fn page<'a>(
        &'a self,
        _: &'static Table,
        _: Generation,
        _: &'a str,
        _: PageRange,
        _: Direction,
        _: usize,
    ) -> Answer<'a, Vec<Row>> {
        unfinished()
    }

    fn get_versioned<'a>(
        &'a self,
        _: &'static Table,
        _: Generation,
        _: &'a [Key],
    ) -> Answer<'a, Vec<Option<(Row, Version)>>> {
        unfinished()
    }

    fn scan<'a>(
        &'a self,
        _: &'static Table,
        _: Generation,
        _: Option<Key>,
        _: usize,
    ) -> Answer<'a, Vec<(Row, Version)>> {
        unfinished()
    }

    fn forget_deleted<'a>(&'a self, _: &'a [&'static Table], _: Generation, _: Version) -> Answer<'a, ()> {
        unfinished()
    }

    fn progress(&self) -> &Progress {
        &self.progress
    }
}
