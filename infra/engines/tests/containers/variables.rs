use std::collections::BTreeSet;

use crate::files::{services, text};

/// Read by `docker compose` itself.
const PROFILES: &str = "COMPOSE_PROFILES";

/// `NAME=value` lines with the comment above each.
fn example() -> Vec<(String, String)> {
    let text = text(".env.example");
    let mut comment = String::new();
    let mut variables = Vec::new();
    for line in text.lines() {
        if let Some((name, _)) = line.split_once('=').filter(|_| !line.starts_with('#')) {
            variables.push((name.to_owned(), std::mem::take(&mut comment)));
        } else {
            line.trim_start_matches('#').trim().clone_into(&mut comment);
        }
    }
    variables
}

/// The names in `${NAME}` and `${NAME:?..}`.
fn interpolated() -> BTreeSet<String> {
    let text = text("compose.yaml");
    let names = text.split("${").skip(1).map(|rest| {
        let end = rest.find([':', '}']).expect("it is closed");
        rest[..end].to_owned()
    });
    names.collect()
}

#[test]
fn every_variable_is_in_the_example_and_every_one_there_is_used() {
    let mut used = interpolated();
    used.insert(PROFILES.to_owned());
    let known: BTreeSet<_> = example().into_iter().map(|(name, _)| name).collect();
    assert_eq!(used, known);
}

#[test]
fn every_variable_of_the_example_has_a_comment() {
    for (name, comment) in example() {
        assert!(!comment.is_empty(), "{name} has none");
    }
}

#[test]
fn the_profile_of_the_example_exists() {
    let text = text(".env.example");
    let mut lines = text.lines();
    let profile = lines.find_map(|line| line.strip_prefix(PROFILES)?.strip_prefix('='));
    let profile = profile.expect("the example has a profile");
    assert_eq!(services()[profile]["profiles"][0], profile);
}

#[test]
fn the_program_knows_every_knob_that_it_is_given() {
    let knobs = text("../server/src/cli.rs");
    for service in ["tillroll", "tillroll-secrets"] {
        let services = services();
        let environment = services[service]["environment"]
            .as_object()
            .expect("it has an environment");
        for name in environment.keys() {
            assert!(knobs.contains(&format!("env = \"{name}\"")), "tillroll has no {name}");
        }
    }
}
