//! Pages of a list, as the Relay specification wants them.

use async_graphql::Object;
use read_store::{Direction, PageRange};

use crate::cursor::QueryFingerprint;
use crate::error::QueryError;
use crate::limits::{PAGE_ROWS_DEFAULT, PAGE_ROWS_MAX};

/// The arguments of a connection, as they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PageArguments {
    pub(crate) first: Option<i32>,
    pub(crate) after: Option<String>,
    pub(crate) last: Option<i32>,
    pub(crate) before: Option<String>,
}

/// Which rows a page has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) range: PageRange,
    /// Which way it is read from the store.
    pub(crate) direction: Direction,
    pub(crate) rows: usize,
    /// Whether it is counted from the end of the list.
    is_from_end: bool,
}

/// The rows of a page in the list's order, and what lies around them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PageRows<R> {
    pub(crate) rows: Vec<R>,
    pub(crate) has_previous: bool,
    pub(crate) has_next: bool,
}

/// The number of rows that a connection is taken to have when complexity is counted.
pub(crate) fn page_weight(first: Option<i32>, last: Option<i32>) -> usize {
    let asked = first.or(last).and_then(|rows| usize::try_from(rows).ok());
    asked.unwrap_or(PAGE_ROWS_DEFAULT).clamp(1, PAGE_ROWS_MAX)
}

/// How many of something are asked for, where there are no pages.
///
/// # Errors
/// Not from 1 to `most`.
pub(crate) fn count_argument(first: Option<i32>, default: usize, most: usize) -> Result<usize, QueryError> {
    let Some(first) = first else {
        return Ok(default);
    };
    let count = usize::try_from(first).ok().filter(|count| (1..=most).contains(count));
    count.ok_or_else(|| QueryError::argument("page.size", format!("first must be from 1 to {most}")))
}

impl PageArguments {
    /// The page that the arguments ask for, in a list that the store keeps in the opposite order when
    /// `is_descending`.
    ///
    /// # Errors
    /// The size of the page or a cursor is not acceptable.
    pub(crate) fn page(&self, fingerprint: &QueryFingerprint, is_descending: bool) -> Result<Page, QueryError> {
        let (rows, is_from_end) = match (self.first, self.last) {
            (Some(_), Some(_)) => {
                return Err(QueryError::argument(
                    "page.first_and_last",
                    "take first or last, not both",
                ));
            }
            (None, Some(last)) => (page_size("last", last)?, true),
            (Some(first), None) => (page_size("first", first)?, false),
            (None, None) => (PAGE_ROWS_DEFAULT, false),
        };
        let key = |cursor: &Option<String>| cursor.as_deref().map(|cursor| fingerprint.clustering_key(cursor));
        let (after, before) = (key(&self.after).transpose()?, key(&self.before).transpose()?);
        let range = if is_descending {
            PageRange {
                after: before,
                before: after,
            }
        } else {
            PageRange { after, before }
        };
        let direction = if is_from_end == is_descending {
            Direction::Forward
        } else {
            Direction::Backward
        };
        Ok(Page {
            range,
            direction,
            rows,
            is_from_end,
        })
    }

    /// Puts what the store gave, one row more than the page has if there is one, in the list's order.
    pub(crate) fn arrange<R>(&self, page: &Page, mut rows: Vec<R>) -> PageRows<R> {
        let has_more = rows.len() > page.rows;
        rows.truncate(page.rows);
        if page.is_from_end {
            rows.reverse();
            return PageRows {
                rows,
                has_previous: has_more,
                has_next: self.before.is_some(),
            };
        }
        PageRows {
            rows,
            has_previous: self.after.is_some(),
            has_next: has_more,
        }
    }
}

fn page_size(argument: &str, rows: i32) -> Result<usize, QueryError> {
    let rows = usize::try_from(rows).map_err(|_| QueryError::page_size(argument))?;
    if (1..=PAGE_ROWS_MAX).contains(&rows) {
        Ok(rows)
    } else {
        Err(QueryError::page_size(argument))
    }
}

/// What lies around a page.
pub(crate) struct PageInfo {
    pub(crate) has_previous: bool,
    pub(crate) has_next: bool,
    pub(crate) start: Option<String>,
    pub(crate) end: Option<String>,
}

/// What lies around a page.
#[Object(serial)]
impl PageInfo {
    /// Whether there are rows after the page. Read from the end, this says whether `before` was given.
    async fn has_next_page(&self) -> bool {
        self.has_next
    }

    /// Whether there are rows before the page. Read from the start, this says whether `after` was given.
    async fn has_previous_page(&self) -> bool {
        self.has_previous
    }

    /// The cursor of the first row; none on an empty page.
    async fn start_cursor(&self) -> Option<&str> {
        self.start.as_deref()
    }

    /// The cursor of the last row; none on an empty page.
    async fn end_cursor(&self) -> Option<&str> {
        self.end.as_deref()
    }
}

#[cfg(test)]
mod tests;
