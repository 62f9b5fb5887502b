//! The house rules that neither the compiler nor clippy keeps.

use std::fs;

use crate::workspace::{Source, folder, metadata, sources};

/// Longer files are two ideas; tests beside the code (`tests.rs`, or a `tests` folder there) are excepted.
const FILE_LINES_MAX: usize = 500;

/// What no source contains, and what to do instead. Each is put together here, so that this file does not
/// contain it either.
const BANNED: [(&str, &str); 5] = [
    (
        concat!("#[", "allow("),
        "use #[expect(.., reason = \"..\")] or mend the cause",
    ),
    (
        concat!("#![", "allow("),
        "use #![expect(.., reason = \"..\")] or mend the cause",
    ),
    (concat!("todo", "!("), "write it"),
    (concat!("unimplemented", "!("), "write it"),
    (concat!("#[", "ignore"), "a test that does not run proves nothing"),
];

/// Names that say nothing.
const HOLLOW: [&str; 8] = [
    "common", "helper", "helpers", "manager", "service", "services", "util", "utils",
];

/// What `complain` says of all sources of the workspace.
fn complaints(complain: impl Fn(&Source) -> Vec<String>) -> Vec<String> {
    let metadata = metadata();
    let packages = metadata.workspace_packages();
    let sources = packages.iter().flat_map(|package| sources(&metadata, package));
    sources.flat_map(|source| complain(&source)).collect()
}

#[test]
fn no_file_is_longer_than_one_idea() {
    let too_long = complaints(|source| {
        let lines = source.text.lines().count();
        let is_test = source.path.ends_with("tests.rs") || source.path.parent().is_some_and(|at| at.ends_with("tests"));
        let is_fine = lines <= FILE_LINES_MAX || is_test;
        let complaint = || format!("{} has {lines} lines: split it", source.path.display());
        (!is_fine).then(complaint).into_iter().collect()
    });
    assert!(too_long.is_empty(), "{too_long:#?}");
}

#[test]
fn nothing_is_silenced_postponed_or_skipped() {
    let found = complaints(|source| {
        let lines = source.text.lines().enumerate();
        let pairs = lines.flat_map(|(place, line)| BANNED.map(|(banned, instead)| (place, line, banned, instead)));
        let found = pairs.filter(|(_, line, banned, _)| line.contains(banned));
        let path = source.path.display();
        found
            .map(|(place, _, banned, instead)| format!("{path}:{}: {banned}: {instead}", place + 1))
            .collect()
    });
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn no_module_has_a_name_that_says_nothing() {
    let hollow = complaints(|source| {
        let path = source.path.with_extension("");
        let is_hollow = path.iter().any(|part| HOLLOW.iter().any(|hollow| part == *hollow));
        is_hollow
            .then(|| source.path.display().to_string())
            .into_iter()
            .collect()
    });
    assert!(hollow.is_empty(), "{hollow:#?}");
}

#[test]
fn every_package_keeps_the_lints_and_the_licence() {
    for package in metadata().workspace_packages() {
        let name = package.name.as_str();
        assert_eq!(package.license.as_deref(), Some("MIT"), "{name}");
        let manifest = fs::read_to_string(folder(package).join("Cargo.toml")).expect("a manifest is text");
        let manifest: toml::Table = manifest.parse().expect("a manifest is TOML");
        let lints = manifest.get("lints").and_then(|lints| lints.get("workspace"));
        assert_eq!(
            lints.and_then(toml::Value::as_bool),
            Some(true),
            "{name} needs `[lints] workspace = true`"
        );
    }
}
