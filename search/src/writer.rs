//! What writes the index: one connection, one transaction for whatever comes together.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::stream::Shard;
use domain::value::{CategoryId, ProductId, Sku};
use read_store::model::category::CategoryView;
use read_store::model::product::ProductView;
use read_store::model::stock::StockView;
use read_store::{Generation, Position};
use rusqlite::{Connection, OptionalExtension, params};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::error::SearchError;
use crate::kept::Moves;
use crate::snapshot::Snapshot;
use crate::writer_parts as parts;
use crate::{file, files};

/// What changes together.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Products as they are from now on.
    pub products: Vec<ProductView>,
    /// Categories as they are from now on.
    pub categories: Vec<CategoryView>,
    /// Stock as it is from now on.
    pub stock: Vec<StockView>,
    /// Pieces that were sold of a product since the positions before: they are added up, exactly once, because
    /// they are written in one transaction with the position behind them.
    pub sold: BTreeMap<ProductId, i64>,
    /// Streams that stand still because a commit of theirs cannot be read, and why.
    pub parked: BTreeMap<String, ParkedAt>,
    /// How far the log was read for all this.
    pub positions: BTreeMap<Shard, Position>,
}

impl Changes {
    /// Whether only positions change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.products.is_empty()
            && self.categories.is_empty()
            && self.stock.is_empty()
            && self.sold.is_empty()
            && self.parked.is_empty()
    }
}

/// The commit from which on a stream stands still.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParkedAt {
    /// In which shard it lies.
    pub shard: Shard,
    /// Where in it.
    pub offset: i64,
    /// Why it cannot be read.
    pub why: String,
}

/// The one writer of a file of the index.
#[derive(Debug)]
pub struct SearchWriter {
    connection: Connection,
    path: PathBuf,
    generation: Generation,
    /// What the file system calls the file.
    place: (u64, u64),
    /// Tells those who answer from the file what has changed.
    moves: Arc<Moves>,
}

impl SearchWriter {
    pub(crate) fn new(connection: Connection, path: PathBuf, generation: Generation, place: (u64, u64)) -> Self {
        Self {
            connection,
            path,
            generation,
            place,
            moves: Arc::default(),
        }
    }

