//! Scalars, and money.

use async_graphql::{InputValueError, InputValueResult, Object, Scalar, ScalarType, Value};
use domain::value::{Currency, Money as Amount, Timestamp};
use serde::{Serialize, Serializer};

/// A decimal number as text, exact, for example `"12.50"`.
#[derive(Clone, Debug)]
pub(crate) struct Decimal(String);

#[Scalar]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) if is_decimal(&text) => Ok(Self(text)),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

impl Decimal {
    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    is_number(whole) && is_number(fraction)
}

/// A moment (RFC 3339, UTC, to the millisecond), for example `"2026-01-31T12:00:00.000Z"`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DateTime(pub(crate) Timestamp);

#[Scalar]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => match text.parse::<jiff::Timestamp>() {
                Ok(moment) => Ok(Self(Timestamp(moment.as_millisecond()))),
                Err(_) => Err(InputValueError::expected_type(value)),
            },
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(moment(self.0))
    }
}

impl Serialize for DateTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&moment(self.0))
    }
}

/// A moment as RFC 3339 writes it, in UTC, to the millisecond.
pub(crate) fn moment(at: Timestamp) -> String {
    let moment = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    format!("{moment:.3}")
}

/// An amount of one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Money(pub(crate) Amount);

impl Money {
    pub(crate) fn of(amount: i64, currency: Currency) -> Self {
        Self(Amount { amount, currency })
    }
}

/// An amount of one currency.
#[Object(serial)]
impl Money {
    /// The amount in the currency's main unit, with all its decimals: `"12.50"`, in yen `"1250"`.
    async fn amount(&self) -> Decimal {
        Decimal(decimal(self.0))
    }

    /// The amount in the currency's smallest unit, a whole number as text: `"1250"`.
    async fn minor_units(&self) -> String {
        self.0.amount.to_string()
    }

    /// ISO 4217.
    async fn currency(&self) -> &str {
        self.0.currency.code()
    }
}

/// Minor units with the decimal point in its place.
pub(crate) fn decimal(money: Amount) -> String {
    let exponent = usize::try_from(money.currency.exponent()).unwrap_or(0);
    let digits = money.amount.unsigned_abs().to_string();
    let sign = if money.amount < 0 { "-" } else { "" };
    if exponent == 0 {
        return format!("{sign}{digits}");
    }
    let padded = format!("{digits:0>width$}", width = exponent + 1);
    let (whole, fraction) = padded.split_at(padded.len() - exponent);
    format!("{sign}{whole}.{fraction}")
}

#[cfg(test)]
mod tests;
