//! What was sold: by day, by currency, by product. Sums are made from a row for each order, and kept nowhere.

mod read;
mod sums;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_graphql::{Enum, ID, Object, Result, SimpleObject};
use domain::value::{Currency, ProductId};
use jiff::civil::Date;

pub(crate) use self::read::read;
use self::sums::{ProductSum, Sum};
use super::connection::count_argument;
use super::product::Product;
use super::scalar::Money;
use crate::error::QueryError;
use crate::limits::{TOP_PRODUCTS_DEFAULT, TOP_PRODUCTS_MAX};
use crate::scope::Scope;

/// What was sold in one currency, in a range of days of the shop's time zone.
pub(crate) struct CurrencySales {
    scope: Arc<Scope>,
    currency: Currency,
    first: Date,
    /// Of each day, from the first on.
    days: Vec<Sum>,
    whole: SalesSum,
    products: Vec<(ProductId, ProductSum)>,
}

/// What the first of a list of products has most of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum TopProductsBy {
    /// What they cost.
    Revenue,
    /// How many.
    Pieces,
}

/// What was sold on some days, in one currency.
#[derive(Clone, SimpleObject)]
#[graphql(serial)]
struct SalesSum {
    /// Orders placed then and not cancelled since.
    orders: u64,
    /// Orders placed then and cancelled since.
    cancelled: u64,
    /// Pieces in the orders.
    pieces: u64,
    /// What the orders cost, with tax and shipping.
    revenue: Money,
    /// The part of it that is tax.
    tax: Money,
    /// What went back of it until today.
    refunded: Money,
    /// What an order cost, rounded half away from zero; none when there was none.
    average_order: Option<Money>,
}

/// What was sold on one day.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(crate) struct SalesDay {
    /// A day of the shop's time zone: `2026-01-31`.
    day: String,
    #[graphql(flatten)]
    sum: SalesSum,
}

/// What was sold of one product.
pub(crate) struct ProductSales {
    scope: Arc<Scope>,
    product: ProductId,
    currency: Currency,
    sum: ProductSum,
}

/// What was sold in one currency. Orders that were cancelled are counted as such, and are in no sum.
#[Object(serial)]
impl CurrencySales {
    /// ISO 4217; of all its sums.
    async fn currency(&self) -> &str {
        self.currency.code()
    }

    #[graphql(flatten)]
    async fn whole(&self) -> SalesSum {
        self.whole.clone()
    }

    /// Every day of the range, those without an order included.
    #[graphql(complexity = "crate::limits::SALES_DAYS_WEIGHT * child_complexity")]
    async fn days(&self) -> Result<Vec<SalesDay>> {
        let mut day = self.first;
        let mut days = Vec::with_capacity(self.days.len());
        for sum in &self.days {
            days.push(SalesDay {
                day: day.to_string(),
                sum: SalesSum::of(sum, self.currency)?,
            });
            day = super::day::next(day)?;
        }
        Ok(days)
    }

    /// The products that were sold most.
    #[graphql(complexity = "crate::limits::LOOKUP_WEIGHT + crate::limits::LIST_WEIGHT * child_complexity")]
    async fn top_products(
        &self,
        #[graphql(desc = "From 1 to 100; 10 unless told.")] first: Option<i32>,
        #[graphql(default_with = "TopProductsBy::Revenue")] by: TopProductsBy,
    ) -> Result<Vec<ProductSales>> {
        let first = count_argument(first, TOP_PRODUCTS_DEFAULT, TOP_PRODUCTS_MAX)?;
        let mut products = self.products.clone();
        products.sort_by_key(|(product, sum)| {
            let most = match by {
                TopProductsBy::Revenue => (sum.revenue, i128::from(sum.pieces)),
                TopProductsBy::Pieces => (i128::from(sum.pieces), sum.revenue),
            };
            // Of two that are alike one is always first.
            (std::cmp::Reverse(most), *product)
        });
        products.truncate(first);
        let shown = products.into_iter().map(|(product, sum)| ProductSales {
            scope: Arc::clone(&self.scope),
            product,
            currency: self.currency,
            sum,
        });
        Ok(shown.collect())
    }
}

impl SalesSum {
    fn of(sum: &Sum, currency: Currency) -> Result<Self, QueryError> {
        Ok(Self {
            orders: sum.orders,
            cancelled: sum.cancelled,
            pieces: sum.pieces,
            revenue: money(sum.revenue, currency)?,
            tax: money(sum.tax, currency)?,
            refunded: money(sum.refunded, currency)?,
            average_order: sum.average().map(|average| Money::of(average, currency)),
        })
    }
}

/// What was sold of one product, in orders that were not cancelled.
#[Object(serial)]
impl ProductSales {
    /// The product, also one that shoppers do not see any more.
    async fn product(&self) -> Result<Option<Product>> {
        let view = self.scope.loaders.products.load(self.product).await?;
        Ok(view.map(|view| Product::new(Arc::clone(&self.scope), view)))
    }

    /// The product's id, as the commands under /v1 take it.
    async fn product_id(&self) -> ID {
        ID(self.product.to_string())
    }

    /// How many.
    async fn pieces(&self) -> u64 {
        self.sum.pieces
    }

    /// What they cost together, with tax, after discount and without shipping.
    async fn revenue(&self) -> Result<Money> {
        Ok(money(self.sum.revenue, self.currency)?)
    }
}

fn money(sum: i128, currency: Currency) -> Result<Money, QueryError> {
    let amount = i64::try_from(sum);
    let amount =
        amount.map_err(|_| QueryError::argument("sales.too_large", "a sum is too large; ask for fewer days"))?;
    Ok(Money::of(amount, currency))
}
