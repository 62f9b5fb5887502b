use std::thread;

use domain::Event;
use domain::shop::generation;
use domain::stream::Topic;
use reqwest::Method;
use schemas::ids::contract::{LONG, LONG_AND_WHY, STRING};
use schemas::{CodecError, SchemaIds, subject, versions};
use serde_json::{Value, json};
use strum::IntoEnumIterator;

use crate::fixture::{NOBODY, OnRegistry, id_of, shipped, written_id};

/// Processes that start at once.
const PROCESSES: usize = 4;
/// How often they do: they must trip over each other.
const ROUNDS: usize = 5;

schemas::ids_contract_tests!({
    let shop = OnRegistry::shared();
    let ids = shop.ids("one");
    // The promises ask once: not a registry that has just started.
    id_of(&ids, "first-value", LONG).expect("it is registered");
    (shop, ids)
});

/// A newer program's schema of the shop: one more event, and one more field in another.
fn newer_schema() -> String {
    let mut schema = shipped(Topic::Shop);
    let branches = schema["fields"][0]["type"]["items"].as_array_mut();
    let branches = branches.expect("it has a union");
    let dropped = branches.iter_mut().find(|branch| branch["name"] == "GenerationDropped");
    let fields = dropped.and_then(|branch| branch["fields"].as_array_mut());
    let why = json!({"name": "why", "type": "string", "default": ""});
    fields.expect("it has fields").insert(0, why);
    branches.push(json!({"type": "record", "name": "GenerationPraised", "fields": []}));
    schema.to_string()
}

/// A payload of the newer program: a generation was dropped, and why.
fn newer_payload(id: u32) -> (Vec<u8>, Event) {
    let datum = [2, 3 * 2, 2, b'x', 14, 0];
    let payload = [&[0], id.to_be_bytes().as_slice(), &datum].concat();
    (
        payload,
        Event::Generation(generation::Event::GenerationDropped { generation: 7 }),
    )
}

#[test]
fn every_topic_has_a_subject_that_takes_only_what_reads_everything() {
    let shop = OnRegistry::shared();
    let codec = shop.codec("one").expect("the schemas are registered");
    for topic in Topic::iter() {
        let name = subject(topic);
        assert_eq!(shop.level(&name), "BACKWARD_TRANSITIVE", "{topic}");
        let path = format!("/subjects/{}/versions", shop.subject(&name));
        let mut shipped = versions(topic).to_vec();
        shipped.dedup();
        let newest = shipped.len();
        let numbers: Vec<usize> = (1..=newest).collect();
        assert_eq!(shop.ask(Method::GET, &path, None).1, json!(numbers), "{topic}");
        let registered = shop.ask(Method::GET, &format!("{path}/{newest}"), None).1;
        assert_eq!(registered["id"], written_id(&codec, topic), "{topic}");
    }
    let (status, body) = shop.post(&subject(Topic::Shop), STRING);
    assert_eq!(status, 409, "{body}");
}

#[test]
fn a_level_that_would_let_anything_in_is_set_right() {
    let shop = OnRegistry::shared();
    id_of(&shop.ids("one"), "a-value", LONG).expect("it is registered");
    let path = format!("/config/{}", shop.subject("a-value"));
    for weaker in ["NONE", "BACKWARD", "FORWARD_TRANSITIVE"] {
        shop.ask(Method::PUT, &path, Some(json!({ "compatibility": weaker })));
        shop.ids("one").id_of("a-value", LONG).expect("it is known");
        assert_eq!(shop.level("a-value"), "BACKWARD_TRANSITIVE");
    }
}

#[test]
fn what_is_refused_is_not_registered() {
    let shop = OnRegistry::shared();
    let ids = shop.ids("one");
    id_of(&ids, "a-value", LONG).expect("it is registered");
    id_of(&ids, "a-value", STRING).expect_err("it reads nothing of what was written");
    let path = format!("/subjects/{}/versions", shop.subject("a-value"));
    assert_eq!(shop.ask(Method::GET, &path, None).1, json!([1]));
}

