//! What writes the index: one connection, one transaction for whatever comes together.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use domain::stream::Shard;
use domain::value::{CategoryId, ProductId, Sku};
use read_store::Position;
use read_store::model::category::CategoryView;
use read_store::model::product::ProductView;
use read_store::model::stock::StockView;
use rusqlite::{Connection, OptionalExtension, params};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::error::SearchError;
use crate::file;
use crate::writer_parts as parts;

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
    pub parked: BTreeMap<String, String>,
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

/// The one writer of an index.
#[derive(Debug)]
pub struct SearchWriter {
    connection: Connection,
    path: PathBuf,
}

impl SearchWriter {
    pub(crate) fn open(path: &Path, folds: u32) -> Result<Self, SearchError> {
        Ok(Self {
            connection: file::open_to_write(path, folds)?,
            path: path.to_owned(),
        })
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

    /// The streams that stand still.
    ///
    /// # Errors
    /// [`SearchError`].
    pub fn parked(&self) -> Result<BTreeSet<String>, SearchError> {
        let mut statement = self.connection.prepare_cached("SELECT stream FROM parked")?;
        let streams = statement.query_map(params![], |row| row.get(0))?;
        Ok(streams.collect::<Result<_, _>>()?)
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
        for (stream, why) in &changes.parked {
            let sql = "INSERT INTO parked (stream, why) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
            transaction.prepare_cached(sql)?.execute(params![stream, why])?;
        }
        for (shard, position) in &changes.positions {
            let sql = "INSERT INTO position (shard, position) VALUES (?1, ?2)
                       ON CONFLICT (shard) DO UPDATE SET position = excluded.position";
            let bytes = postcard::to_allocvec(position)?;
            transaction
                .prepare_cached(sql)?
                .execute(params![shard.to_string(), bytes])?;
        }
        Ok(transaction.commit()?)
    }

    /// Forgets everything: what was read is of another log.
    ///
    /// # Errors
    /// [`SearchError`]; then everything is as it was.
    pub fn begin_anew(&mut self) -> Result<(), SearchError> {
        let transaction = self.connection.transaction()?;
        transaction.execute_batch(file::EMPTY)?;
        Ok(transaction.commit()?)
    }

    /// Takes the file away, so that the next start makes it again from the log. Who reads it now goes on with what
    /// it was.
    ///
    /// # Errors
    /// The file system says no.
    pub fn discard(&self) -> Result<(), SearchError> {
        file::remove(&self.path)
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
