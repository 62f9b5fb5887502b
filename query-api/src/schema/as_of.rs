//! `asOf`: which moment of the past is asked for.

use crate::error::QueryError;
use crate::history::AsOf;

/// A version in digits, or a moment in RFC 3339.
pub(crate) fn parse(text: &str) -> Result<AsOf, QueryError> {
    text.parse().map_err(|_| {
        QueryError::argument(
            "argument.as_of",
            "asOf is a version (a number from 1) or a moment in RFC 3339, for example 2026-01-31T12:00:00Z",
        )
    })
}
