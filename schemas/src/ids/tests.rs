use std::fs;

use domain::stream::Topic;
use strum::IntoEnumIterator;
use tempfile::TempDir;

use super::contract::{LONG, STRING};
use super::{FileIds, IdsError, MemoryIds, SchemaIds};
use crate::versions::{subject, versions};

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder can be made")
}

mod in_memory {
    use crate::ids::MemoryIds;

    crate::ids_contract_tests!(((), MemoryIds::default()));
}

mod in_a_file {
    use crate::ids::FileIds;

    crate::ids_contract_tests!({
        let folder = super::folder();
        let ids = FileIds::open(folder.path().join("schema-ids.json")).expect("the file opens");
        (folder, ids)
    });
}

#[test]
fn a_number_that_is_given_here_names_subject_and_schema() {
    let ids = MemoryIds::default();
    assert_ne!(ids.id_of("a-value", LONG), ids.id_of("b-value", LONG));
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
