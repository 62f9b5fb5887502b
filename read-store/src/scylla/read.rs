//! Reading rows: by key, by page, and all of them.

use std::ops::ControlFlow;

use futures::StreamExt;
use futures::stream::FuturesOrdered;
use scylla::deserialize::row::ColumnIterator;
use scylla::response::query_result::QueryResult;
use scylla::response::{PagingState, PagingStateResponse};

use super::ScyllaStore;
use super::cells::{Cell, Cells, is_possible};
use super::cql::Form;
use super::failure::{Failure, said};
use super::limits::{KEY_BYTES_MAX, READS_IN_FLIGHT_MAX};
use super::link::Patience;
use crate::port::{Direction, Generation, Key, PAGE_ROWS_MAX, PageRange, Row, StoreError, Table, Version};

/// A row and its version.
type Versioned = (Row, Version);

impl ScyllaStore {
    /// The rows at these keys, all asked for at once.
    pub(super) async fn read_rows(
        &self,
        table: &Table,
        generation: Generation,
        keys: &[Key],
    ) -> Result<Vec<Option<Versioned>>, StoreError> {
        let mut rows = Vec::with_capacity(keys.len());
        let mut left = keys.iter();
        let mut under_way = FuturesOrdered::new();
        loop {
            while under_way.len() < READS_IN_FLIGHT_MAX
                && let Some(key) = left.next()
            {
                under_way.push_back(self.read_row(table, generation, key));
            }
            match under_way.next().await {
                Some(Ok(row)) => rows.push(row),
                Some(Err(failure)) => return Err(self.explain(failure, table, generation).await),
                None => return Ok(rows),
            }
        }
    }

    async fn read_row(&self, table: &Table, generation: Generation, key: &Key) -> Result<Option<Versioned>, Failure> {
        if !is_possible(key) {
            return Ok(None);
        }
        let cells = [Cell::Text(&key.partition), Cell::Blob(&key.clustering)];
        let rows = self.select(table, generation, Form::Get, &cells, 1, |mut cells| {
            let (version, values) = cells.version_and_values(table)?;
            let key = key.clone();
            Ok((Row { key, values }, version))
        });
        Ok(rows.await?.pop())
    }

    pub(super) async fn read_page(
        &self,
        table: &Table,
        generation: Generation,
        partition: &str,
        range: &PageRange,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<Versioned>, StoreError> {
        let limit = limit.min(PAGE_ROWS_MAX);
        if limit == 0 || !is_possible(&Key::of(partition.to_owned())) {
            return Ok(Vec::new());
        }
        let ends = [&range.after, &range.before].into_iter().flatten();
        let mut cells = vec![Cell::Text(partition)];
        cells.extend(ends.map(|end| Cell::Blob(&end[..end.len().min(KEY_BYTES_MAX)])));
        cells.push(rows_at_most(limit));
        let form = Form::page(range, direction);
        let rows = self.select(table, generation, form, &cells, limit, |mut cells| {
            let (version, values) = cells.version_and_values(table)?;
            let key = Key {
                partition: partition.to_owned(),
                clustering: cells.bytes()?.to_vec(),
            };
            Ok((Row { key, values }, version))
        });
        match rows.await {
            Ok(rows) => Ok(rows),
            Err(failure) => Err(self.explain(failure, table, generation).await),
        }
    }

    /// In the order of the partitions' tokens: first the rest of the partition of `after`, then those behind it.
    pub(super) async fn scan_rows(
        &self,
        table: &Table,
        generation: Generation,
        after: Option<Key>,
        limit: usize,
    ) -> Result<Vec<Versioned>, StoreError> {
        let limit = limit.min(PAGE_ROWS_MAX);
        let (mut rows, mut behind) = (Vec::new(), i64::MIN);
        if let Some(Key { partition, clustering }) = after {
            behind = match self.token(table, generation, &partition).await {
                Ok(token) => token,
                Err(failure) => return Err(self.explain(failure, table, generation).await),
            };
            let range = PageRange {
                after: Some(clustering),
                before: None,
            };
            let direction = Direction::Forward;
            rows = self
                .read_page(table, generation, &partition, &range, direction, limit)
                .await?;
        }
        let left = limit - rows.len();
        if left == 0 {
            return Ok(rows);
        }
        let cells = [Cell::Integer(behind), rows_at_most(left)];
        let more = self.select(table, generation, Form::Scan, &cells, left, |mut cells| {
            let (version, values) = cells.version_and_values(table)?;
            let clustering = cells.bytes()?.to_vec();
            let partition = cells.text()?;
            let key = Key { partition, clustering };
            Ok((Row { key, values }, version))
        });
        match more.await {
            Ok(more) => rows.extend(more),
            Err(failure) => return Err(self.explain(failure, table, generation).await),
        }
        Ok(rows)
    }

    /// Where a partition lies in the ring. Two partitions with the same token would be one to a scan that stops
    /// between them; of 64 bits that is not to be expected.
    async fn token(&self, table: &Table, generation: Generation, partition: &str) -> Result<i64, Failure> {
        let find = async |live: std::sync::Arc<super::session::Live>| {
            let table = live.table(table, generation);
            let statement = table.statement(&live.session, Form::Get).await?;
            let token = statement.calculate_token(&[Cell::Text(partition), Cell::Blob(&[])].as_slice());
            let token = token.map_err(|error| StoreError::Damaged(said(&error)))?;
            let token = token.ok_or_else(|| StoreError::Damaged("a table without a partition key".to_owned()))?;
            Ok(token.value())
        };
        self.link.ask(Patience::ROWS, find).await
    }

    /// Fetches until there are `limit` rows or no more: a fetch may bring none and still not be the last.
    async fn select<T>(
        &self,
        table: &Table,
        generation: Generation,
        form: Form,
        cells: &[Cell<'_>],
        limit: usize,
        decode: impl Fn(Cells<'_, '_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, Failure> {
        let mut rows = Vec::new();
        let mut state = PagingState::start();
        loop {
            let fetch = async |live: std::sync::Arc<super::session::Live>| {
                let table = live.table(table, generation);
                let statement = table.statement(&live.session, form).await?;
                let fetched = live.session.execute_single_page(statement, cells, state.clone());
                Ok(fetched.await?)
            };
            let (fetched, next): (QueryResult, PagingStateResponse) = self.link.ask(Patience::ROWS, fetch).await?;
            let fetched = fetched.into_rows_result().map_err(damaged)?;
            for row in fetched.rows::<ColumnIterator<'_, '_>>().map_err(damaged)? {
                rows.push(decode(Cells(row.map_err(damaged)?))?);
            }
            match next.into_paging_control_flow() {
                ControlFlow::Continue(next) if rows.len() < limit => state = next,
                ControlFlow::Continue(_) | ControlFlow::Break(()) => return Ok(rows),
            }
        }
    }
}

fn rows_at_most(limit: usize) -> Cell<'static> {
    Cell::Limit(i32::try_from(limit).unwrap_or(i32::MAX))
}

fn damaged(error: impl std::error::Error) -> Failure {
    Failure::Final(StoreError::Damaged(said(&error)))
}
