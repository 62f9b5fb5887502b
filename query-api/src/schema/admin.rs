//! What only those who run the shop see.

use std::sync::Arc;

use async_graphql::{Object, Result};

use super::connection::{PageArguments, page_weight};
use super::listed_orders::{self, ListedOrders};
use super::listed_products::{self, ListedProducts};
use super::open_carts::{self, OpenCarts};
use super::order;
use super::product::Status;
use super::sales::{self, CurrencySales};
use super::stock_list::{self, StockConnection, StockItem, StockLedgerLine};
use super::why::{self, WhyStep};
use crate::cursor::QueryFingerprint;
use crate::error::QueryError;
use crate::scope::Scope;

/// However far an order is.
const ALL_ORDERS: [order::Status; 6] = [
    order::Status::Pending,
    order::Status::Confirmed,
    order::Status::PartiallyShipped,
    order::Status::Shipped,
    order::Status::Delivered,
    order::Status::Cancelled,
];

/// What only those who run the shop see.
pub(crate) struct Admin {
    scope: Arc<Scope>,
}

impl Admin {
    /// For an admin; to everybody else there is no such thing.
    pub(crate) fn of(scope: &Arc<Scope>) -> Option<Self> {
        let scope = Arc::clone(scope);
        scope.visitor().identity().is_admin().then_some(Self { scope })
    }
}

/// What only those who run the shop see.
#[Object(serial)]
impl Admin {
    /// All products of these kinds, those that shoppers do not see included, by slug.
    #[graphql(complexity = "page_weight(first, last) * child_complexity")]
    async fn products(
        &self,
        #[graphql(desc = "From 1 to 100; 20 when neither `first` nor `last` is given.")] first: Option<i32>,
        after: Option<String>,
        #[graphql(desc = "From 1 to 100: the last rows before `before`, or of the whole list.")] last: Option<i32>,
        before: Option<String>,
        #[graphql(default_with = "vec![Status::Draft, Status::Published]")] status: Vec<Status>,
    ) -> Result<ListedProducts> {
        let arguments = PageArguments::new(first, after, last, before);
        let statuses = named_once(status)?;
        Ok(listed_products::read(&self.scope, &statuses, &arguments).await?)
    }

    /// All SKUs that ever had stock, by SKU.
    #[graphql(complexity = "page_weight(first, last) * child_complexity")]
    async fn stock(
        &self,
        #[graphql(desc = "From 1 to 100; 20 when neither `first` nor `last` is given.")] first: Option<i32>,
        after: Option<String>,
        #[graphql(desc = "From 1 to 100: the last rows before `before`, or of the whole list.")] last: Option<i32>,
        before: Option<String>,
    ) -> Result<StockConnection> {
        let arguments = PageArguments::new(first, after, last, before);
        Ok(stock_list::read(&self.scope, false, &arguments).await?)
    }

    /// The SKUs of which there is little left at some location, by SKU.
    #[graphql(complexity = "page_weight(first, last) * child_complexity")]
    async fn low_stock(
        &self,
        #[graphql(desc = "From 1 to 100; 20 when neither `first` nor `last` is given.")] first: Option<i32>,
        after: Option<String>,
        #[graphql(desc = "From 1 to 100: the last rows before `before`, or of the whole list.")] last: Option<i32>,
        before: Option<String>,
    ) -> Result<StockConnection> {
        let arguments = PageArguments::new(first, after, last, before);
        Ok(stock_list::read(&self.scope, true, &arguments).await?)
    }

    /// What there is of a SKU; null when it never had stock.
    #[graphql(complexity = "crate::limits::LOOKUP_WEIGHT + child_complexity")]
    async fn stock_item(&self, sku: String) -> Result<Option<StockItem>> {
        Ok(stock_list::one(&self.scope, &sku).await?)
    }

