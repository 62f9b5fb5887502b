//! `tillroll config`: every knob with its value and origin.

use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory};

use crate::cli::Cli;
use crate::table;

/// A table of every knob: flag, environment variable, value, origin.
pub(crate) fn table(matches: &ArgMatches) -> String {
    let command = Cli::command();
    let mut rows = vec![["KNOB", "ENVIRONMENT", "VALUE", "ORIGIN"].map(str::to_owned).to_vec()];
    for argument in command.get_arguments() {
        let (Some(flag), Some(variable)) = (argument.get_long(), argument.get_env()) else {
            continue;
        };
        let id = argument.get_id().as_str();
        let value = matches.get_raw(id).map(|values| {
            values
                .map(|value| value.to_string_lossy().into_owned())
                .collect::<Vec<_>>()
                .join(",")
        });
        let origin = match matches.value_source(id) {
            Some(ValueSource::CommandLine) => "command line",
            Some(ValueSource::EnvVariable) => "environment",
            _ => "default",
        };
        rows.push(vec![
            format!("--{flag}"),
            variable.to_string_lossy().into_owned(),
            value.unwrap_or_default(),
            origin.to_owned(),
        ]);
    }
    table::render(&rows)
}

#[cfg(test)]
mod tests;
