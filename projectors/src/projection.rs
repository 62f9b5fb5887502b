//! What a projection is: two pure functions.

use std::fmt::Debug;

use domain::Decided;
use domain::stream::{StreamId, Topic};
use domain::value::Timestamp;
use read_store::model::Versioned;
use read_store::{Column, ColumnType, Key, Row, StoreError, Table};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A row of a projection's tables, other than the view's own.
pub type DerivedRow = (&'static Table, Row);

/// A fold of events into views, and what rows a view gives.
///
/// Both functions are pure: the same events give the same rows, today and in a rebuild. The runner keeps each
/// view as a row of its own, and writes the difference between the rows before and after a commit.
pub trait Projection: Send + 'static {
    /// Its name in tables, tokens and commands. It never changes.
    const NAME: &'static str;

    /// Which code this is. Another view, or other rows for the same events, is another version: it is built
    /// beside the old one, and then switched to.
    const VERSION: u32;

    /// The topics it reads.
    const TOPICS: &'static [Topic];

    /// Its tables, that of the views first.
    const TABLES: &'static [&'static Table];

    /// Whether a view is fed by more than one stream. All of them are in one shard.
    const IS_FED_BY_MANY_STREAMS: bool = false;

    /// Where commits wait that cannot be read, and those of the same view behind them.
    const PARKED: &'static Table = &Table {
        projection: Self::NAME,
        name: "parked",
        columns: &PARKED_COLUMNS,
    };

    /// What it keeps of an aggregate.
    type View: Debug + Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync;

    /// The view that a stream feeds: its key in the first table, whose text is what the stream is routed by. None of a
    /// stream that it does not care about.
    fn view_key(stream: &StreamId) -> Option<Key>;

    /// The view after an event that happened at `at`. Never fails: what makes no sense changes nothing.
    fn evolve(view: Option<Self::View>, decided: &Decided, at: Timestamp) -> Option<Self::View>;

    /// The rows that lead to a view.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when one cannot be encoded.
    fn rows(view: &Versioned<Self::View>) -> Result<Vec<DerivedRow>, StoreError>;
}

/// A commit that waits: partition = the view's key, clustering = `seq`.
const PARKED_COLUMNS: [Column; 3] = [
    Column {
        name: "shard",
        kind: ColumnType::Text,
    },
    Column {
        name: "position",
        kind: ColumnType::Integer,
    },
    Column {
        name: "why",
        kind: ColumnType::Text,
    },
];
