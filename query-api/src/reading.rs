//! Reading rows: of one generation for the whole request, and only after waiting for what the token asks for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::stream::{Location, Shard, StreamId, Topic};
use domain::value::{CartId, CategoryId, OrderId, ProductId, Sku};
use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use read_store::model::{Versioned, cart, category, id_value, order, product, stock};
use read_store::{Direction, Generation, Key, PAGE_ROWS_MAX, PageRange, Row, Table, merged_page};
use search::SearchIndex;
use search::limits::RELATED_MAX;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::consistency::{Consistency, Source};
use crate::error::QueryError;
use crate::limits::SEARCHES_MAX;
use crate::loader::{Loader, ReadMany};
use crate::state::QueryState;

/// Every projection that a request may read.
const PROJECTIONS: [&str; 5] = [
    product::PROJECTION,
    category::PROJECTION,
    cart::PROJECTION,
    order::PROJECTION,
    stock::PROJECTION,
];

/// The reads of one request.
pub(crate) struct Reading {
    state: QueryState,
    consistency: Arc<Consistency>,
    /// As they were when the request came: a switch in between shows it nothing half done.
    generations: [Option<Generation>; PROJECTIONS.len()],
    searches: AtomicUsize,
}

/// Reads the ids of related products.
struct Related(Arc<Reading>);

impl Reading {
    pub(crate) fn new(state: QueryState, consistency: Arc<Consistency>) -> Self {
        let generations = PROJECTIONS.map(|projection| state.parts().generations.of(projection));
        Self {
            state,
            consistency,
            generations,
            searches: AtomicUsize::new(0),
        }
    }

    fn generation(&self, table: &'static Table) -> Result<Generation, QueryError> {
        let index = PROJECTIONS
            .iter()
            .position(|projection| *projection == table.projection);
        let generation = index.and_then(|index| self.generations[index]);
        generation.ok_or_else(|| QueryError::not_built(table.projection))
    }

    async fn wait(&self, table: &'static Table, generation: Generation, source: Source) {
        let progress = self.state.parts().store.progress();
        self.consistency
            .wait(progress, table.projection, generation, source)
            .await;
    }

    /// The search index for one more question, once it has something to answer from.
    pub(crate) fn search(&self) -> Result<&SearchIndex, QueryError> {
        self.search_generation()?;
        if self.searches.fetch_add(1, Ordering::Relaxed) >= SEARCHES_MAX {
            let message = format!("a request searches, counts and asks for facets at most {SEARCHES_MAX} times");
            return Err(QueryError::argument("search.too_often", message));
        }
        Ok(&self.state.parts().search)
    }

    fn search_generation(&self) -> Result<Generation, QueryError> {
        self.state.generation(search::PROJECTION)
    }

    /// Waits until the search index holds what the token asks for of a topic.
    pub(crate) async fn wait_for_search(&self, topic: Topic) -> Result<(), QueryError> {
        let generation = self.search_generation()?;
        let progress = self.state.parts().store.progress();
        let partitions = if topic.is_single_shard() {
            1
        } else {
            self.state.parts().partitions
        };
        let shards = (0..partitions).map(|partition| Source::Shard(Shard { topic, partition }));
        let waits = shards.map(|shard| self.consistency.wait(progress, search::PROJECTION, generation, shard));
        join_all(waits).await;
        Ok(())
    }

    /// The shard that writes a stream.
    pub(crate) fn shard_of(&self, stream: &StreamId) -> Source {
        Source::Shard(stream.shard(self.state.parts().partitions))
    }

    /// The one shard of the catalogue.
    pub(crate) fn catalog(&self) -> Source {
        Source::Shard(Shard {
            topic: Topic::Catalog,
            partition: 0,
        })
    }

    /// The rows at these keys, in their order.
    pub(crate) async fn rows(
        &self,
        table: &'static Table,
        keys: &[Key],
        sources: &[Source],
    ) -> Result<Vec<Option<Row>>, QueryError> {
        let generation = self.generation(table)?;
        if let [source] = sources {
            self.wait(table, generation, *source).await;
        } else {
            join_all(sources.iter().map(|source| self.wait(table, generation, *source))).await;
        }
        Ok(self.state.parts().store.get(table, generation, keys).await?)
    }

    /// The id that the row at a key leads to.
    pub(crate) async fn id_at(
        &self,
        table: &'static Table,
        key: Key,
        source: Source,
    ) -> Result<Option<Uuid>, QueryError> {
        let rows = self.rows(table, &[key], &[source]).await?;
        let row = rows.into_iter().next().flatten();
        Ok(row.as_ref().map(id_value).transpose()?)
    }

    /// All rows of a part of a partition, a page at a time.
    pub(crate) fn all_rows<'a>(
        &'a self,
        table: &'static Table,
        partition: &'a str,
        within: PageRange,
        source: Source,
    ) -> Pages<'a> {
        Pages {
            reading: self,
            table,
            partition,
            rest: Some(within),
            source,
        }
    }

    /// A page of one or several partitions.
    pub(crate) async fn page(
        &self,
        table: &'static Table,
        partitions: &[String],
        range: &PageRange,
        direction: Direction,
        limit: usize,
        source: Source,
    ) -> Result<Vec<Row>, QueryError> {
        let generation = self.generation(table)?;
        self.wait(table, generation, source).await;
        let store = &*self.state.parts().store;
        Ok(merged_page(store, table, generation, partitions, range, direction, limit).await?)
    }
}

