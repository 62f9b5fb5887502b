//! Every check of the house: `cargo xtask check` before a commit, `cargo xtask test` for all there is.
#![expect(clippy::print_stderr, reason = "this program talks to a person at a terminal")]

mod check;
mod steps;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Checks, tests and measurements of Tillroll.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Formatting, lints and the structure of the workspace.
    Check,
    /// The checks, then every test: units, documentation, and the whole shop from outside.
    Test,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Check => steps::run(&check::checks()),
        Command::Test => check::tests().and_then(|tests| steps::run(&tests)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("\n{reason}");
            ExitCode::FAILURE
        }
    }
}
