//! What every read store can do: rows of typed columns under a partition key and an ordered clustering key.

use std::collections::BTreeMap;

use domain::stream::Shard;
use domain::value::Timestamp;
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::progress::Progress;

/// Most rows of one page or scan; a larger limit is cut to it.
pub const PAGE_ROWS_MAX: usize = 1_000;

/// A column's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// UTF-8.
    Text,
    /// 64 bits, signed.
    Integer,
    /// Bytes.
    Blob,
}

/// A column of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name, `a-z` and `_`.
    pub name: &'static str,
    /// Its type.
    pub kind: ColumnType,
}

/// A table of a projection. Stored as `<projection>_<name>_g<generation>`.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// Whose table.
    pub projection: &'static str,
    /// Which of its tables.
    pub name: &'static str,
    /// Columns beside the key. Every row has all of them: no nulls.
    pub columns: &'static [Column],
}

/// Which build of a projection's tables, from 1.
pub type Generation = u32;

/// A cell.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Value {
    /// UTF-8.
    Text(String),
    /// 64 bits, signed.
    Integer(i64),
    /// Bytes.
    Blob(Vec<u8>),
}

impl Value {
    /// How many bytes it takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Integer(_) => size_of::<i64>(),
            Self::Blob(bytes) => bytes.len(),
        }
    }
}

/// Where a row is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    /// Rows of one partition lie together, in the order of their clustering keys.
    pub partition: String,
    /// Compared byte by byte; empty where a partition is one row.
    pub clustering: Vec<u8>,
}

impl Key {
    /// Of a partition that is one row.
    #[must_use]
    pub fn of(partition: String) -> Self {
        Self {
            partition,
            clustering: Vec::new(),
        }
    }
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Row {
    /// Where it is.
    pub key: Key,
    /// In the order of the table's columns.
    pub values: Vec<Value>,
}

/// The version of a row: the commit that caused it. Written as the timestamp `seq·4 + 1` of a delete, `seq·4 + 2` of
/// a write and `seq·4 + 3` of a replacement, so that replays and overlapping workers change nothing and the newest wins.
pub type Version = u64;

/// One change of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mutation {
    /// The whole row, from this version on.
    Write {
        /// Whose row.
        table: &'static Table,
        /// All of it.
        row: Row,
        /// `seq` of the commit.
        version: Version,
    },
    /// The whole row, in place of what a write of the same version has left there: how a damaged row is made again.
    Replace {
        /// Whose row.
        table: &'static Table,
        /// All of it.
        row: Row,
        /// `seq` of the commit.
        version: Version,
    },
    /// No row, from this version on.
    Delete {
        /// Whose row.
        table: &'static Table,
        /// Which.
        key: Key,
        /// `seq` of the commit.
        version: Version,
    },
}

/// How far a projection has read a shard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Position {
    /// Offset of the last record read.
    pub offset: i64,
    /// Term of the fold there.
    pub term: u64,
    /// Number of the last commit taken in.
    pub seq: u64,
    /// The largest timestamp up to there.
    pub at: Timestamp,
    /// Hash of the record at `offset`.
    pub hash: u64,
    /// The log's identity, as a UUID's 128 bits; 0 when no claim has named it yet.
    pub log: u128,
}

/// Changes of one generation of a projection that belong together: rows first, then views, then the positions
/// that they bring it to. Where a store is stopped in between, what comes later never vouches for something that
/// is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Whose changes.
    pub projection: &'static str,
    /// Which generation of it.
    pub generation: Generation,
    /// At most one for each key, in any order.
    pub mutations: Vec<Mutation>,
    /// The views from which the rows of `mutations` are derived. Durable only with or after all of them: a view
    /// says up to which commit its rows are written.
    pub views: Vec<Mutation>,
    /// Durable only with or after all rows and views.
    pub positions: Vec<(Shard, Position)>,
}

/// Which way a page is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Clustering keys ascending.
    Forward,
    /// Clustering keys descending.
    Backward,
}

/// A part of a partition, both ends exclusive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageRange {
    /// Only rows after this clustering key.
    pub after: Option<Vec<u8>>,
    /// Only rows before this one.
    pub before: Option<Vec<u8>>,
}

/// Why the store cannot do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StoreError {
    /// For now; asking again may help, and writing again is harmless.
    #[error("the read store is not available: {0}")]
    Unavailable(String),
    /// What is stored is not what was written.
    #[error("the read store is damaged: {0}")]
    Damaged(String),
}

impl StoreError {
    /// There is no such table: it was never created, or its generation was dropped.
    pub(crate) fn no_table(table: &Table, generation: Generation) -> Self {
        Self::Damaged(format!("no table {}_{}_g{generation}", table.projection, table.name))
    }

    /// Whether asking again may help.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

/// What a store's operation gives, some time.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// A store of wide rows.
pub trait ReadStore: Send + Sync + 'static {
    /// Creates the tables of one generation, unless they are there.
    fn create<'a>(&'a self, tables: &'a [&'static Table], generation: Generation) -> Answer<'a, ()>;

    /// Takes the tables of one generation of a projection away, and its positions.
    fn drop_generation<'a>(&'a self, tables: &'a [&'static Table], generation: Generation) -> Answer<'a, ()>;

    /// Applies batches, in one transaction where the store has any, and tells [`ReadStore::progress`]. When it
    /// fails, any part of the rows may have been written, but no position without all rows of its batch;
    /// applying them again is harmless.
    ///
    /// May block the calling thread for as long as a transaction takes: projectors have a thread of their own.
    fn apply<'a>(&'a self, batches: &'a [Batch]) -> Answer<'a, ()>;

    /// How far one generation of a projection has read each shard.
    fn positions<'a>(
        &'a self,
        projection: &'static str,
        generation: Generation,
    ) -> Answer<'a, BTreeMap<Shard, Position>>;

    /// The rows at these keys, in their order; none where there is no row.
    fn get<'a>(
        &'a self,
        table: &'static Table,
        generation: Generation,
        keys: &'a [Key],
    ) -> Answer<'a, Vec<Option<Row>>>;

    /// Up to `limit` rows of one partition in the order of `direction`, at most [`PAGE_ROWS_MAX`].
    fn page<'a>(
        &'a self,
        table: &'static Table,
        generation: Generation,
        partition: &'a str,
        range: PageRange,
        direction: Direction,
        limit: usize,
    ) -> Answer<'a, Vec<Row>>;

    /// As [`ReadStore::get`], with the versions: for parity reports.
    fn get_versioned<'a>(
        &'a self,
        table: &'static Table,
        generation: Generation,
        keys: &'a [Key],
    ) -> Answer<'a, Vec<Option<(Row, Version)>>>;

    /// Every row of a table with its version, in the store's own order, a page at a time (at most
    /// [`PAGE_ROWS_MAX`]) after the last key of the page before: for parity reports.
    fn scan<'a>(
        &'a self,
        table: &'static Table,
        generation: Generation,
        after: Option<Key>,
        limit: usize,
    ) -> Answer<'a, Vec<(Row, Version)>>;

    /// Forgets what was deleted at or below a version, for the tables of one generation: nothing older will be
    /// written to them any more. Stores that forget by themselves do nothing.
    fn forget_deleted<'a>(
        &'a self,
        tables: &'a [&'static Table],
        generation: Generation,
        at_or_below: Version,
    ) -> Answer<'a, ()>;

    /// How far each generation of each projection is known to be.
    fn progress(&self) -> &Progress;
}
