//! Lists that the search index answers: everything that is searched, filtered, counted, or reached by the number of
//! its page.

use domain::stream::Topic;
use domain::value::ProductId;
use read_store::Direction;
use search::limits::{PAGED_ROWS_MAX, QUERY_CHARS_MAX};
use search::{Criteria, Facet, Filter, Place, Slice, Sort, Suggestion};

use super::connection::{Page, PageArguments, PageRows};
use super::product_list::{ListArguments, ProductSort};
use crate::cursor::{InvalidCursor, QueryFingerprint};
use crate::error::QueryError;
use crate::scope::Scope;

/// What a list is about, in the words of the index.
///
/// # Errors
/// An argument is not acceptable.
pub(crate) fn criteria(scope: &Scope, arguments: &ListArguments) -> Result<Criteria, QueryError> {
    let currency = scope.audience.currency;
    let asked = arguments.filter.as_ref();
    let mut filter = asked.map_or_else(|| Ok(Filter::default()), |filter| filter.understood(currency))?;
    if let Some(category) = arguments.category
        && filter.category.replace(category).is_some_and(|other| other != category)
    {
        let message = "take either the argument or the filter to name a category";
        return Err(QueryError::argument("argument.one_of", message));
    }
    let query = arguments.query.as_deref().map(search_text).transpose()?.flatten();
    let by_default = if query.is_some() {
        ProductSort::Relevance
    } else {
        ProductSort::Newest
    };
    Ok(Criteria {
        filter,
        sort: match arguments.sort.unwrap_or(by_default) {
            ProductSort::Relevance => Sort::Relevance,
            ProductSort::Newest => Sort::Newest,
            ProductSort::PriceAsc | ProductSort::PriceDesc => Sort::Price,
            ProductSort::TitleAsc | ProductSort::TitleDesc => Sort::Title(scope.audience.locale.clone()),
            ProductSort::BestSelling => Sort::BestSelling,
        },
        query,
        currency,
        low_stock_threshold: scope.shop.settings.low_stock_threshold,
    })
}

/// A search text; none when it is blank.
fn search_text(query: &str) -> Result<Option<String>, QueryError> {
    if query.chars().count() > QUERY_CHARS_MAX {
        let message = format!("a search text has at most {QUERY_CHARS_MAX} characters");
        return Err(QueryError::argument("search.too_long", message));
    }
    let query = query.trim();
    Ok((!query.is_empty()).then(|| query.to_owned()))
}

/// The products of a page with their places, as bytes.
pub(crate) type Placed = (Vec<u8>, ProductId);

/// Reads a page.
pub(crate) async fn read(
    scope: &Scope,
    criteria: &Criteria,
    arguments: &ListArguments,
) -> Result<(QueryFingerprint, PageRows<Placed>), QueryError> {
    let is_descending = arguments.sort.is_some_and(ProductSort::is_descending);
    let fingerprint = fingerprint(criteria, is_descending);
    let page = arguments.page.page(&fingerprint, is_descending)?;
    let offset = offset(arguments, &page)?;
    let place = |bytes: &Option<Vec<u8>>| {
        let place = bytes
            .as_deref()
            .map(|bytes| Place::of_bytes(bytes).ok_or(InvalidCursor));
        place.transpose()
    };
    let slice = Slice {
        after: place(&page.range.after)?,
        before: place(&page.range.before)?,
        is_backward: page.direction == Direction::Backward,
        offset,
        limit: page.rows + 1,
    };
    wait(scope, criteria).await?;
    let index = scope.reading.search()?;
    let hits = index.page(criteria.clone(), slice).await?;
    let rows = hits.into_iter().map(|hit| (hit.place.to_bytes(), hit.product));
    let mut rows = arguments.page.arrange(&page, rows.collect());
    rows.has_previous |= offset > 0;
    Ok((fingerprint, rows))
}

/// How many products a list has.
pub(crate) async fn count(scope: &Scope, criteria: &Criteria) -> Result<u64, QueryError> {
    wait(scope, criteria).await?;
    Ok(scope.reading.search()?.count(criteria.clone()).await?)
}

/// What a list can be narrowed by.
pub(crate) async fn facets(scope: &Scope, criteria: &Criteria) -> Result<Vec<Facet>, QueryError> {
    wait(scope, criteria).await?;
    // Availability is one of them.
    scope.reading.wait_for_search(Topic::Inventory).await?;
    Ok(scope.reading.search()?.facets(criteria.clone()).await?)
}

/// How a search text may go on, and what may have been meant.
pub(crate) async fn suggestions(scope: &Scope, query: &str, first: usize) -> Result<Vec<Suggestion>, QueryError> {
    let Some(query) = search_text(query)? else {
        return Ok(Vec::new());
    };
    scope.reading.wait_for_search(Topic::Catalog).await?;
    Ok(scope.reading.search()?.suggestions(query, first).await?)
}

/// Waits for what decides which products are in the list, and where.
async fn wait(scope: &Scope, criteria: &Criteria) -> Result<(), QueryError> {
    scope.reading.wait_for_search(Topic::Catalog).await?;
    if !criteria.filter.availability.is_empty() {
        scope.reading.wait_for_search(Topic::Inventory).await?;
    }
    if criteria.sort == Sort::BestSelling {
        scope.reading.wait_for_search(Topic::Sales).await?;
    }
    Ok(())
}

/// Of everything that decides the order of the rows. What shop counts as low may change under a cursor.
fn fingerprint(criteria: &Criteria, is_descending: bool) -> QueryFingerprint {
    let Criteria {
        query,
        filter,
        sort,
        currency,
        low_stock_threshold: _,
    } = criteria;
    QueryFingerprint::of(&format!(
        "search {query:?} {filter:?} {sort:?} {currency} {is_descending}"
    ))
}

/// How many rows come before the page of this number.
fn offset(arguments: &ListArguments, page: &Page) -> Result<usize, QueryError> {
    let Some(number) = arguments.page_number else {
        return Ok(0);
    };
    let PageArguments {
        after, last, before, ..
    } = &arguments.page;
    if after.is_some() || before.is_some() || last.is_some() {
        let message = "take either the number of a page or a cursor";
        return Err(QueryError::argument("page.and_cursor", message));
    }
    let number = usize::try_from(number).ok().filter(|number| *number >= 1);
    let offset = number.and_then(|number| (number - 1).checked_mul(page.rows));
    match offset {
        Some(offset) if offset + page.rows <= PAGED_ROWS_MAX => Ok(offset),
        _ => {
            let message = format!("pages go from 1 to the {PAGED_ROWS_MAX}th product; go on with a cursor");
            Err(QueryError::argument("page.number", message))
        }
    }
}
