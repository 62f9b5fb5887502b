//! All orders, for those who run the shop.

use std::sync::Arc;

use async_graphql::Object;
use domain::stream::Topic;
use domain::value::{OrderId, Timestamp};
use read_store::PageRange;
use read_store::model::id_value;
use read_store::model::order::{LISTED, OrderStatus, listed_before, listed_partition};

use super::connection::{PageArguments, PageInfo, PageRows};
use super::order::Order;
use crate::consistency::Source;
use crate::cursor::QueryFingerprint;
use crate::error::QueryError;
use crate::scope::Scope;

/// A page of all orders.
pub(crate) struct ListedOrders {
    fingerprint: QueryFingerprint,
    page: PageRows<PlacedOrder>,
}

/// An order and its place in a list.
struct PlacedOrder {
    clustering_key: Vec<u8>,
    order: Order,
}

/// A page of all orders.
#[Object(serial)]
impl ListedOrders {
    /// The orders.
    async fn nodes(&self) -> Vec<&Order> {
        self.page.rows.iter().map(|placed| &placed.order).collect()
    }

    /// What lies around the page.
    async fn page_info(&self) -> PageInfo {
        let cursor = |placed: &PlacedOrder| self.fingerprint.cursor(&placed.clustering_key);
        PageInfo {
            has_previous: self.page.has_previous,
            has_next: self.page.has_next,
            start: self.page.rows.first().map(cursor),
            end: self.page.rows.last().map(cursor),
        }
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
    let page = arguments.page(&fingerprint, false)?;
    let of_day = match day {
        Some(day) => range_of(day, &scope.shop.settings.time_zone)?,
        None => PageRange::default(),
    };
    // A cursor of this list is a place within the day.
    let range = PageRange {
        after: page.range.after.clone().or(of_day.after),
        before: page.range.before.clone().or(of_day.before),
    };
    let source = Source::Topic(Topic::Sales);
    let rows = scope
        .reading
        .page(&LISTED, &partitions, &range, page.direction, page.rows + 1, source)
        .await?;
    let page = arguments.arrange(&page, rows);
    let ids = page.rows.iter().map(|row| id_value(row).map(OrderId));
    let ids: Vec<OrderId> = ids.collect::<Result<_, _>>()?;
    let views = scope.loaders.orders.load_many(&ids).await?;
    let placed = page.rows.into_iter().zip(views).filter_map(|(row, view)| {
        Some(PlacedOrder {
            clustering_key: row.key.clustering,
            order: Order::new(Arc::clone(scope), view?),
        })
    });
    Ok(ListedOrders {
        fingerprint,
        page: PageRows {
            rows: placed.collect(),
            has_previous: page.has_previous,
            has_next: page.has_next,
        },
    })
}

/// The orders of a day, from its first moment to the last before the next.
fn range_of(day: &str, time_zone: &str) -> Result<PageRange, QueryError> {
    let refused = || QueryError::argument("argument.day", "a day is written as 2026-01-31");
    let date: jiff::civil::Date = day.parse().map_err(|_| refused())?;
    let midnight = |date: jiff::civil::Date| {
        let midnight = date.in_tz(time_zone).map_err(|_| refused())?;
        Ok::<_, QueryError>(Timestamp(midnight.timestamp().as_millisecond()))
    };
    let next = date.tomorrow().map_err(|_| refused())?;
    Ok(PageRange {
        after: Some(listed_before(midnight(next)?)),
        before: Some(listed_before(midnight(date)?)),
    })
}
