//! Carts that somebody may come back to.

use std::collections::BTreeMap;

use async_graphql::{Object, SimpleObject};
use domain::stream::Topic;
use domain::value::Currency;
use read_store::PageRange;
use read_store::model::cart::{OPEN, open_currency, open_partitions};

use crate::consistency::Source;
use crate::error::QueryError;
use crate::limits::OPEN_CARTS_MAX;
use crate::scope::Scope;

/// Carts that somebody may come back to.
#[derive(Debug, Default)]
pub(crate) struct OpenCarts {
    counts: BTreeMap<Currency, usize>,
    is_complete: bool,
}

/// How many carts there are in a currency.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(crate) struct OpenCartsOfCurrency {
    /// ISO 4217.
    currency: String,
    /// How many.
    count: usize,
}

/// Carts with something in them that are neither orders nor expired.
#[Object(serial)]
impl OpenCarts {
    /// How many there are now.
    async fn count(&self) -> usize {
        self.counts.values().sum()
    }

    /// Whether all of them were counted: there may be more than 100,000.
    async fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// How many there are in each currency. What they are worth is not known before they are priced again, at their
    /// checkout.
    #[graphql(complexity = "crate::limits::LIST_WEIGHT * child_complexity")]
    async fn by_currency(&self) -> Vec<OpenCartsOfCurrency> {
        let counts = self.counts.iter().map(|(currency, count)| OpenCartsOfCurrency {
            currency: currency.code().to_owned(),
            count: *count,
        });
        counts.collect()
    }
}

/// Counts them.
pub(crate) async fn count(scope: &Scope) -> Result<OpenCarts, QueryError> {
    let mut carts = OpenCarts::default();
    let mut counted = 0;
    for partition in open_partitions() {
        let source = Source::Topic(Topic::Sales);
        let mut pages = scope.reading.all_rows(&OPEN, &partition, PageRange::default(), source);
        while let Some(rows) = pages.next_page().await? {
            if counted + rows.len() > OPEN_CARTS_MAX {
                return Ok(carts);
            }
            counted += rows.len();
            for row in &rows {
                *carts.counts.entry(open_currency(row)?).or_default() += 1;
            }
        }
    }
    carts.is_complete = true;
    Ok(carts)
}
