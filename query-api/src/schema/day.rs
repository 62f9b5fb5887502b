//! Days of the shop's time zone.

use domain::value::Timestamp;
use jiff::civil::Date;

use crate::error::QueryError;

/// A day, as an argument names it.
///
/// # Errors
/// It is not written as 2026-01-31.
pub(crate) fn day(text: &str) -> Result<Date, QueryError> {
    text.parse().map_err(|_| refused())
}

/// The first moment of a day in a time zone.
///
/// # Errors
/// The day is beyond what a clock can show.
pub(crate) fn midnight(day: Date, time_zone: &str) -> Result<Timestamp, QueryError> {
    let midnight = day.in_tz(time_zone).map_err(|_| refused())?;
    Ok(Timestamp(midnight.timestamp().as_millisecond()))
}

/// The day after it.
///
/// # Errors
/// The day is beyond what a clock can show.
pub(crate) fn next(day: Date) -> Result<Date, QueryError> {
    day.tomorrow().map_err(|_| refused())
}

fn refused() -> QueryError {
    QueryError::argument("argument.day", "a day is written as 2026-01-31")
}
