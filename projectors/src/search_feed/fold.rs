//! Folding records into the views that the index is made of, with the code of the projections.

use std::collections::BTreeMap;

use domain::stream::StreamId;
use domain::value::{CategoryId, ProductId, Sku};
use domain::{Decided, Event, sales};
use event_log::{Commit, Followed};
use read_store::model::category::CategoryView;
use read_store::model::product::ProductView;
use read_store::model::stock::StockView;
use search::limits::PARKED_STREAMS_MAX;
use search::{Changes, ParkedAt, SearchError, SearchWriter};

use crate::projection::Projection;
use crate::projections::{Categories, Products, Stock};

/// The views that these records touch, as they are after them.
#[derive(Default)]
struct Views {
    products: BTreeMap<ProductId, Option<ProductView>>,
    categories: BTreeMap<CategoryId, Option<CategoryView>>,
    stock: BTreeMap<Sku, Option<StockView>>,
    sold: BTreeMap<ProductId, i64>,
}

/// What these records change. A stream with a commit that cannot be read stands still from there on.
///
/// # Errors
/// The index cannot be read; or so many streams stand still that something else is wrong.
pub(super) fn changes(
    writer: &SearchWriter,
    parked: &mut BTreeMap<String, ParkedAt>,
    followed: &[Followed],
) -> Result<Changes, SearchError> {
    let mut views = Views::default();
    let mut newly_parked = BTreeMap::new();
    let commits = followed.iter().filter_map(|followed| match followed {
        Followed::Commit(commit) => Some(commit.as_ref()),
        Followed::Claimed(_) | Followed::Void(_) | Followed::Halted { .. } => None,
    });
    for commit in commits {
        match &commit.events {
            Ok(events) => {
                let is_read =
                    |decided: &&Decided| parked.is_empty() || !parked.contains_key(&decided.stream.to_string());
                for decided in events.iter().filter(is_read) {
                    views.take(writer, decided, commit)?;
                }
            }
            Err(undecodable) => {
                let streams = commit.envelope().streams.iter().map(|touched| &touched.stream);
                for stream in streams.filter(|stream| is_found(stream)) {
                    tracing::error!(%stream, offset = commit.offset, why = undecodable.0,
                        "a commit cannot be read: what search knows of its stream stands still");
                    let since = parked.entry(stream.to_string()).or_insert_with(|| ParkedAt {
                        shard: commit.shard,
                        offset: commit.offset,
                        why: undecodable.0.clone(),
                    });
                    newly_parked.insert(stream.to_string(), since.clone());
                }
            }
        }
    }
    if parked.len() > PARKED_STREAMS_MAX {
        return Err(SearchError::Damaged(format!("{} streams cannot be read", parked.len())));
    }
    Ok(Changes {
        products: views.products.into_values().flatten().collect(),
        categories: views.categories.into_values().flatten().collect(),
        stock: views.stock.into_values().flatten().collect(),
        sold: views.sold,
        parked: newly_parked,
        positions: BTreeMap::new(),
    })
}

/// Whether the index holds anything of a stream.
fn is_found(stream: &StreamId) -> bool {
    matches!(
        stream,
        StreamId::Product(_) | StreamId::Category(_) | StreamId::StockItem(..) | StreamId::Order(_)
    )
}

impl Views {
    fn take(&mut self, writer: &SearchWriter, decided: &Decided, commit: &Commit) -> Result<(), SearchError> {
        match &decided.stream {
            StreamId::Product(id) => {
                let view = known(&mut self.products, id, || writer.product(*id))?;
                *view = Products::evolve(view.take(), decided, commit.at);
            }
            StreamId::Category(id) => {
                let view = known(&mut self.categories, id, || writer.category(*id))?;
                *view = Categories::evolve(view.take(), decided, commit.at);
            }
            StreamId::StockItem(sku, _) => {
                let view = known(&mut self.stock, sku, || writer.stock(sku))?;
                *view = Stock::evolve(view.take(), decided, commit.at);
            }
            _ => self.take_sold(&decided.event),
        }
        Ok(())
    }

    /// An order counts when it is placed, whatever becomes of it.
    fn take_sold(&mut self, event: &Event) {
        if let Event::Order(sales::order::Event::OrderPlaced { lines, .. }) = event {
            for line in lines {
                *self.sold.entry(line.product).or_default() += i64::from(line.quantity);
            }
        }
    }
}

/// The view as far as these records have brought it, else as the index holds it.
fn known<'a, K: Clone + Ord, V>(
    views: &'a mut BTreeMap<K, Option<V>>,
    key: &K,
    read: impl FnOnce() -> Result<Option<V>, SearchError>,
) -> Result<&'a mut Option<V>, SearchError> {
    if !views.contains_key(key) {
        views.insert(key.clone(), read()?);
    }
    Ok(views.entry(key.clone()).or_default())
}
