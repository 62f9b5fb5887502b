use engines::Registry;

use crate::wire::{DEADLINE, SILENCE, http, until};

#[test]
fn a_registry_keeps_its_schemas_over_kill_and_answers_nothing_while_paused() {
    let mut registry = Registry::start().expect("the registry starts");
    let url = registry.url();
    let schema = r#"{"schema": "{\"type\": \"record\", \"name\": \"Kept\", \"fields\": []}"}"#;
    let ask = |method: &str, path: &str, body: &str| until(path, || http(&url, method, path, body, DEADLINE));
    let registered = ask("POST", "/subjects/kept-value/versions", schema);
    assert!(registered.starts_with("HTTP/1.1 200"), "{registered}");
    // A reader of this one cannot read what was written with the first.
    let breaking = schema.replace("[]", r#"[{\"name\": \"new\", \"type\": \"string\"}]"#);
    let refused = ask("POST", "/subjects/kept-value/versions", &breaking);
    assert!(refused.starts_with("HTTP/1.1 409"), "{refused}");

    registry.kill().expect("it is killed");
    registry.restart().expect("it comes back");
    let again = ask("POST", "/subjects/kept-value/versions", schema);
    assert_eq!(body(&again), body(&registered), "an id stays");

    registry.pause().expect("it is paused");
    assert!(http(&url, "GET", "/subjects", "", SILENCE).is_err());
    registry.resume().expect("it goes on");
    assert!(ask("GET", "/subjects", "").contains("kept-value"));

    registry.stop().expect("it stops");
    assert!(!registry.is_running());
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").expect("an answer has a body").1
}
