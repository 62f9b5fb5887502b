//! The command line's half.

use std::process::ExitCode;

use super::report::{AuditAsk, AuditReport};
use crate::cli::{Options, StockCommand};
use crate::history::commands::say;
use crate::operating::commands::exit_code;
use crate::operating::session::Session;
use crate::run::Failure;

/// Audits stock. Fails when anything does not add up, or could not be looked at.
pub(crate) async fn run(options: &Options, asked: StockCommand) -> Result<ExitCode, Failure> {
    let StockCommand::Audit(asked) = asked;
    let session = Session::open(options).await?;
    let ask = AuditAsk {
        skus: (!asked.all).then_some(asked.skus),
    };
    let told = session.client.ask("/operator/stock/audit", &ask).await;
    session.close().await;
    let report: AuditReport = told?;
    say(asked.json, &serde_json::to_value(&report)?, &report.text())?;
    Ok(exit_code(report.is_good()))
}
