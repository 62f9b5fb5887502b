//! All orders, for those who run the shop.

use std::sync::Arc;

use async_graphql::Object;
use domain::stream::Topic;
use domain::value::OrderId;
use read_store::PageRange;
use read_store::model::id_value;
use read_store::model::order::{LISTED, OrderStatus, listed_before, listed_partition};

use super::connection::{Listed, ListedRows, PageArguments, PageInfo};
use super::day;
use super::order::Order;
use crate::consistency::Source;
use crate::cursor::QueryFingerprint;
use crate::error::QueryError;
use crate::scope::Scope;

/// A page of all orders.
pub(crate) struct ListedOrders(Listed<Order>);

/// A page of all orders.
#[Object(serial)]
impl ListedOrders {
    /// The orders.
    async fn nodes(&self) -> Vec<&Order> {
        self.0.nodes()
    }

    /// What lies around the page.
    async fn page_info(&self) -> PageInfo {
        self.0.page_info()
    }
}

/// Reads a page of the orders that are so far, the newest first; of one day of the shop's time zone, when it is named.
pub(crate) async fn read(
    scope: &Arc<Scope>,
    statuses: &[OrderStatus],
    day: Option<&str>,
    arguments: &PageArguments,
) -> Result<ListedOrders, QueryError> {
    let partitions: Vec<String> = statuses.iter().map(|status| listed_partition(*status)).collect();
    let description = format!("listed orders {} {}", partitions.join(" "), day.unwrap_or("ever"));
    let fingerprint = QueryFingerprint::of(&description);
    let rows = ListedRows {
        table: &LISTED,
        partitions: &partitions,
        within: match day {
            Some(day) => range_of(day, &scope.shop.settings.time_zone)?,
            None => PageRange::default(),
        },
        source: Source::Topic(Topic::Sales),
    };
    let page = rows.read(&scope.reading, &fingerprint, arguments).await?;
    let ids = page.rows.iter().map(|row| id_value(row).map(OrderId));
    let ids: Vec<OrderId> = ids.collect::<Result<_, _>>()?;
    let views = scope.loaders.orders.load_many(&ids).await?;
    let orders = views
        .into_iter()
        .map(|view| view.map(|view| Order::new(Arc::clone(scope), view)));
    Ok(ListedOrders(Listed::of(fingerprint, page.places(), orders)))
}

/// The orders of a day, from its first moment to the last before the next.
fn range_of(text: &str, time_zone: &str) -> Result<PageRange, QueryError> {
    let day = day::day(text)?;
    let next = day::next(day)?;
    Ok(PageRange {
        after: Some(listed_before(day::midnight(next, time_zone)?)),
        before: Some(listed_before(day::midnight(day, time_zone)?)),
    })
}
