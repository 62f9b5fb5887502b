use std::collections::BTreeSet;

use serde_json::Value;

use super::document;

/// The router as it is written: the document must have every route, and nothing else.
const ROUTER: &str = include_str!("../router.rs");
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Method and path of every route.
fn routes() -> BTreeSet<(String, String)> {
    let code: String = ROUTER.lines().filter(|line| !line.trim().starts_with("//")).collect();
    let mut routes = BTreeSet::new();
    for route in code.split(".route(").skip(1) {
        let path = route.split('"').nth(1).expect("a route begins with its path");
        let handlers = route.split('"').nth(2).expect("its handlers follow");
        for method in METHODS {
            let is_called = |before: &str| handlers.contains(&format!("{before}{method}("));
            if is_called(" ") || is_called(".") {
                routes.insert((method.to_owned(), path.to_owned()));
            }
        }
    }
    routes
}

fn entries(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().expect("it has paths");
    let of_path = |(path, methods): (&String, &Value)| {
        let methods = methods.as_object().expect("a path has methods").clone();
        let path = path.clone();
        methods
            .into_iter()
            .map(move |(method, entry)| (method, path.clone(), entry))
    };
    paths.iter().flat_map(of_path).collect()
}

#[test]
fn every_route_is_in_the_document_and_nothing_else() {
    let document = document();
    let documented: BTreeSet<_> = entries(&document)
        .into_iter()
        .map(|(method, path, _)| (method, path))
        .collect();
    let routed = routes();
    assert!(routed.len() >= 44, "only {} routes were found", routed.len());
    let missing: Vec<_> = routed.difference(&documented).collect();
    assert!(missing.is_empty(), "add these to http/openapi/table: {missing:?}");
    let invented: Vec<_> = documented.difference(&routed).collect();
    assert!(invented.is_empty(), "no route has these: {invented:?}");
}

#[test]
fn every_reference_leads_somewhere() {
    fn check(document: &Value, value: &Value) {
        match value {
            Value::Object(members) => {
                if let Some(target) = members.get("$ref").and_then(Value::as_str) {
                    let pointer = target.strip_prefix('#').expect("references stay in the document");
                    assert!(document.pointer(pointer).is_some(), "{target} is not there");
                }
                members.values().for_each(|member| check(document, member));
            }
            Value::Array(values) => values.iter().for_each(|value| check(document, value)),
            _ => {}
        }
    }
    let document = document();
    check(&document, &document);
}

#[test]
fn every_entry_has_a_name_of_its_own() {
    let entries = entries(&document());
    let names: BTreeSet<_> = entries
        .iter()
        .map(|(_, _, entry)| entry["operationId"].to_string())
        .collect();
    assert_eq!(names.len(), entries.len());
}

#[test]
fn unknown_fields_are_refused_in_every_body() {
    for (method, path, entry) in entries(&document()) {
        let schema = &entry["requestBody"]["content"]["application/json"]["schema"]["$ref"];
        if let Some(target) = schema.as_str() {
            let document = document();
            let schema = document.pointer(&target[1..]).expect("the schema is there");
            assert_eq!(schema["additionalProperties"], false, "{method} {path}");
        }
    }
}
