//! What is checked and tested, in which order.

use std::process::{Command, Stdio};

use cargo_metadata::MetadataCommand;

use crate::steps::{Step, cargo};

/// The labelled steps at which the black-box tests stop the program are built in for all tests, so that
/// everything is built once.
const FEATURES: &str = "tillroll/failpoints";

/// Names the program to the black-box tests.
const BINARY_VARIABLE: &str = "TILLROLL_TEST_BINARY";

/// Formatting, lints, structure.
pub(crate) fn checks() -> Vec<Step> {
    install_components();
    vec![
        Step::cargo("formatting", &["fmt", "--all", "--check"]),
        Step::cargo(
            "lints",
            &[
                "clippy",
                "--workspace",
                "--features",
                "xtask/bench",
                "--all-targets",
                "--",
                "--deny",
                "warnings",
            ],
        ),
        Step::cargo(
            "structure of the workspace",
            &["test", "--workspace", "--features", FEATURES, "--test", "structure"],
        ),
    ]
}

/// The checks, and all tests.
pub(crate) fn tests() -> Result<Vec<Step>, String> {
    let binary = binary()?;
    let mut steps = checks();
    // Every step selects the whole workspace: a part of it would have other features and be built anew.
    let selection = ["--workspace", "--features", FEATURES];
    let with = |start: &[&'static str], end: &[&'static str]| [start, &selection, end].concat();
    steps.extend([
        Step::cargo("build", &with(&["build"], &["--all-targets"])),
        Step::cargo("unit tests", &with(&["test"], &["--no-fail-fast", "--lib", "--bins"])),
        Step::cargo(
            "examples in the documentation",
            &with(&["test"], &["--no-fail-fast", "--doc"]),
        ),
        Step::cargo(
            "the shop from outside",
            &with(&["test"], &["--no-fail-fast", "--test", "*"]),
        )
        .with(BINARY_VARIABLE, binary),
    ]);
    Ok(steps)
}

/// Where the step "build" leaves the program.
fn binary() -> Result<String, String> {
    let metadata = MetadataCommand::new().no_deps().exec();
    let folder = metadata
        .map_err(|error| error.to_string())?
        .target_directory
        .join("debug");
    Ok(folder
        .join(format!("tillroll{}", std::env::consts::EXE_SUFFIX))
        .into_string())
}

/// Installs what the checks need and a bare toolchain lacks; where that fails, the check itself will say so.
fn install_components() {
    for (component, tool) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        let mut version = Command::new(cargo());
        version
            .args([tool, "--version"])
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if version.status().is_ok_and(|status| status.success()) {
            continue;
        }
        eprintln!("installing {component}");
        let _ = Command::new("rustup").args(["component", "add", component]).status();
    }
}