#[test]
fn what_is_known_needs_no_registry() {
    let shop = OnRegistry::shared();
    let before = shop.codec("one").expect("the schemas are registered");
    let after = shop.codec_at(NOBODY, "one").expect("all schemas are known");
    for topic in Topic::iter() {
        let payload = before.encode(topic, &[]).expect("an empty commit has a form");
        assert_eq!(after.encode(topic, &[]), Ok(payload.clone()));
        assert_eq!(after.decode(topic, &payload), Ok(Vec::new()));
    }
    let unknown = shop.codec_at(NOBODY, "two").expect_err("another process knows nothing");
    assert!(unknown.is_unavailable() && unknown.is_retryable(), "{unknown}");
}

#[test]
fn processes_that_start_at_once_write_the_same_numbers() {
    for round in 0..ROUNDS {
        let shop = OnRegistry::shared();
        let start = |process: usize| {
            let codec = shop.codec(&process.to_string()).expect("the schemas are registered");
            Topic::iter().map(|topic| written_id(&codec, topic)).collect::<Vec<_>>()
        };
        let start = &start;
        let written: Vec<Vec<u32>> = thread::scope(|scope| {
            let processes: Vec<_> = (0..PROCESSES)
                .map(|process| scope.spawn(move || start(process)))
                .collect();
            let ended = processes.into_iter().map(|process| process.join());
            ended.map(|written| written.expect("no process panics")).collect()
        });
        assert!(
            written.windows(2).all(|two| two[0] == two[1]),
            "round {round}: {written:?}"
        );
    }
}

#[test]
fn the_same_schema_in_other_words_has_the_same_number() {
    let shop = OnRegistry::shared();
    let mut other_words: Value = serde_json::from_str(LONG).expect("a schema is JSON");
    other_words["doc"] = json!("Registered by somebody else.");
    let (status, body) = shop.post("a-value", &format!("{other_words:#}"));
    assert_eq!(status, 200, "{body}");
    let id = id_of(&shop.ids("one"), "a-value", LONG).expect("it is there already");
    assert_eq!(body["id"], id);
}

#[test]
fn what_a_newer_program_wrote_is_asked_for_once_and_then_known() {
    let shop = OnRegistry::shared();
    let codec = shop.codec("older").expect("the schemas are registered");
    let newer = id_of(&shop.ids("newer"), &subject(Topic::Shop), &newer_schema());
    let (payload, event) = newer_payload(newer.expect("it may follow ours"));
    assert!(!codec.is_ready(&payload));
    assert_eq!(codec.prepare(&payload), Ok(()));
    assert!(codec.is_ready(&payload));
    assert_eq!(codec.decode(Topic::Shop, &payload), Ok(vec![event.clone()]));
    let restarted = shop.codec_at(NOBODY, "older").expect("all schemas are known");
    assert_eq!(restarted.decode(Topic::Shop, &payload), Ok(vec![event]));
}

#[test]
fn nobody_knows_is_told_from_nobody_answers() {
    let shop = OnRegistry::shared();
    let codec = shop.codec("one").expect("the schemas are registered");
    let (payload, _) = newer_payload(0x7abc_def0);
    // It parks its streams: the registry is asked, and does not have it.
    assert_eq!(codec.prepare(&payload), Ok(()));
    let unknown = CodecError::UnknownSchema { id: 0x7abc_def0 };
    assert!(!unknown.is_unavailable());
    assert_eq!(codec.decode(Topic::Shop, &payload), Err(unknown));
    // It waits: the registry may have it.
    let alone = shop.codec_at(NOBODY, "one").expect("all schemas are known");
    let error = alone.prepare(&payload).expect_err("nobody can be asked");
    assert!(error.is_unavailable(), "{error}");
    assert!(
        alone
            .decode(Topic::Shop, &payload)
            .is_err_and(|error| error.is_unavailable())
    );
    // What is broken in itself waits for nobody.
    assert_eq!(alone.prepare(&[0, 1]), Ok(()));
    assert_eq!(alone.prepare(&[9; 40]), Ok(()));
}

#[test]
fn a_number_is_never_taken_for_another_schema() {
    let shop = OnRegistry::shared();
    let ids = shop.ids("one");
    let first = id_of(&ids, "a-value", LONG).expect("it is registered");
    let second = id_of(&ids, "b-value", LONG_AND_WHY).expect("it is registered");
    let text = |id| ids.schema_of(id).expect("it answers").expect("it is known");
    assert_ne!(text(first), text(second));
}
