use std::path::Path;

use crate::files::{path, text};

/// The instructions, continued lines joined.
fn instructions() -> Vec<String> {
    let text = text("Dockerfile").replace("\\\n", " ");
    let lines = text.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

/// What follows this word, for each instruction that begins with it.
fn all(word: &str) -> Vec<String> {
    let instructions = instructions();
    let rests = instructions
        .iter()
        .filter_map(|line| line.strip_prefix(word)?.strip_prefix(' '));
    rests.map(str::to_owned).collect()
}

#[test]
fn it_is_built_in_one_stage_and_runs_in_another_without_tools() {
    let stages = all("FROM");
    assert_eq!(stages.len(), 2, "{stages:?}");
    assert!(stages[0].ends_with(" AS build"));
    assert!(
        stages[1].contains("-slim"),
        "{} is larger than it needs to be",
        stages[1]
    );
    assert!(all("COPY").iter().any(|copy| copy.starts_with("--from=build ")));
}

#[test]
fn its_images_are_pinned_and_the_toolchain_is_the_pinned_one() {
    let toolchain = text("../rust-toolchain.toml");
    let line = toolchain.lines().find_map(|line| line.strip_prefix("channel = "));
    let channel = line.expect("the toolchain is pinned").trim_matches('"');
    let stages = all("FROM");
    assert!(
        stages[0].starts_with(&format!("rust:{channel}-")),
        "{} is not {channel}",
        stages[0]
    );
    assert!(all("ENV").contains(&format!("RUSTUP_TOOLCHAIN={channel}")));
    let version = stages[1].rsplit(':').next().expect("it has a version");
    assert!(version.contains('.'), "{} may be another one tomorrow", stages[1]);
}

#[test]
fn it_does_not_run_as_root() {
    let instructions = instructions();
    let place = |word: &str| instructions.iter().rposition(|line| line.starts_with(word));
    let users = all("USER");
    let user = users.last().expect("it has a user");
    let number: u32 = user
        .split(':')
        .next()
        .and_then(|id| id.parse().ok())
        .expect("users are numbers");
    assert_ne!(number, 0);
    assert!(place("USER ") < place("ENTRYPOINT "));
    assert!(place("FROM ") < place("USER "));
}

#[test]
fn it_says_whether_it_is_ready_and_builds_what_the_lock_file_says() {
    let checks = all("HEALTHCHECK");
    assert!(checks.iter().any(|check| check.contains("/readyz")), "{checks:?}");
    let runs = all("RUN").join(" ");
    assert!(runs.contains("--locked"));
    assert!(runs.contains("--mount=type=cache,target=/usr/local/cargo/registry"));
}

#[test]
fn the_build_sees_every_package_and_nothing_else() {
    let ignored = text("Dockerfile.dockerignore");
    let seen: Vec<_> = ignored.lines().filter_map(|line| line.strip_prefix('!')).collect();
    for name in &seen {
        assert!(path("..").join(name).exists(), "there is no {name}");
    }
    let manifest = text("../Cargo.toml");
    let start = manifest.find("members = [").expect("a workspace has members");
    let members = &manifest[start..];
    let members = &members[..members.find(']').expect("the list ends")];
    for member in members.split('"').skip(1).step_by(2) {
        let is_seen = seen.iter().any(|name| Path::new(member).starts_with(name));
        assert!(is_seen, "the build does not see {member}");
    }
}
