//! Money: how an amount may be written depends on its currency.

use std::borrow::Cow;
use std::collections::BTreeMap;

use domain::value::{AMOUNT_MINOR_MAX, Currency as Known};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use crate::http::limits::AMOUNT_CHARS_MAX;

/// ISO 4217, in capitals.
pub(crate) struct Currency;

impl JsonSchema for Currency {
    fn schema_name() -> Cow<'static, str> {
        "CurrencyCode".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let codes: Vec<String> = currencies().map(|currency| currency.to_string()).collect();
        json_schema!({ "type": "string", "description": "ISO 4217.", "enum": codes })
    }
}

/// An amount and its currency.
pub(crate) struct Sum;

impl JsonSchema for Sum {
    fn schema_name() -> Cow<'static, str> {
        "MoneyBody".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut schema = amounts(&["amount"], &["amount"]);
        schema.insert("examples".to_owned(), json!([{ "amount": "12.50", "currency": "EUR" }]));
        schema
    }
}

/// A price of an import, and the former price beside it.
pub(crate) struct Price;

impl JsonSchema for Price {
    fn schema_name() -> Cow<'static, str> {
        "ImportedPrice".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut schema = amounts(&["amount", "compareAt"], &["amount"]);
        if let Some(Value::Object(former)) = schema.pointer_mut("/properties/compareAt") {
            former.insert("type".to_owned(), json!(["string", "null"]));
        }
        schema
    }
}

/// All that are known, in the order of their codes.
fn currencies() -> impl Iterator<Item = Known> {
    let letters = || 'A'..='Z';
    let pairs = letters().flat_map(move |first| letters().map(move |second| [first, second]));
    let codes =
        pairs.flat_map(move |[first, second]| letters().map(move |third| String::from_iter([first, second, third])));
    codes.filter_map(|code| code.parse().ok())
}

/// Amounts of one currency: for each number of digits that a minor unit has, how they are written.
fn amounts(fields: &[&str], required: &[&str]) -> Schema {
    let mut by_digits: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for currency in currencies() {
        by_digits
            .entry(currency.exponent())
            .or_default()
            .push(currency.to_string());
    }
    let each = |schema: Value| fields.iter().map(move |field| ((*field).to_owned(), schema.clone()));
    let written = by_digits.into_iter().map(|(digits, codes)| {
        let mut properties: Map<String, Value> = each(json!({ "pattern": pattern(digits) })).collect();
        properties.insert("currency".to_owned(), json!({ "enum": codes }));
        json!({ "properties": properties })
    });
    let mut properties: Map<String, Value> = each(json!({ "type": "string", "maxLength": AMOUNT_CHARS_MAX })).collect();
    properties.insert(
        "currency".to_owned(),
        json!({ "type": "string", "description": "ISO 4217." }),
    );
    let required: Vec<&str> = required.iter().copied().chain(["currency"]).collect();
    json_schema!({
        "type": "object",
        "description": "A decimal text in the currency's main unit, with no more digits behind the point than it has.",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
        "anyOf": written.collect::<Vec<_>>(),
    })
}

/// Amounts from nothing to the largest one, which is a one and zeros.
fn pattern(digits: u32) -> String {
    let whole = AMOUNT_MINOR_MAX.ilog10() - digits;
    let fraction = match digits {
        0 => "([.]0+)?".to_owned(),
        digits => format!("([.][0-9]{{1,{digits}}}0*)?"),
    };
    format!("^0*([0-9]{{1,{whole}}}{fraction}|10{{{whole}}}([.]0+)?)$")
}
