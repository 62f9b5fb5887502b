use domain::stream::Topic;
use serde_json::{Value, json};
use strum::IntoEnumIterator;

use super::check;
use crate::versions::versions;

fn schema() -> Value {
    let money = json!({"type": "record", "name": "Money", "fields": [{"name": "amount", "type": "long"}]});
    let paid = json!({"type": "record", "name": "Paid", "fields": [
        {"name": "amount", "type": money},
        {"name": "method", "type": {"type": "enum", "name": "Method", "symbols": ["Unknown", "Invoice"], "default": "Unknown"}},
        {"name": "note", "type": ["null", "string"], "default": null},
    ]});
    let shipped = json!({"type": "record", "name": "Shipped", "fields": [{"name": "value", "type": "Money"}]});
    json!({"type": "record", "name": "TestCommit", "namespace": "test", "fields": [
        {"name": "events", "type": {"type": "array", "items": [paid, shipped]}},
    ]})
}

fn branches(schema: &mut Value) -> &mut Vec<Value> {
    schema
        .pointer_mut("/fields/0/type/items")
        .and_then(Value::as_array_mut)
        .expect("the sample has a union of events")
}

fn fields(event: &mut Value) -> &mut Vec<Value> {
    event["fields"].as_array_mut().expect("an event has fields")
}

/// The complaints about `schema()` after `change`.
#[track_caller]
fn complaints(change: impl FnOnce(&mut Vec<Value>)) -> String {
    let older = schema();
    let mut newer = schema();
    change(branches(&mut newer));
    match check(&older.to_string(), &newer.to_string()) {
        Ok(()) => String::new(),
        Err(reasons) => reasons.to_string(),
    }
}

#[test]
fn every_shipped_schema_reads_all_released_before_it() {
    for topic in Topic::iter() {
        let all = versions(topic);
        for (place, newer) in all.iter().enumerate() {
            for older in &all[..=place] {
                check(older, newer).unwrap_or_else(|reasons| panic!("{topic}: {reasons}"));
            }
        }
    }
}

#[test]
fn every_released_file_is_shipped() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/avro/released");
    let files = std::fs::read_dir(folder).expect("the folder is readable");
    let names = files.map(|file| file.expect("the entry is readable").file_name());
    let mut found: Vec<_> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    found.sort();
    let released = |topic: Topic| (1..versions(topic).len()).map(move |number| format!("{topic}-v{number}.avsc"));
    let mut shipped: Vec<_> = Topic::iter().flat_map(released).collect();
    shipped.sort();
    assert_eq!(found, shipped);
}

#[test]
fn nothing_changed_is_compatible() {
    assert_eq!(complaints(|_| {}), "");
}

#[test]
fn an_event_may_be_added_at_the_end() {
    let added = json!({"type": "record", "name": "Refunded", "fields": [{"name": "value", "type": "Money"}]});
    assert_eq!(complaints(|events| events.push(added)), "");
}

#[test]
fn a_field_with_a_default_may_be_added() {
    let added = json!({"name": "currency", "type": "string", "default": "EUR"});
    assert_eq!(complaints(|events| fields(&mut events[0]).push(added)), "");
}

#[test]
fn a_symbol_may_be_added_at_the_end() {
    let symbols = json!(["Unknown", "Invoice", "Card"]);
    assert_eq!(
        complaints(|events| events[0]["fields"][1]["type"]["symbols"] = symbols),
        ""
    );
}

#[test]
fn an_event_may_not_be_removed() {
    let complaints = complaints(|events| {
        events.pop();
    });
    assert!(
        complaints.contains("Shipped is no longer number 1 of the union"),
        "{complaints}"
    );
}

#[test]
fn an_event_may_not_be_put_before_others() {
    let added = json!({"type": "record", "name": "Refunded", "fields": []});
    let complaints = complaints(|events| events.insert(0, added));
    assert!(
        complaints.contains("Paid is no longer number 0 of the union"),
        "{complaints}"
    );
}

#[test]
fn an_event_may_not_be_renamed() {
    let complaints = complaints(|events| events[1]["name"] = json!("Sent"));
    assert!(
        complaints.contains("Shipped is no longer number 1 of the union"),
        "{complaints}"
    );
}

#[test]
fn a_record_inside_an_event_may_not_be_renamed() {
    let complaints = complaints(|events| {
        events[0]["fields"][0]["type"]["name"] = json!("Price");
        events[1]["fields"][0]["type"] = json!("Price");
    });
    assert!(complaints.contains("resolve"), "{complaints}");
}

#[test]
fn a_field_without_a_default_may_not_be_added() {
    let added = json!({"name": "currency", "type": "string"});
    let complaints = complaints(|events| fields(&mut events[0]["fields"][0]["type"]).push(added));
    assert!(
        complaints.contains("Money.currency is new and has no default"),
        "{complaints}"
    );
}

#[test]
fn a_field_may_not_change_its_type() {
    let complaints = complaints(|events| events[0]["fields"][2]["type"] = json!(["null", "long"]));
    assert!(complaints.contains("resolve"), "{complaints}");
}

#[test]
fn a_symbol_may_not_be_removed() {
    let symbols = json!(["Unknown"]);
    let complaints = complaints(|events| events[0]["fields"][1]["type"]["symbols"] = symbols);
    assert!(
        complaints.contains("Invoice is no longer number 1 of Method"),
        "{complaints}"
    );
}

#[test]
fn an_enum_may_not_lose_or_change_its_default() {
    let lost = complaints(|events| {
        let enumeration = events[0]["fields"][1]["type"].as_object_mut();
        enumeration.expect("the sample has an enum").remove("default");
    });
    assert!(lost.contains("Method has no default"), "{lost}");
    let changed = complaints(|events| events[0]["fields"][1]["type"]["default"] = json!("Invoice"));
    assert!(changed.contains("Method has another default"), "{changed}");
}

#[test]
fn an_enum_has_a_default_from_its_first_version() {
    let added = json!({"type": "record", "name": "Refunded", "fields": [
        {"name": "why", "type": {"type": "enum", "name": "Why", "symbols": ["Unknown"]}},
    ]});
    let complaints = complaints(|events| events.push(added));
    assert_eq!(complaints, "Why has no default");
}

#[test]
fn what_is_no_schema_is_refused() {
    assert!(check(&schema().to_string(), "{").is_err());
    assert!(check(&schema().to_string(), r#"{"type": "record"}"#).is_err());
}
