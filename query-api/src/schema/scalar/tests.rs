use async_graphql::{ScalarType, Value};
use domain::value::{Currency, Money as Amount, Timestamp};

use super::{DateTime, Decimal, decimal};

#[track_caller]
fn written(amount: i64, currency: &str) -> String {
    let currency: Currency = currency.parse().expect("a currency");
    decimal(Amount { amount, currency })
}

#[test]
fn an_amount_is_written_with_all_decimals_of_its_currency() {
    assert_eq!(written(1250, "EUR"), "12.50");
    assert_eq!(written(5, "EUR"), "0.05");
    assert_eq!(written(-5, "EUR"), "-0.05");
    assert_eq!(written(0, "EUR"), "0.00");
    assert_eq!(written(1250, "JPY"), "1250");
    assert_eq!(written(1250, "KWD"), "1.250");
    assert_eq!(written(i64::MIN, "EUR"), "-92233720368547758.08");
}

#[test]
fn a_moment_is_written_to_the_millisecond_in_utc() {
    let moment = DateTime(Timestamp(1_767_225_600_007)).to_value();
    assert_eq!(moment, Value::from("2026-01-01T00:00:00.007Z"));
    let parsed = <DateTime as ScalarType>::parse(moment).expect("it reads what it writes");
    assert_eq!(parsed.0, Timestamp(1_767_225_600_007));
}

#[test]
fn a_moment_beyond_the_calendar_is_still_written() {
    assert!(matches!(DateTime(Timestamp(i64::MAX)).to_value(), Value::String(_)));
}

#[test]
fn only_decimal_numbers_are_decimals() {
    for text in ["", "-", "1.", ".5", "1e3", "NaN", "1.2.3"] {
        assert!(Decimal::parse(Value::from(text)).is_err(), "{text}");
    }
    assert!(Decimal::parse(Value::from("-12.50")).is_ok());
}
