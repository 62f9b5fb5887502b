use std::fs;

use domain::stream::Topic;
use serde_json::Value;
use strum::IntoEnumIterator;
use tempfile::TempDir;

use super::{FileIds, IdsError, MemoryIds, SchemaIds};
use crate::versions::{subject, versions};

const LONG: &str = r#"{"type": "record", "name": "Commit", "fields": [{"name": "events", "type": {"type": "array", "items": "long"}}]}"#;
const STRING: &str = r#"{"type": "record", "name": "Commit", "fields": [{"name": "events", "type": {"type": "array", "items": "string"}}]}"#;

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder can be made")
}

/// What every adapter promises.
fn keeps_the_contract(ids: &dyn SchemaIds) {
    let first = ids.id_of("a-value", LONG).expect("a schema is registered");
    let again = ids.id_of("a-value", LONG).expect("a known schema is found");
    assert_eq!(first, again, "a schema keeps its number");

    let elsewhere = ids
        .id_of("b-value", LONG)
        .expect("another subject takes the same schema");
    assert_ne!(first, elsewhere, "a number names subject and schema");

    let refused = ids.id_of("a-value", STRING);
    assert!(matches!(refused, Err(IdsError::Refused { .. })), "{refused:?}");
    let nonsense = ids.id_of("a-value", "nonsense");
    assert!(matches!(nonsense, Err(IdsError::Refused { .. })), "{nonsense:?}");

    let text = ids
        .schema_of(first)
        .expect("the store answers")
        .expect("the schema is known");
    let stored: Value = serde_json::from_str(&text).expect("a schema is JSON");
    let given: Value = serde_json::from_str(LONG).expect("a schema is JSON");
    assert_eq!(stored, given);
    assert_eq!(ids.schema_of(first ^ elsewhere ^ 1), Ok(None));
}

#[test]
fn ids_in_memory_keep_the_contract() {
    keeps_the_contract(&MemoryIds::default());
}

#[test]
fn ids_in_a_file_keep_the_contract() {
    let folder = folder();
    keeps_the_contract(&FileIds::open(folder.path().join("schema-ids.json")).expect("the file opens"));
}

#[test]
fn ids_in_a_file_survive_a_restart() {
    let folder = folder();
    let path = folder.path().join("schema-ids.json");
    let id = FileIds::open(&path)
        .expect("the file opens")
        .id_of("a-value", LONG)
        .expect("it is registered");

    let reopened = FileIds::open(&path).expect("the file opens again");
    assert_eq!(reopened.id_of("a-value", LONG), Ok(id));
    assert!(matches!(reopened.schema_of(id), Ok(Some(_))));
    assert!(matches!(
        reopened.id_of("a-value", STRING),
        Err(IdsError::Refused { .. })
    ));
}

#[test]
fn a_lost_file_gives_the_same_ids_again() {
    let (first, second) = (MemoryIds::default(), MemoryIds::default());
    for topic in Topic::iter() {
        for text in versions(topic) {
            assert_eq!(first.id_of(&subject(topic), text), second.id_of(&subject(topic), text));
        }
    }
}

#[test]
fn a_file_that_was_tampered_with_is_refused() {
    let folder = folder();
    let path = folder.path().join("schema-ids.json");
    FileIds::open(&path)
        .expect("the file opens")
        .id_of("a-value", LONG)
        .expect("it is registered");

    let text = fs::read_to_string(&path).expect("the file is readable");
    fs::write(&path, text.replace("long", "int")).expect("the file is writable");
    assert!(matches!(FileIds::open(&path), Err(IdsError::Damaged(_))));

    fs::write(&path, "[").expect("the file is writable");
    assert!(matches!(FileIds::open(&path), Err(IdsError::Damaged(_))));
}

#[test]
fn what_cannot_be_stored_gets_no_id() {
    let folder = folder();
    let ids = FileIds::open(folder.path().join("absent/schema-ids.json")).expect("no file is an empty one");
    for _ in 0..2 {
        let refused = ids.id_of("a-value", LONG);
        assert!(matches!(&refused, Err(error) if error.is_retryable()), "{refused:?}");
    }
}