    /// Which file it is.
    #[must_use]
    pub fn generation(&self) -> Generation {
        self.generation
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn moves(&self) -> Arc<Moves> {
        Arc::clone(&self.moves)
    }

    /// What is in the file now, to be compared. Blocks nobody.
    ///
    /// # Errors
    /// [`SearchError`].
    pub fn snapshot(&self) -> Result<Snapshot, SearchError> {
        Snapshot::of(&self.path)
    }

    /// Notes that the file holds all that was in the log, and is answered from.
    ///
    /// # Errors
    /// [`SearchError`].
    pub fn mark_whole(&self) -> Result<(), SearchError> {
        file::mark_whole(&self.connection)
    }

    /// How far the index has read each shard.
    ///
    /// # Errors
    /// [`SearchError`].
    pub fn positions(&self) -> Result<BTreeMap<Shard, Position>, SearchError> {
        let mut statement = self.connection.prepare_cached("SELECT shard, position FROM position")?;
        let rows = statement.query_map(params![], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?))
        })?;
        let mut positions = BTreeMap::new();
        for row in rows {
            let (shard, position) = row?;
            let unknown = |error: domain::stream::UnknownName| SearchError::Damaged(error.to_string());
            positions.insert(shard.parse().map_err(unknown)?, postcard::from_bytes(&position)?);
        }
        Ok(positions)
    }

    /// The streams that stand still, and since when.
    ///
    /// # Errors
    /// [`SearchError`].
    pub fn parked(&self) -> Result<BTreeMap<String, ParkedAt>, SearchError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT stream, shard, at, why FROM parked")?;
        let mut rows = statement.query(params![])?;
        let mut parked = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let shard: String = row.get(1)?;
            let unknown = |error: domain::stream::UnknownName| SearchError::Damaged(error.to_string());
            let at = ParkedAt {
                shard: shard.parse().map_err(unknown)?,
                offset: row.get(2)?,
                why: row.get(3)?,
            };
            parked.insert(row.get(0)?, at);
        }
        Ok(parked)
    }

    /// A product as it was last written.
    ///
    /// # Errors
    /// [`SearchError`].
    pub fn product(&self, id: ProductId) -> Result<Option<ProductView>, SearchError> {
        read_view(&self.connection, id)
    }

    /// A category as it was last written.
    ///
    /// # Errors
    /// [`SearchError`].
    pub fn category(&self, id: CategoryId) -> Result<Option<CategoryView>, SearchError> {
        self.view("SELECT bytes FROM category WHERE id = ?1", params![id.to_string()])
    }

    /// The stock of a SKU as it was last written.
    ///
    /// # Errors
    /// [`SearchError`].
    pub fn stock(&self, sku: &Sku) -> Result<Option<StockView>, SearchError> {
        let sql = "SELECT stock FROM sku WHERE sku = ?1 AND stock IS NOT NULL";
        self.view(sql, params![sku.as_str()])
    }

    fn view<V: DeserializeOwned>(&self, sql: &str, key: impl rusqlite::Params) -> Result<Option<V>, SearchError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let bytes: Option<Vec<u8>> = statement.query_row(key, |row| row.get(0)).optional()?;
        Ok(bytes.map(|bytes| postcard::from_bytes(&bytes)).transpose()?)
    }

    /// Writes all changes, or none of them.
    ///
    /// # Errors
    /// [`SearchError`]; then nothing is written, and the same changes may be written again.
    pub fn apply(&mut self, changes: &Changes) -> Result<(), SearchError> {
        if files::place_of(&self.path) != Some(self.place) {
            return Err(SearchError::Damaged("somebody has taken the file away".to_owned()));
        }
        let transaction = self.connection.transaction()?;
        for category in &changes.categories {
            parts::put_category(&transaction, category)?;
        }
        let mut touched = BTreeSet::new();
        for view in &changes.products {
            let before = read_view(&transaction, view.id)?;
            touched.insert(parts::put_product(&transaction, before.as_ref(), view)?);
        }
        for stock in &changes.stock {
            touched.extend(parts::put_stock(&transaction, stock)?);
        }
        for product in touched {
            parts::refresh_availability(&transaction, product)?;
        }
        for (product, pieces) in &changes.sold {
            parts::add_sold(&transaction, *product, *pieces)?;
        }
        for (stream, ParkedAt { shard, offset, why }) in &changes.parked {
            let sql = "INSERT INTO parked (stream, shard, at, why) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
            let row = params![stream, shard.to_string(), offset, why];
            transaction.prepare_cached(sql)?.execute(row)?;
        }
        for (shard, position) in &changes.positions {
            let sql = "INSERT INTO position (shard, position) VALUES (?1, ?2)
                       ON CONFLICT (shard) DO UPDATE SET position = excluded.position";
            let bytes = postcard::to_allocvec(position)?;
            transaction
                .prepare_cached(sql)?
                .execute(params![shard.to_string(), bytes])?;
        }
        transaction.commit()?;
        if !changes.products.is_empty() || !changes.categories.is_empty() {
            self.moves.products();
        }
        if !changes.stock.is_empty() {
            self.moves.stock();
        }
        Ok(())
    }

    /// Forgets everything: what was read is of another log.
    ///
    /// # Errors
    /// [`SearchError`]; then everything is as it was.
    pub fn begin_anew(&mut self) -> Result<(), SearchError> {
        let transaction = self.connection.transaction()?;
        transaction.execute_batch(file::EMPTY)?;
        transaction.commit()?;
        self.moves.products();
        Ok(())
    }

    /// Takes the file away. Who reads it now goes on with what it was.
    ///
    /// # Errors
    /// The file system says no.
    pub fn discard(self) -> Result<(), SearchError> {
        let Self { connection, path, .. } = self;
        drop(connection);
        file::remove(&path)
    }
}

fn read_view(connection: &Connection, id: ProductId) -> Result<Option<ProductView>, SearchError> {
    let sql = "SELECT bytes FROM view JOIN product ON product.id = view.product WHERE product.uuid = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let uuid: Uuid = id.0;
    let bytes: Option<Vec<u8>> = statement
        .query_row(params![uuid.as_bytes()], |row| row.get(0))
        .optional()?;
    Ok(bytes.map(|bytes| postcard::from_bytes(&bytes)).transpose()?)
}

#[cfg(test)]
mod tests;
