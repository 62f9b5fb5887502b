//! Reading the rows of a range of days, and summing them as they come.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::stream::Topic;
use domain::value::{Currency, Timestamp};
use futures::{StreamExt, TryStreamExt, stream};
use jiff::civil::Date;
use read_store::PageRange;
use read_store::model::sold::{SOLD, sale, sold_from, sold_partition, utc_day};

use super::sums::{CurrencySums, Sum, Sums, add_all, add_sale};
use super::{CurrencySales, SalesSum};
use crate::consistency::Source;
use crate::error::QueryError;
use crate::limits::{SALES_DAYS_MAX, SALES_ORDERS_MAX, SALES_PARTITIONS_AT_ONCE};
use crate::schema::day;
use crate::scope::Scope;

/// A range of days.
struct Days {
    first: Date,
    /// The first moments of the days, in order, and that of the day after them.
    midnights: Vec<Timestamp>,
}

/// What was sold from one day to another, both included, by currency; in one currency, when it is named.
///
/// # Errors
/// The range is none, or longer than [`SALES_DAYS_MAX`]; more than [`SALES_ORDERS_MAX`] orders were placed in it; the
/// currency is none; what the store says.
pub(crate) async fn read(
    scope: &Arc<Scope>,
    (from, to): (&str, &str),
    currency: Option<&str>,
) -> Result<Vec<CurrencySales>, QueryError> {
    let days = Days::between(day::day(from)?, day::day(to)?, &scope.shop.settings.time_zone)?;
    let wanted = currency.map(|code| {
        let currency = code.parse::<Currency>();
        currency.map_err(|_| QueryError::argument("argument.currency", "a currency is written as EUR (ISO 4217)"))
    });
    let wanted = wanted.transpose()?;
    let mut sums = sums(scope, &days).await?;
    if let Some(wanted) = wanted {
        sums.retain(|currency, _| *currency == wanted);
    }
    sums.into_iter().map(|entry| shown(scope, &days, entry)).collect()
}

async fn sums(scope: &Arc<Scope>, days: &Days) -> Result<Sums, QueryError> {
    let orders = AtomicUsize::new(0);
    let partitions: BTreeSet<i64> = days.utc_days().collect();
    let of_partitions = partitions
        .into_iter()
        .map(|utc_day| sums_of(scope, days, utc_day, &orders));
    stream::iter(of_partitions)
        .buffer_unordered(SALES_PARTITIONS_AT_ONCE)
        .try_fold(Sums::new(), async |mut all, some| {
            add_all(&mut all, some);
            Ok(all)
        })
        .await
}

/// The sums of the orders of one partition that were placed on these days.
async fn sums_of(scope: &Scope, days: &Days, utc_day: i64, orders: &AtomicUsize) -> Result<Sums, QueryError> {
    let mut sums = Sums::new();
    let within = PageRange {
        after: days.midnights.first().map(|first| sold_from(*first)),
        before: days.midnights.last().map(|end| sold_from(*end)),
    };
    let partition = sold_partition(utc_day);
    let mut pages = scope
        .reading
        .all_rows(&SOLD, &partition, within, Source::Topic(Topic::Sales));
    while let Some(rows) = pages.next_page().await? {
        if orders.fetch_add(rows.len(), Ordering::Relaxed) + rows.len() > SALES_ORDERS_MAX {
            let message = format!("more than {SALES_ORDERS_MAX} orders were placed in these days; ask for fewer");
            return Err(QueryError::argument("sales.too_many", message));
        }
        for row in &rows {
            let sale = sale(row)?;
            if let Some(day) = days.place(sale.placed) {
                add_sale(&mut sums, day, &sale);
            }
        }
    }
    Ok(sums)
}

fn shown(
    scope: &Arc<Scope>,
    days: &Days,
    (currency, sums): (Currency, CurrencySums),
) -> Result<CurrencySales, QueryError> {
    let mut whole = Sum::default();
    sums.days.values().for_each(|sum| whole.add(*sum));
    let of_day = |day: usize| sums.days.get(&day).copied().unwrap_or_default();
    Ok(CurrencySales {
        scope: Arc::clone(scope),
        currency,
        first: days.first,
        days: (0..days.count()).map(of_day).collect(),
        whole: SalesSum::of(&whole, currency)?,
        products: sums.products.into_iter().collect(),
    })
}

impl Days {
    fn between(first: Date, last: Date, time_zone: &str) -> Result<Self, QueryError> {
        let mut midnights = vec![day::midnight(first, time_zone)?];
        let mut date = first;
        while date <= last {
            if midnights.len() > SALES_DAYS_MAX {
                let message = format!("sums are made of at most {SALES_DAYS_MAX} days");
                return Err(QueryError::argument("sales.range", message));
            }
            date = day::next(date)?;
            midnights.push(day::midnight(date, time_zone)?);
        }
        if midnights.len() == 1 {
            return Err(QueryError::argument("sales.range", "from is a day after to"));
        }
        Ok(Self { first, midnights })
    }

    fn count(&self) -> usize {
        self.midnights.len() - 1
    }

    /// The partitions that hold them: days of UTC.
    fn utc_days(&self) -> impl Iterator<Item = i64> {
        let ends = self.midnights.first().zip(self.midnights.last());
        let days = ends.map(|(first, end)| utc_day(*first)..=utc_day(Timestamp(end.0 - 1)));
        days.into_iter().flatten()
    }

    /// Which of them a moment is in, from 0; none when it is in none.
    fn place(&self, moment: Timestamp) -> Option<usize> {
        let begun = self.midnights.partition_point(|midnight| *midnight <= moment);
        (1..self.midnights.len()).contains(&begun).then(|| begun - 1)
    }
}
