//! Structured logs: for people or as JSON, to standard error, by level and module.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::cli::LogFormat;

/// Begins to log.
///
/// # Errors
/// `levels` is no list of levels.
pub(crate) fn start(levels: &str, format: LogFormat) -> Result<(), String> {
    let filter = EnvFilter::try_new(levels).map_err(|error| format!("--log {levels:?}: {error}"))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let started = match format {
        LogFormat::Text => builder.with_target(false).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| error.to_string())
}
