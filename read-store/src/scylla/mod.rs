//! Rows in ScyllaDB or Cassandra: the same tables in both, in the part of CQL that they share.
//!
//! Every write carries the stamp of its commit as its timestamp, so that replays and overlapping workers change
//! nothing and the newest wins, and a deleted row is remembered by the database itself. Nothing is atomic but a
//! row: so rows are written first, then the views that vouch for them, then positions, each only after all before
//! are acknowledged by a quorum of the local data centre. Whoever is stopped in between begins at the stored
//! positions again and ends with the same rows.

use std::collections::BTreeMap;
use std::fmt;

use domain::stream::Shard;
use futures::FutureExt;
use futures::future::ready;
use tokio::sync::{Mutex, Semaphore};

use crate::port::{
    Answer, Batch, Direction, Generation, Key, PageRange, Position, ReadStore, Row, StoreError, Table, Version,
};
use crate::progress::Progress;

mod cells;
mod cql;
mod failure;
mod limits;
mod link;
mod positions;
mod read;
mod schema;
mod session;
mod write;

use link::Link;

/// Most characters of a prefix.
const PREFIX_LENGTH_MAX: usize = 32;

/// Where the database is, and whose rows these are.
#[derive(Clone)]
pub struct ScyllaOptions {
    /// `host:port` of nodes of the local data centre; any of them will do to find the others.
    pub contact_points: Vec<String>,
    /// The keyspace is `<prefix>_read`: `a-z`, then `a-z`, `0-9` and `_`, 32 at most.
    pub keyspace_prefix: String,
    /// Copies of each row in the local data centre, for a keyspace that is not there yet; that of one that is
    /// there stays as it is.
    pub replication: u32,
    /// The user's name, where the database asks for one.
    pub user: Option<String>,
    /// The user's password.
    pub password: Option<String>,
}

impl ScyllaOptions {
    fn keyspace(&self) -> String {
        format!("{}_read", self.keyspace_prefix)
    }

    fn check(&self) -> Result<(), StoreError> {
        let prefix = &self.keyspace_prefix;
        let is_plain = |character: char| matches!(character, 'a'..='z' | '0'..='9' | '_');
        let is_prefix = prefix.starts_with(|first: char| first.is_ascii_lowercase())
            && prefix.len() <= PREFIX_LENGTH_MAX
            && prefix.chars().all(is_plain);
        if !is_prefix {
            return Err(StoreError::Damaged(format!("{prefix:?} is no prefix of keyspaces")));
        }
        if self.contact_points.is_empty() || self.replication == 0 {
            let error = "the read store needs a node to ask, and one copy of each row at least";
            return Err(StoreError::Damaged(error.to_owned()));
        }
        Ok(())
    }
}

impl fmt::Debug for ScyllaOptions {
    /// Without the password.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ScyllaOptions")
            .field("contact_points", &self.contact_points)
            .field("keyspace_prefix", &self.keyspace_prefix)
            .field("replication", &self.replication)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// A read store in ScyllaDB or Cassandra.
#[derive(Debug)]
pub struct ScyllaStore {
    link: Link,
    keyspace: String,
    /// For as many writes as may be under way.
    writes: Semaphore,
    /// Held by whoever changes the schema.
    schema: Mutex<()>,
    progress: Progress,
}

impl ScyllaStore {
    /// Connects, and creates the keyspace unless it is there. May be called in any runtime with a clock: the
    /// connections are served by a thread of the store's own, which ends with it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database does not answer, which takes seconds and never longer, or
    /// does not let this user in; [`StoreError::Damaged`] when the options make no sense.
    pub async fn open(options: ScyllaOptions) -> Result<Self, StoreError> {
        options.check()?;
        let (keyspace, replication) = (options.keyspace(), options.replication);
        let link = Link::open(options).await?;
        schema::create_keyspace(&link, &keyspace, replication).await?;
        Ok(Self {
            link,
            keyspace,
            writes: Semaphore::new(limits::WRITES_IN_FLIGHT_MAX),
            schema: Mutex::new(()),
            progress: Progress::new(),
        })
    }
}

fn row_of((row, _): (Row, Version)) -> Row {
    row
}

impl ReadStore for ScyllaStore {
    fn create<'a>(&'a self, tables: &'a [&'static Table], generation: Generation) -> Answer<'a, ()> {
        self.create_tables(tables, generation).boxed()
    }

    fn drop_generation<'a>(&'a self, tables: &'a [&'static Table], generation: Generation) -> Answer<'a, ()> {
        self.drop_tables(tables, generation).boxed()
    }

    fn apply<'a>(&'a self, batches: &'a [Batch]) -> Answer<'a, ()> {
        self.apply_batches(batches).boxed()
    }

    fn positions<'a>(
        &'a self,
        projection: &'static str,
        generation: Generation,
    ) -> Answer<'a, BTreeMap<Shard, Position>> {
        self.read_positions(projection, generation).boxed()
    }

    fn get<'a>(
        &'a self,
        table: &'static Table,
        generation: Generation,
        keys: &'a [Key],
    ) -> Answer<'a, Vec<Option<Row>>> {
        async move {
            let rows = self.read_rows(table, generation, keys).await?;
            Ok(rows.into_iter().map(|row| row.map(row_of)).collect())
        }
        .boxed()
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
        async move {
            let page = self.read_page(table, generation, partition, &range, direction, limit);
            Ok(page.await?.into_iter().map(row_of).collect())
        }
        .boxed()
    }

    fn get_versioned<'a>(
        &'a self,
        table: &'static Table,
        generation: Generation,
        keys: &'a [Key],
    ) -> Answer<'a, Vec<Option<(Row, Version)>>> {
        self.read_rows(table, generation, keys).boxed()
    }

    fn scan<'a>(
        &'a self,
        table: &'static Table,
        generation: Generation,
        after: Option<Key>,
        limit: usize,
    ) -> Answer<'a, Vec<(Row, Version)>> {
        self.scan_rows(table, generation, after, limit).boxed()
    }

    /// Nothing: the database forgets by itself.
    fn forget_deleted<'a>(&'a self, _: &'a [&'static Table], _: Generation, _: Version) -> Answer<'a, ()> {
        ready(Ok(())).boxed()
    }

    fn progress(&self) -> &Progress {
        &self.progress
    }
}
