//! What the documents say of the code is true.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use crate::workspace::{metadata, sources};

/// From this many words on, a name in backticks is a test's: tests are sentences.
const TEST_WORDS_MIN: usize = 3;

/// The documents that say which test keeps what they promise.
const NAMING: [&str; 3] = ["docs/architecture.md", "docs/scenarios.md", "docs/bad-input.md"];

/// Fewest tests that each of them names.
const NAMED_AT_LEAST: usize = 12;

fn document(path: &str) -> String {
    let path = PathBuf::from(metadata().workspace_root).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| line.split('`').skip(1).step_by(2))
}

fn is_a_tests_name(text: &str) -> bool {
    let is_identifier = text
        .chars()
        .all(|character| character == '_' || character.is_ascii_alphanumeric());
    is_identifier && !text.contains(char::is_uppercase) && text.split('_').count() >= TEST_WORDS_MIN
}

#[test]
fn documents_name_only_tests_that_exist() {
    let metadata = metadata();
    let packages = metadata.workspace_packages();
    let sources: Vec<_> = packages
        .iter()
        .flat_map(|package| sources(&metadata, package))
        .collect();
    for (document, text) in NAMING.map(|path| (path, document(path))) {
        let (named, missing): (BTreeSet<_>, BTreeSet<_>) =
            quoted(&text).filter(|name| is_a_tests_name(name)).partition(|name| {
                sources
                    .iter()
                    .any(|source| source.text.contains(&format!("fn {name}(")))
            });
        assert!(
            missing.is_empty(),
            "{document} names tests that are not there: {missing:#?}"
        );
        assert!(named.len() >= NAMED_AT_LEAST, "{document} names tests");
    }
}

#[test]
fn decisions_are_numbered_without_gaps() {
    let folder = PathBuf::from(metadata().workspace_root).join("docs/adr");
    let files = fs::read_dir(folder).expect("the decisions are there");
    let names = files.map(|file| file.expect("the entry is readable").file_name());
    let mut names: Vec<_> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    names.sort();
    for (place, name) in names.iter().enumerate() {
        assert!(
            name.starts_with(&format!("{:04}-", place + 1)),
            "{name} is out of order"
        );
    }
}
