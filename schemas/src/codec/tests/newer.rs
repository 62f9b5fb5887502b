//! Payloads that a newer program wrote.

use domain::Event;
use domain::shop::generation;
use domain::stream::Topic;
use serde_json::{Value, json};

use crate::codec::{Codec, CodecError, MAGIC};
use crate::ids::{MemoryIds, SchemaIds};
use crate::versions::{subject, versions};

/// A newer schema of the shop: one event has one more field, and there is one more event.
fn newer_schema(ours: &str) -> Value {
    let mut schema: Value = serde_json::from_str(ours).expect("a schema is JSON");
    let branches = schema["fields"][0]["type"]["items"]
        .as_array_mut()
        .expect("it has a union");
    let dropped = branches.iter_mut().find(|branch| branch["name"] == "GenerationDropped");
    let fields = dropped
        .and_then(|branch| branch["fields"].as_array_mut())
        .expect("it has fields");
    fields.insert(
        0,
        json!({"name": "why", "doc": "New.", "type": "string", "default": ""}),
    );
    branches.push(json!({"type": "record", "name": "GenerationPraised", "doc": "New.", "fields": []}));
    schema
}

/// A codec of ours over the ids of a newer program, and the number of its schema.
fn codec_beside_a_newer_one() -> (Codec, u32) {
    let ids = MemoryIds::default();
    let ours = versions(Topic::Shop).last().expect("a topic has a schema");
    let subject = subject(Topic::Shop);
    ids.id_of(&subject, ours).expect("our schema is good");
    let newer = ids
        .id_of(&subject, &newer_schema(ours).to_string())
        .expect("it may follow ours");
    (Codec::open(Box::new(ids)).expect("our schemas are known there"), newer)
}

/// A payload with one event: its place in the union, then its fields.
fn payload(id: u32, place: u8, fields: &[u8]) -> Vec<u8> {
    const ONE_EVENT: u8 = 2;
    const NO_MORE: u8 = 0;
    [
        &[MAGIC],
        id.to_be_bytes().as_slice(),
        &[ONE_EVENT, place * 2],
        fields,
        &[NO_MORE],
    ]
    .concat()
}

#[test]
fn a_field_that_is_not_known_yet_is_skipped() {
    let (codec, newer) = codec_beside_a_newer_one();
    let payload = payload(newer, 3, &[2, b'x', 14]);
    let dropped = Event::Generation(generation::Event::GenerationDropped { generation: 7 });
    assert_eq!(codec.decode(Topic::Shop, &payload), Ok(vec![dropped.clone()]));
    assert_eq!(
        codec.decode(Topic::Shop, &payload),
        Ok(vec![dropped]),
        "the second time from memory"
    );
}

#[test]
fn an_event_that_is_not_known_yet_is_named() {
    let (codec, newer) = codec_beside_a_newer_one();
    let refused = codec.decode(Topic::Shop, &payload(newer, 5, &[]));
    let reason = "shop knows no event GenerationPraised".to_owned();
    assert_eq!(refused, Err(CodecError::Malformed { id: newer, reason }));
}

#[test]
fn a_schema_that_nobody_knows_is_named_and_may_be_known_later() {
    let (codec, newer) = codec_beside_a_newer_one();
    let id = newer ^ 1;
    let refused = codec.decode(Topic::Shop, &payload(id, 3, &[14]));
    assert_eq!(refused, Err(CodecError::UnknownSchema { id }));
    assert!(refused.is_err_and(|error| error.is_retryable()));
}
