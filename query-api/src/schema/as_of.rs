//! `asOf`: which moment of the past is asked for.

use domain::value::Timestamp;

use crate::error::QueryError;
use crate::history::AsOf;
use crate::limits::AS_OF_CHARS_MAX;

/// A version in digits, or a moment in RFC 3339.
pub(crate) fn parse(text: &str) -> Result<AsOf, QueryError> {
    let refused = || {
        QueryError::argument(
            "argument.as_of",
            "asOf is a version (a number from 1) or a moment in RFC 3339, for example 2026-01-31T12:00:00Z",
        )
    };
    if text.len() > AS_OF_CHARS_MAX {
        return Err(refused());
    }
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let version = text.parse().map_err(|_| refused())?;
        return Ok(AsOf::Version(version));
    }
    let moment: jiff::Timestamp = text.parse().map_err(|_| refused())?;
    Ok(AsOf::Moment(Timestamp(moment.as_millisecond())))
}
