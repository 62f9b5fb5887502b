//! What is checked before a commit.

use std::process::{Command, Stdio};

use crate::steps::{Report, Step, cargo};
use crate::suites::Suites;

/// Measurements are linted, too.
const MEASUREMENTS: &str = "xtask/bench";

/// Runs the checks.
pub(crate) fn run() -> Result<(), String> {
    let mut report = Report::default();
    report.run(&checks(&Suites::read()?));
    report.summarise()
}

/// Formatting, lints, structure.
pub(crate) fn checks(suites: &Suites) -> Vec<Step> {
    install_components();
    let selection = suites.selection();
    let with = |start: &[&str], end: &[&str]| {
        let start = start.iter().map(|&argument| argument.to_owned());
        let end = end.iter().map(|&argument| argument.to_owned());
        start.chain(selection.iter().cloned()).chain(end).collect::<Vec<_>>()
    };
    vec![
        Step::cargo("formatting", ["fmt", "--all", "--check"]),
        Step::cargo(
            "lints",
            with(
                &["clippy"],
                &["--features", MEASUREMENTS, "--all-targets", "--", "--deny", "warnings"],
            ),
        ),
        Step::cargo("structure of the workspace", with(&["test"], &["--test", "structure"])),
    ]
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
