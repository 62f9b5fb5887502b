//! Dependencies point one way, and only the outermost crate and the adapters name a backend.

use std::collections::{BTreeMap, BTreeSet};

use crate::workspace::{built_from, metadata, served_sources, tested_with};

/// Which of our packages each of our packages may know. `command-api` never sees a read model;
/// `query-api` sees rows, and of the log its reader; `domain` sees nobody.
const ALLOWED: [(&str, &[&str]); 15] = [
    ("fuzzing", &[]),
    ("domain", &["fuzzing"]),
    ("engines", &[]),
    ("access", &["domain", "fuzzing"]),
    ("schemas", &["domain", "engines", "fuzzing"]),
    ("event-log", &["domain", "engines", "fuzzing"]),
    ("read-store", &["domain", "engines"]),
    ("command-api", &["access", "domain", "event-log", "fuzzing", "schemas"]),
    ("reactors", &["command-api", "domain", "event-log", "schemas"]),
    ("search", &["domain", "read-store"]),
    (
        "projectors",
        &["domain", "event-log", "read-store", "schemas", "search"],
    ),
    (
        "query-api",
        &[
            "access",
            "domain",
            "event-log",
            "fuzzing",
            "read-store",
            "schemas",
            "search",
        ],
    ),
    ("tillroll", &SERVED),
    ("tests", &["domain", "engines", "event-log", "tillroll"]),
    ("xtask", &BENCHED),
];

/// The server wires everything.
const SERVED: [&str; 11] = [
    "access",
    "command-api",
    "domain",
    "event-log",
    "fuzzing",
    "projectors",
    "query-api",
    "reactors",
    "read-store",
    "schemas",
    "search",
];

/// Measurements in one process look at every part.
const BENCHED: [&str; 12] = [
    "access",
    "command-api",
    "domain",
    "engines",
    "event-log",
    "projectors",
    "query-api",
    "reactors",
    "read-store",
    "schemas",
    "search",
    "tillroll",
];

/// What the rules may be built from: nothing that reads, writes, waits or draws lots.
const DOMAIN_MAY_USE: [&str; 5] = ["iso_currency", "serde", "strum", "thiserror", "uuid"];

/// Libraries of storage engines, and the packages that are or hold an adapter to them.
const BACKENDS: [(&str, &[&str]); 4] = [
    // `command-api` keeps its states in a file of its own, and `search` its index; `tests` damages such files, and
    // `xtask` measures the engine itself.
    (
        "rusqlite",
        &[
            "command-api",
            "event-log",
            "read-store",
            "schemas",
            "search",
            "tests",
            "xtask",
        ],
    ),
    // `tests` takes away what its shops leave on shared engines.
    ("rdkafka", &["event-log", "tests", "xtask"]),
    ("schema_registry_converter", &["schemas"]),
    ("scylla", &["read-store", "schemas", "tests", "xtask"]),
];

/// The adapters, each with the packages that may name it beside the server: its home, and who needs just
/// this one.
const ADAPTERS: [(&str, &[&str]); 12] = [
    ("MemoryLog", &["event-log"]),
    ("SqliteLog", &["event-log"]),
    ("KafkaLog", &["event-log"]),
    // The parity report compares what is stored with a replay into memory.
    ("MemoryStore", &["read-store", "projectors"]),
    ("SqliteStore", &["read-store"]),
    ("ScyllaStore", &["read-store"]),
    ("MemoryKeys", &["schemas"]),
    ("SqliteKeys", &["schemas"]),
    ("ScyllaKeys", &["schemas"]),
    ("MemoryIds", &["schemas"]),
    ("FileIds", &["schemas"]),
    ("RegistryIds", &["schemas"]),
];

#[test]
fn dependencies_point_one_way() {
    let metadata = metadata();
    let allowed = BTreeMap::from(ALLOWED);
    for package in metadata.workspace_packages() {
        let name = package.name.as_str();
        let may_know = allowed.get(name).unwrap_or_else(|| panic!("{name} is not on the list"));
        for known in built_from(package).into_iter().chain(tested_with(package)) {
            let is_ours = allowed.contains_key(known);
            assert!(!is_ours || may_know.contains(&known), "{name} must not know {known}");
        }
    }
}

#[test]
fn the_list_of_dependencies_has_no_circle() {
    let mut settled = BTreeSet::new();
    let mut left = BTreeMap::from(ALLOWED);
    while !left.is_empty() {
        let before = left.len();
        left.retain(|name, may_know| {
            let is_settled = may_know.iter().all(|known| settled.contains(known));
            if is_settled {
                settled.insert(*name);
            }
            !is_settled
        });
        assert!(left.len() < before, "these know each other: {left:?}");
    }
}

#[test]
fn the_domain_is_built_from_nothing_that_touches_the_world() {
    let metadata = metadata();
    let packages = metadata.workspace_packages();
    let domain = packages.iter().find(|package| package.name.as_str() == "domain");
    let domain = domain.expect("the workspace has a domain");
    for used in built_from(domain) {
        assert!(DOMAIN_MAY_USE.contains(&used), "the domain must not use {used}");
    }
}

#[test]
fn only_adapters_depend_on_a_backend() {
    for package in metadata().workspace_packages() {
        for (backend, adapters) in BACKENDS {
            let uses = built_from(package).contains(&backend);
            let name = package.name.as_str();
            assert!(!uses || adapters.contains(&name), "{name} must not depend on {backend}");
        }
    }
}

#[test]
fn nothing_that_is_served_draws_inputs() {
    for package in metadata().workspace_packages() {
        let draws = built_from(package).contains(&"fuzzing");
        assert!(!draws, "{} may know fuzzing only in its tests", package.name);
    }
}

#[test]
fn nothing_that_is_served_starts_engines() {
    for package in metadata().workspace_packages() {
        let starts = built_from(package).contains(&"engines");
        let name = package.name.as_str();
        let may_start = ["tests", "xtask"].contains(&name);
        assert!(!starts || may_start, "{name} may know engines only in its tests");
    }
}

/// What could write to the log, or is the log itself.
const WRITERS: [&str; 4] = ["EventLog", "Append", "Deliveries", "event_log::port"];

#[test]
fn the_read_side_never_names_what_writes_the_log() {
    let metadata = metadata();
    let packages = metadata.workspace_packages();
    let read_side = packages.iter().find(|package| package.name.as_str() == "query-api");
    for source in served_sources(&metadata, read_side.expect("there is a read side")) {
        for writer in WRITERS {
            let is_fine = !source.text.contains(writer);
            assert!(is_fine, "{} must not name {writer}", source.path.display());
        }
    }
}

#[test]
fn only_the_server_names_an_adapter() {
    let metadata = metadata();
    for package in metadata.workspace_packages() {
        let name = package.name.as_str();
        if ["tillroll", "tests", "xtask"].contains(&name) {
            continue;
        }
        for source in served_sources(&metadata, package) {
            for (adapter, allowed) in ADAPTERS {
                let is_fine = allowed.contains(&name) || !source.text.contains(adapter);
                assert!(is_fine, "{} must not name {adapter}", source.path.display());
            }
        }
    }
}