/// All rows of a part of a partition, a page at a time.
pub(crate) struct Pages<'a> {
    reading: &'a Reading,
    table: &'static Table,
    partition: &'a str,
    /// What is still to read; nothing at the end.
    rest: Option<PageRange>,
    source: Source,
}

impl Pages<'_> {
    /// The next rows; none at the end.
    ///
    /// # Errors
    /// What the store says.
    pub(crate) async fn next_page(&mut self) -> Result<Option<Vec<Row>>, QueryError> {
        let Some(rest) = self.rest.take() else {
            return Ok(None);
        };
        let partitions = [self.partition.to_owned()];
        let page = self.reading.page(
            self.table,
            &partitions,
            &rest,
            Direction::Forward,
            PAGE_ROWS_MAX,
            self.source,
        );
        let rows = page.await?;
        if rows.len() == PAGE_ROWS_MAX {
            self.rest = rows.last().map(|last| PageRange {
                after: Some(last.key.clustering.clone()),
                before: rest.before,
            });
        }
        Ok(Some(rows))
    }
}

/// Reads views of one kind by their keys.
struct Views<K> {
    reading: Arc<Reading>,
    table: &'static Table,
    key_of: fn(&K) -> Key,
    stream_of: fn(&K) -> StreamId,
}

impl<K, V> ReadMany<K, Versioned<V>> for Views<K>
where
    K: Send + Sync + 'static,
    V: DeserializeOwned + Send + 'static,
{
    fn read_many(self: Arc<Self>, keys: Vec<K>) -> BoxFuture<'static, Result<Vec<Option<Versioned<V>>>, QueryError>> {
        async move {
            let mut sources: Vec<Source> = Vec::new();
            for key in &keys {
                let source = self.reading.shard_of(&(self.stream_of)(key));
                if !sources.contains(&source) {
                    sources.push(source);
                }
            }
            let keys: Vec<Key> = keys.iter().map(self.key_of).collect();
            let rows = self.reading.rows(self.table, &keys, &sources).await?;
            let views = rows.iter().map(|row| row.as_ref().map(Versioned::of_row).transpose());
            Ok(views.collect::<Result<_, _>>()?)
        }
        .boxed()
    }
}

impl ReadMany<ProductId, Vec<ProductId>> for Related {
    fn read_many(
        self: Arc<Self>,
        keys: Vec<ProductId>,
    ) -> BoxFuture<'static, Result<Vec<Option<Vec<ProductId>>>, QueryError>> {
        async move {
            self.0.wait_for_search(Topic::Catalog).await?;
            let related = self.0.search()?.related(keys, RELATED_MAX).await?;
            Ok(related.into_iter().map(Some).collect())
        }
        .boxed()
    }
}

/// The loaders of one request.
pub(crate) struct Loaders {
    pub(crate) products: Loader<ProductId, Versioned<product::ProductView>>,
    pub(crate) categories: Loader<CategoryId, Versioned<category::CategoryView>>,
    pub(crate) stock: Loader<Sku, Versioned<stock::StockView>>,
    /// The ids of the products most like one, at most [`RELATED_MAX`].
    pub(crate) related: Loader<ProductId, Vec<ProductId>>,
    pub(crate) carts: Loader<CartId, Versioned<cart::CartView>>,
    pub(crate) orders: Loader<OrderId, Versioned<order::OrderView>>,
}

impl Loaders {
    pub(crate) fn new(reading: &Arc<Reading>) -> Self {
        Self {
            products: Loader::new(Arc::new(Views {
                reading: Arc::clone(reading),
                table: &product::BY_ID,
                key_of: |id| product::by_id_key(*id),
                stream_of: |id| StreamId::Product(*id),
            })),
            related: Loader::new(Arc::new(Related(Arc::clone(reading)))),
            categories: Loader::new(Arc::new(Views {
                reading: Arc::clone(reading),
                table: &category::BY_ID,
                key_of: |id| category::by_id_key(*id),
                stream_of: |id| StreamId::Category(*id),
            })),
            stock: Loader::new(Arc::new(Views {
                reading: Arc::clone(reading),
                table: &stock::BY_SKU,
                key_of: stock::by_sku_key,
                stream_of: |sku| StreamId::StockItem(sku.clone(), Location::default()),
            })),
            carts: Loader::new(Arc::new(Views {
                reading: Arc::clone(reading),
                table: &cart::BY_ID,
                key_of: |id| cart::by_id_key(*id),
                stream_of: |id| StreamId::Cart(*id),
            })),
            orders: Loader::new(Arc::new(Views {
                reading: Arc::clone(reading),
                table: &order::BY_ID,
                key_of: |id| order::by_id_key(*id),
                stream_of: |id| StreamId::Order(*id),
            })),
        }
    }
}
