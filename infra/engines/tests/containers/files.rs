use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// A file of `infra/`.
pub(crate) fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)
}

/// Its text.
#[track_caller]
pub(crate) fn text(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A YAML file as a tree.
#[track_caller]
pub(crate) fn yaml(name: &str) -> Value {
    serde_saphyr::from_str(&text(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// `compose.yaml`'s services by name.
#[track_caller]
pub(crate) fn services() -> serde_json::Map<String, Value> {
    let compose = yaml("compose.yaml");
    compose["services"].as_object().expect("there are services").clone()
}

/// A variable of a service's environment.
#[track_caller]
pub(crate) fn variable(service: &str, name: &str) -> String {
    let value = &services()[service]["environment"][name];
    let value = value
        .as_str()
        .unwrap_or_else(|| panic!("{service} has no text for {name}"));
    value.to_owned()
}
