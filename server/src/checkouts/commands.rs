//! The command line's half.

use std::process::ExitCode;

use super::report::{StuckAsk, StuckReport};
use crate::cli::{CheckoutsCommand, Options};
use crate::history::commands::say;
use crate::operating::commands::exit_code;
use crate::operating::session::Session;
use crate::run::Failure;

/// Says which checkouts do not end. Fails when there are any.
pub(crate) async fn run(options: &Options, asked: CheckoutsCommand) -> Result<ExitCode, Failure> {
    let CheckoutsCommand::Stuck(asked) = asked;
    let session = Session::open(options).await?;
    let ask = StuckAsk {
        older_than_seconds: asked.older_than.as_secs(),
    };
    let told = session.client.ask("/operator/checkouts/stuck", &ask).await;
    session.close().await;
    let report: StuckReport = told?;
    say(asked.json, &serde_json::to_value(&report)?, &report.text())?;
    Ok(exit_code(report.count == 0))
}
