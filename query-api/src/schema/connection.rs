//! Pages of a list, as the Relay specification wants them.

use async_graphql::Object;
use read_store::{Direction, PageRange, Row, Table};

use crate::consistency::Source;
use crate::cursor::QueryFingerprint;
use crate::error::QueryError;
use crate::limits::{PAGE_ROWS_DEFAULT, PAGE_ROWS_MAX};
use crate::reading::Reading;

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

/// A page as a connection shows it.
pub(crate) struct Listed<N> {
    fingerprint: QueryFingerprint,
    page: PageRows<PlacedNode<N>>,
}

/// What a page shows, and its place in the list.
pub(crate) struct PlacedNode<N> {
    clustering_key: Vec<u8>,
    pub(crate) node: N,
}

/// Where the rows of a list are.
pub(crate) struct ListedRows<'a> {
    pub(crate) table: &'static Table,
    pub(crate) partitions: &'a [String],
    /// Only this part of them, whatever cursors say.
    pub(crate) within: PageRange,
    /// What of the token they wait for.
    pub(crate) source: Source,
}

impl ListedRows<'_> {
    /// Reads a page of the rows, which stand in the list's order.
    ///
    /// # Errors
    /// The size of the page or a cursor is not acceptable; what the store says.
    pub(crate) async fn read(
        self,
        reading: &Reading,
        fingerprint: &QueryFingerprint,
        arguments: &PageArguments,
    ) -> Result<PageRows<Row>, QueryError> {
        let page = arguments.page(fingerprint, false)?;
        // A cursor of a list is a place within its part.
        let range = PageRange {
            after: page.range.after.clone().or(self.within.after),
            before: page.range.before.clone().or(self.within.before),
        };
        let rows = reading
            .page(
                self.table,
                self.partitions,
                &range,
                page.direction,
                page.rows + 1,
                self.source,
            )
            .await?;
        Ok(arguments.arrange(&page, rows))
    }
}

impl<N> Listed<N> {
    /// The page of these rows. Those that lead to nothing any more are left out.
    pub(crate) fn of(
        fingerprint: QueryFingerprint,
        page: PageRows<Vec<u8>>,
        nodes: impl IntoIterator<Item = Option<N>>,
    ) -> Self {
        let placed = page.rows.into_iter().zip(nodes).filter_map(|(clustering_key, node)| {
            Some(PlacedNode {
                clustering_key,
                node: node?,
            })
        });
        Self {
            fingerprint,
            page: PageRows {
                rows: placed.collect(),
                has_previous: page.has_previous,
                has_next: page.has_next,
            },
        }
    }

    pub(crate) fn nodes(&self) -> Vec<&N> {
        self.page.rows.iter().map(|placed| &placed.node).collect()
    }

    pub(crate) fn placed(&self) -> impl Iterator<Item = &PlacedNode<N>> {
        self.page.rows.iter()
    }

    /// Names the place of a row.
    pub(crate) fn cursor(&self, placed: &PlacedNode<N>) -> String {
        self.fingerprint.cursor(&placed.clustering_key)
    }

    pub(crate) fn page_info(&self) -> PageInfo {
        PageInfo {
            has_previous: self.page.has_previous,
            has_next: self.page.has_next,
            start: self.page.rows.first().map(|placed| self.cursor(placed)),
            end: self.page.rows.last().map(|placed| self.cursor(placed)),
        }
    }
}

impl PageRows<Row> {
    /// The places of the rows.
    pub(crate) fn places(self) -> PageRows<Vec<u8>> {
        self.map(|row| row.key.clustering)
    }
}

impl<R> PageRows<R> {
    /// The same page of something else.
    pub(crate) fn map<T>(self, change: impl Fn(R) -> T) -> PageRows<T> {
        PageRows {
            rows: self.rows.into_iter().map(change).collect(),
            has_previous: self.has_previous,
            has_next: self.has_next,
        }
    }
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
    /// The arguments, in the order in which the schema has them.
    pub(crate) fn new(first: Option<i32>, after: Option<String>, last: Option<i32>, before: Option<String>) -> Self {
        Self {
            first,
            after,
            last,
            before,
        }
    }

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
