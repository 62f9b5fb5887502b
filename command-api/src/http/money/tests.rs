use domain::value::Currency;
use proptest::prelude::*;

use super::{MoneyBody, MoneyView};

fn read(amount: &str, currency: &str) -> Result<i64, (String, Option<String>)> {
    let body = MoneyBody {
        amount: amount.to_owned(),
        currency: currency.to_owned(),
    };
    body.read("price")
        .map(|money| money.amount)
        .map_err(|problem| (problem.code.into_owned(), problem.field))
}

#[test]
fn decimals_become_minor_units_exactly() {
    let cases = [
        ("12.50", "EUR", 1_250),
        ("12.5", "EUR", 1_250),
        ("12.500", "EUR", 1_250),
        ("1.0", "JPY", 1),
        ("12", "EUR", 1_200),
        ("0", "EUR", 0),
        ("0.01", "EUR", 1),
        ("007.00", "EUR", 700),
        ("1250", "JPY", 1_250),
        ("1.234", "KWD", 1_234),
        ("10000000000.00", "EUR", 1_000_000_000_000),
    ];
    for (amount, currency, minor) in cases {
        assert_eq!(read(amount, currency), Ok(minor), "{amount} {currency}");
    }
}

#[test]
fn what_is_no_amount_has_a_code() {
    let cases = [
        ("-1.00", "EUR", "money.negative"),
        ("-0.001", "EUR", "money.too_many_decimals"),
        ("-0", "EUR", "money.negative"),
        ("12.505", "EUR", "money.too_many_decimals"),
        ("1.5", "JPY", "money.too_many_decimals"),
        ("10000000000.01", "EUR", "money.too_large"),
        ("99999999999999999999", "EUR", "money.too_large"),
        ("9223372036854775807", "JPY", "money.too_large"),
        ("", "EUR", "money.malformed"),
        (".5", "EUR", "money.malformed"),
        ("5.", "EUR", "money.malformed"),
        ("+5", "EUR", "money.malformed"),
        ("1e3", "EUR", "money.malformed"),
        ("1,50", "EUR", "money.malformed"),
        ("1_000", "EUR", "money.malformed"),
        ("1.2.3", "EUR", "money.malformed"),
        (" 1", "EUR", "money.malformed"),
        ("NaN", "EUR", "money.malformed"),
        ("Infinity", "EUR", "money.malformed"),
        ("0x10", "EUR", "money.malformed"),
        ("١٢", "EUR", "money.malformed"),
        ("00000000000000000000000000000000000000001", "EUR", "money.too_large"),
    ];
    for (amount, currency, code) in cases {
        assert_eq!(
            read(amount, currency),
            Err((code.to_owned(), Some("price.amount".to_owned()))),
            "{amount} {currency}"
        );
    }
    for currency in ["", "eur", "EURO", "XYZ", "€"] {
        let refused = Err(("currency.unknown".to_owned(), Some("price.currency".to_owned())));
        assert_eq!(read("1.00", currency), refused, "{currency}");
    }
}

#[test]
fn an_answer_shows_all_decimals() {
    let shown = |amount, currency: &str| MoneyView::of(amount, currency.parse().expect("a currency")).amount;
    assert_eq!(shown(5, "EUR"), "0.05");
    assert_eq!(shown(1_250, "EUR"), "12.50");
    assert_eq!(shown(-5, "EUR"), "-0.05");
    assert_eq!(shown(1_250, "JPY"), "1250");
    assert_eq!(shown(0, "KWD"), "0.000");
    assert_eq!(shown(i64::MIN, "EUR"), "-92233720368547758.08");
}

proptest! {
    #[test]
    fn what_is_shown_is_read_back(amount in 0..=1_000_000_000_000_i64, code in prop::sample::select(vec!["EUR", "JPY", "KWD"])) {
        let currency: Currency = code.parse().expect("a currency");
        prop_assert_eq!(read(&MoneyView::of(amount, currency).amount, code), Ok(amount));
    }
}
