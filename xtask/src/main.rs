//! Every check of the house: `cargo xtask check` before a commit, `cargo xtask test` for all there is.
#![expect(clippy::print_stderr, reason = "this program talks to a person at a terminal")]

mod bench;
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
    /// What the shop does in a second, beside the limit of the machine (an optimised build; some minutes).
    Bench(bench::Arguments),
    /// What `bench` starts beside itself.
    #[cfg(feature = "bench")]
    #[command(hide = true, subcommand)]
    BenchPart(bench::Part),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Check => steps::run(&check::checks()),
        Command::Test => check::tests().and_then(|tests| steps::run(&tests)),
        Command::Bench(arguments) => bench::run(&arguments),
        #[cfg(feature = "bench")]
        Command::BenchPart(part) => bench::run_part(part),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("\n{reason}");
            ExitCode::FAILURE
        }
    }
}
