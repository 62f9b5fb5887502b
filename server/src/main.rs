//! The command line of Tillroll.

mod cli;
mod config;
mod data_dir;
mod logging;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use cli::{Cli, Command};

fn main() -> ExitCode {
    let matches = Cli::command().get_matches();
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    if let Err(error) = logging::start(&cli.options.log, cli.options.log_format) {
        return failed(&error);
    }
    match cli.command {
        Some(Command::Config) => {
            print!("{}", config::table(&matches));
            ExitCode::SUCCESS
        }
        _ => ExitCode::FAILURE,
    }
}

fn failed(error: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("tillroll: {error}");
    ExitCode::FAILURE
}
