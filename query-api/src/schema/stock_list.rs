//! Lists of what lies on the shelves, for those who run the shop.

use std::sync::Arc;

use async_graphql::{Object, SimpleObject};
use domain::stream::{Location, Topic};
use domain::value::Sku;
use read_store::PageRange;
use read_store::model::Versioned;
use read_store::model::stock::{LISTED, StockView, listed_partition, listed_sku};
use serde::Serialize;

use super::connection::{Listed, ListedRows, PageArguments, PageInfo};
use super::scalar::DateTime;
use super::variant::StockLevel;
use crate::consistency::Source;
use crate::cursor::QueryFingerprint;
use crate::error::QueryError;
use crate::history::LedgerLine;
use crate::scope::Scope;

/// What there is of a SKU, at all its locations.
pub(crate) struct StockItem(Arc<Versioned<StockView>>);

/// What there is of a SKU, at all its locations.
#[Object(serial)]
impl StockItem {
    /// Of what.
    async fn sku(&self) -> &str {
        self.0.view.sku.as_str()
    }

    /// Pieces that can still be promised from the shelves, at all locations together.
    async fn available(&self) -> i64 {
        self.0.view.available()
    }

    /// Whether there is little left at some location, and was not replenished since.
    async fn is_low(&self) -> bool {
        self.0.view.is_low()
    }

    /// What lies where.
    #[graphql(complexity = "crate::limits::LIST_WEIGHT * child_complexity")]
    async fn levels(&self) -> Vec<StockLevel> {
        self.0.view.locations.iter().map(StockLevel::of).collect()
    }
}

/// A page of SKUs and what there is of them.
pub(crate) struct StockConnection(Listed<StockItem>);

/// A page of SKUs and what there is of them.
#[Object(serial)]
impl StockConnection {
    /// The SKUs.
    async fn nodes(&self) -> Vec<&StockItem> {
        self.0.nodes()
    }

    /// What lies around the page.
    async fn page_info(&self) -> PageInfo {
        self.0.page_info()
    }
}

/// Reads a page of all SKUs that ever had stock, or of those of which there is little left, by SKU.
pub(crate) async fn read(
    scope: &Arc<Scope>,
    is_low: bool,
    arguments: &PageArguments,
) -> Result<StockConnection, QueryError> {
    let partition = [listed_partition(is_low)];
    let fingerprint = QueryFingerprint::of(&format!("stock {}", partition[0]));
    let rows = ListedRows {
        table: &LISTED,
        partitions: &partition,
        within: PageRange::default(),
        source: Source::Topic(Topic::Inventory),
    };
    let page = rows.read(&scope.reading, &fingerprint, arguments).await?;
    let skus: Vec<Sku> = page.rows.iter().map(listed_sku).collect::<Result<_, _>>()?;
    let views = scope.loaders.stock.load_many(&skus).await?;
    let items = views.into_iter().map(|view| {
        let view = view.filter(|view| view.view.is_low() || !is_low);
        view.map(StockItem)
    });
    Ok(StockConnection(Listed::of(fingerprint, page.places(), items)))
}

/// What there is of one SKU.
pub(crate) async fn one(scope: &Arc<Scope>, sku: &str) -> Result<Option<StockItem>, QueryError> {
    // What cannot be a SKU names nothing.
    let Ok(sku) = sku.parse::<Sku>() else {
        return Ok(None);
    };
    Ok(scope.loaders.stock.load(sku).await?.map(StockItem))
}

/// A line of the ledger of a SKU at a location.
#[derive(SimpleObject, Serialize)]
#[graphql(serial)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StockLedgerLine {
    /// How many things had happened to the item then: what `after` takes.
    version: u64,
    /// When.
    at: DateTime,
    /// What, for example `StockReceived`.
    event: &'static str,
    /// Who.
    actor: String,
    /// Why, in words, when somebody said so.
    reason: Option<String>,
    /// Pieces more or, negative, fewer on the shelf: all of them together are what lies there.
    on_hand_change: i64,
    /// Pieces on the shelf afterwards.
    on_hand_after: i64,
    /// Pieces that checkouts held afterwards.
    reserved_after: i64,
    /// Pieces that orders waited for afterwards.
    allocated_after: i64,
}

/// Reads lines of a ledger after a version.
pub(crate) async fn ledger(
    scope: &Arc<Scope>,
    (sku, location): (&str, Option<&str>),
    lines_max: usize,
    after: u64,
) -> Result<Vec<StockLedgerLine>, QueryError> {
    let unknown = || QueryError::argument("argument.stock", "there can be no such SKU or location");
    let sku: Sku = sku.parse().map_err(|_| unknown())?;
    let location = location.map_or_else(|| Ok(Location::default()), str::parse);
    let location = location.map_err(|_| unknown())?;
    let lines = scope.history().ledger(sku, location, after, lines_max).await?;
    Ok(lines.into_iter().map(StockLedgerLine::from).collect())
}

impl From<LedgerLine> for StockLedgerLine {
    fn from(line: LedgerLine) -> Self {
        Self {
            version: line.version,
            at: DateTime(line.at),
            event: line.event,
            actor: line.actor,
            reason: line.reason,
            on_hand_change: line.on_hand_change,
            on_hand_after: line.levels_after.on_hand,
            reserved_after: line.levels_after.reserved,
            allocated_after: line.levels_after.allocated,
        }
    }
}