    /// What happened to the pieces of a SKU at a location, the oldest first: the changes of a whole ledger are what
    /// lies on the shelf.
    #[graphql(complexity = "page_weight(first, None) * child_complexity")]
    async fn stock_ledger(
        &self,
        sku: String,
        #[graphql(desc = "`main` unless told.")] location: Option<String>,
        #[graphql(desc = "From 1 to 100; 20 when it is not given.")] first: Option<i32>,
        #[graphql(desc = "Only lines after this version.")] after: Option<u64>,
    ) -> Result<Vec<StockLedgerLine>> {
        let page = PageArguments {
            first,
            ..PageArguments::default()
        };
        let lines_max = page.page(&QueryFingerprint::of("ledger"), false)?.rows;
        let after = after.unwrap_or(0);
        Ok(stock_list::ledger(&self.scope, (&sku, location.as_deref()), lines_max, after).await?)
    }

    /// Why something is as it is: its first 1,000 events, the oldest first, each with its command, its person, and the
    /// fields that it set.
    #[graphql(complexity = "crate::limits::WHY_WEIGHT + crate::limits::LIST_WEIGHT * child_complexity")]
    async fn why(
        &self,
        #[graphql(desc = "`order/ID`, `cart/ID`, `stock/LOCATION/SKU` …")] stream: String,
    ) -> Result<Vec<WhyStep>> {
        Ok(why::read(&self.scope, &stream).await?)
    }

    /// The orders that are so far, all when `status` is not given, the newest first.
    #[graphql(complexity = "page_weight(first, last) * child_complexity")]
    #[expect(
        clippy::too_many_arguments,
        reason = "they are the arguments of the field in the schema"
    )]
    async fn orders(
        &self,
        #[graphql(desc = "From 1 to 100; 20 when neither `first` nor `last` is given.")] first: Option<i32>,
        after: Option<String>,
        #[graphql(desc = "From 1 to 100: the last rows before `before`, or of the whole list.")] last: Option<i32>,
        before: Option<String>,
        status: Option<Vec<order::Status>>,
        #[graphql(desc = "Only those placed on this day of the shop's time zone: `2026-01-31`.")] day: Option<String>,
    ) -> Result<ListedOrders> {
        let arguments = PageArguments::new(first, after, last, before);
        let statuses = named_once(status.unwrap_or_else(|| ALL_ORDERS.to_vec()))?;
        Ok(listed_orders::read(&self.scope, &statuses, day.as_deref(), &arguments).await?)
    }

    /// What was sold from one day to another, both included: sums for each currency that something was sold in. Days
    /// are those of the shop's time zone; an order belongs to the day on which it was placed. At most 366 days and
    /// 200,000 orders.
    #[graphql(complexity = "crate::limits::SALES_WEIGHT + child_complexity")]
    async fn sales(
        &self,
        #[graphql(desc = "The first day: `2026-01-01`.")] from: String,
        #[graphql(desc = "The last day: `2026-01-31`.")] to: String,
        #[graphql(desc = "Only this one (ISO 4217).")] currency: Option<String>,
    ) -> Result<Vec<CurrencySales>> {
        Ok(sales::read(&self.scope, (&from, &to), currency.as_deref()).await?)
    }

    /// Carts with something in them that are neither orders nor expired.
    #[graphql(complexity = "crate::limits::OPEN_CARTS_WEIGHT + child_complexity")]
    async fn open_carts(&self) -> Result<OpenCarts> {
        Ok(open_carts::count(&self.scope).await?)
    }
}

/// What an argument names, each once: a list reads each of its partitions once.
fn named_once<S: PartialEq, T: From<S>>(status: Vec<S>) -> Result<Vec<T>, QueryError> {
    let mut named = Vec::new();
    for status in status {
        if !named.contains(&status) {
            named.push(status);
        }
    }
    if named.is_empty() {
        return Err(QueryError::argument("argument.empty", "status names nothing"));
    }
    Ok(named.into_iter().map(T::from).collect())
}
