//! `tillroll config`: every knob with its value and origin.

use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory};

use crate::cli::Cli;
use crate::table;

/// Stands for a value that nobody is to read over a shoulder.
const HIDDEN: &str = "(hidden)";

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
        let shown = match value {
            Some(_) if argument.is_hide_env_values_set() => HIDDEN.to_owned(),
            value => value.unwrap_or_default(),
        };
        rows.push(vec![
            format!("--{flag}"),
            variable.to_string_lossy().into_owned(),
            shown,
            origin.to_owned(),
        ]);
    }
    table::render(&rows)
}

#[cfg(test)]
mod tests;
