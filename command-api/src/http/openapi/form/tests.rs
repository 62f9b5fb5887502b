//! What a form allows is what the check behind it takes.

use domain::value::{Sku as SkuValue, Slug as SlugValue, check_locale, check_text};
use serde_json::json;

use super::*;
use crate::http::fields;
use crate::http::money::MoneyBody;

/// Texts that are good for something, and texts that are good for nothing.
const TEXTS: [&str; 40] = [
    "",
    " ",
    "a",
    " a",
    "a ",
    "a b",
    "a  b",
    "a\tb",
    "a\nb",
    "\ta",
    "a\n",
    "\u{0}",
    "a\u{7f}",
    "\u{85}",
    "\u{a0}",
    "ü",
    "日本語 🧾",
    "A-1",
    "a-1",
    "-a",
    "a-",
    "a--b",
    "en",
    "en-GB",
    "EN",
    "e",
    "zh-Hant-TW",
    "de-",
    "x_y",
    "+49 40 1",
    "+49 40 12345",
    "040/1234-5",
    "12 345",
    "1234",
    "(040) 12345",
    "40+12345",
    "ada@example.org",
    "a@b",
    "a b@c.de",
    "=1+1",
];

fn allows<T: JsonSchema>(text: &str) -> bool {
    let schema = schema::<T>();
    let validator = jsonschema::draft202012::new(&schema).expect("a form is a schema");
    validator.is_valid(&json!(text))
}

#[test]
fn a_form_allows_what_its_check_takes_and_nothing_else() {
    for text in TEXTS {
        assert_eq!(allows::<Sku>(text), text.parse::<SkuValue>().is_ok(), "SKU {text:?}");
        assert_eq!(allows::<Slug>(text), text.parse::<SlugValue>().is_ok(), "slug {text:?}");
        assert_eq!(
            allows::<Line<0, 20>>(text),
            check_text(text, 0, 20).is_ok(),
            "line {text:?}"
        );
        assert_eq!(
            allows::<Line<1, 20>>(text),
            check_text(text, 1, 20).is_ok(),
            "words {text:?}"
        );
        assert_eq!(allows::<Locale>(text), check_locale(text).is_ok(), "locale {text:?}");
        assert_eq!(
            allows::<Phone>(text),
            fields::phone("phone", text).is_ok(),
            "phone {text:?}"
        );
        assert_eq!(
            allows::<Note>(text),
            fields::note("note", text).is_ok(),
            "note {text:?}"
        );
    }
}

#[test]
fn an_amount_is_written_as_its_currency_wants_it() {
    let schema = schema::<Sum>();
    let validator = jsonschema::draft202012::new(&schema).expect("a form is a schema");
    let amounts = [
        "0",
        "1",
        "1.5",
        "1.50",
        "1.500",
        "1.505",
        "0.001",
        "1.",
        ".5",
        "-1",
        "-0",
        "+1",
        "1e3",
        "1,5",
        "",
        " 1",
        "007",
        "9999999999.99",
        "10000000000",
        "10000000000.00",
        "10000000000.01",
        "999999999999",
        "1000000000000",
        "1000000000001",
        "92233720368547758.08",
    ];
    for currency in ["EUR", "JPY", "KWD", "CLF"] {
        for amount in amounts {
            let body = json!({ "amount": amount, "currency": currency });
            let read: MoneyBody = serde_json::from_value(body.clone()).expect("two texts");
            let is_taken = read.read("price").is_ok();
            assert_eq!(validator.is_valid(&body), is_taken, "{body}");
        }
    }
    assert!(!validator.is_valid(&json!({ "amount": "1", "currency": "ZZZ" })));
}
