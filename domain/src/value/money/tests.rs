use proptest::prelude::*;

use super::*;

fn currency(code: &str) -> Currency {
    code.parse().expect("a currency")
}

fn minor(text: &str, code: &str) -> Result<i64, MalformedAmount> {
    Money::from_decimal(text, currency(code)).map(|money| money.amount)
}

#[test]
fn an_amount_is_read_to_the_last_minor_unit() {
    assert_eq!(minor("69.99", "EUR"), Ok(6_999));
    assert_eq!(minor("10", "EUR"), Ok(1_000));
    assert_eq!(minor("0.5", "EUR"), Ok(50));
    assert_eq!(minor("1.2300", "EUR"), Ok(123));
    assert_eq!(minor("-0.01", "EUR"), Ok(-1));
    assert_eq!(minor("1200.00", "JPY"), Ok(1_200));
    assert_eq!(minor("1.234", "KWD"), Ok(1_234));
    assert_eq!(minor("0.1", "EUR"), Ok(10));
}

#[test]
fn what_is_no_amount_is_not_guessed_at() {
    for text in [
        "", ".", "1.", ".5", "1,5", "1e3", "+1", "--1", " 1", "1 ", "0x10", "NaN", "1.2.3", "١",
    ] {
        assert_eq!(minor(text, "EUR"), Err(MalformedAmount::NotANumber), "{text:?}");
    }
    assert_eq!(minor("0.001", "EUR"), Err(MalformedAmount::TooFine(2)));
    assert_eq!(minor("1.5", "JPY"), Err(MalformedAmount::TooFine(0)));
    assert_eq!(minor("99999999999999999999", "EUR"), Err(MalformedAmount::TooLarge));
}

#[test]
fn half_a_unit_rounds_away_from_zero() {
    let cases = [
        (5, 10, 1),
        (4, 10, 0),
        (-5, 10, -1),
        (-4, 10, 0),
        (15, 10, 2),
        (25, 10, 3),
        (-25, 10, -3),
        (7, 7, 1),
    ];
    for (numerator, denominator, expected) in cases {
        assert_eq!(
            round_half_away(numerator, denominator),
            expected,
            "{numerator}/{denominator}"
        );
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(amount in any::<i64>().prop_filter("has a counterpart", |amount| *amount != i64::MIN),
                                    code in prop_oneof![Just("EUR"), Just("JPY"), Just("KWD")]) {
        let money = Money { amount, currency: currency(code) };
        prop_assert_eq!(Money::from_decimal(&money.decimal(), money.currency), Ok(money));
    }

    #[test]
    fn rounding_is_never_further_off_than_half(numerator in -1_000_000_i64..1_000_000, denominator in 1_i64..10_000) {
        let rounded = round_half_away(numerator.into(), denominator.into());
        let off = (i128::from(rounded) * i128::from(denominator) - i128::from(numerator)).abs();
        prop_assert!(off * 2 <= i128::from(denominator));
        prop_assert_eq!(round_half_away((-numerator).into(), denominator.into()), -rounded);
    }
}
