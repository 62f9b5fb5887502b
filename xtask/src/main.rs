//! Every check of the house: `cargo xtask check` before a commit, `cargo xtask test` for all there is.
#![expect(clippy::print_stderr, reason = "this program talks to a person at a terminal")]

mod bench;
mod check;
mod faults;
mod schemathesis;
mod steps;
mod suites;
mod test;
mod up;

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
    /// The checks, then every test: units, documentation, and the whole shop from outside, embedded and on engines.
    Test,
    /// What the shop does in a second, beside the limit of the machine (an optimised build; some minutes).
    Bench(bench::Arguments),
    /// The fault harness for as long as wanted: everything dies and sleeps at random while a crowd shops.
    Faults(faults::Arguments),
    /// Schemathesis against the document of the commands and a demo shop, as `test` does it.
    Schemathesis,
    /// Starts Kafka, a schema registry, Cassandra, and a shop on them, and leaves them running.
    Up,
    /// Ends what `up` started.
    Down(up::Down),
    /// What `bench` starts beside itself.
    #[cfg(feature = "bench")]
    #[command(hide = true, subcommand)]
    BenchPart(bench::Part),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Check => check::run(),
        Command::Test => test::run(),
        Command::Schemathesis => test::run_schemathesis(),
        Command::Faults(arguments) => faults::run(&arguments),
        Command::Up => up::up(),
        Command::Down(arguments) => up::down(&arguments),
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
