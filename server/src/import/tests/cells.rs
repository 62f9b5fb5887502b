use super::super::cell::{grams_in, number, whole};

#[test]
fn separators_of_thousands_are_told_from_those_of_fractions() {
    let cases = [
        ("1299", false, Some("1299")),
        ("1,299", false, Some("1299")),
        ("1.299", false, Some("1.299")),
        ("1.299", true, Some("1299")),
        ("1,299", true, Some("1.299")),
        ("12,5", false, Some("12.5")),
        ("1,299.50", true, Some("1299.50")),
        ("1.299,50", false, Some("1299.50")),
        ("-1 299,50", true, Some("-1299.50")),
        ("1,299,300", false, Some("1299300")),
        ("1,29,300", false, None),
        ("1234,567.00", false, None),
        (".5", false, None),
        ("5.", false, None),
        ("", false, None),
    ];
    for (text, has_decimal_commas, expected) in cases {
        assert_eq!(number(text, has_decimal_commas).as_deref(), expected, "{text}");
    }
}

#[test]
fn counts_are_whole_numbers() {
    let cases = [
        ("5", Some(5)),
        ("5.0", Some(5)),
        ("1,000", Some(1_000)),
        ("-3", Some(-3)),
        ("5.5", None),
    ];
    for (text, expected) in cases {
        assert_eq!(whole(text, false), expected, "{text}");
    }
}

#[test]
fn weights_are_rounded_to_grams() {
    let cases = [
        ("0.25", 1_000_000_000, Some(250)),
        ("1", 453_592_370, Some(454)),
        ("3200.5", 1_000_000, Some(3_201)),
        ("99999999999999999999999999999999999999", 1_000_000, None),
        ("-1", 1_000_000, None),
    ];
    for (text, unit, expected) in cases {
        assert_eq!(grams_in(text, unit, false), expected, "{text}");
    }
}
