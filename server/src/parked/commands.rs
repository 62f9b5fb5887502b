//! The command line's half.

use std::process::ExitCode;

use reqwest::Method;

use super::report::{OfStream, ParkedCommits, ParkedReport, RetryReport};
use crate::cli::{Options, ParkedCommand};
use crate::history::commands::{commits_text, say};
use crate::operating::commands::exit_code;
use crate::operating::session::Session;
use crate::run::Failure;

/// Says what is parked, or does something about it. Fails as long as something is.
pub(crate) async fn run(options: &Options, asked: ParkedCommand) -> Result<ExitCode, Failure> {
    let session = Session::open(options).await?;
    let done = run_in(&session, asked).await;
    session.close().await;
    done
}

async fn run_in(session: &Session, asked: ParkedCommand) -> Result<ExitCode, Failure> {
    let is_nothing = match asked {
        ParkedCommand::List { json } => {
            let report: ParkedReport = session.client.read(Method::GET, "/operator/parked").await?;
            say(json, &serde_json::to_value(&report)?, &report.text())?;
            report.is_nothing()
        }
        ParkedCommand::Show { stream, json } => {
            let asked = OfStream { stream: Some(stream) };
            let found: ParkedCommits = session.client.ask("/operator/parked/show", &asked).await?;
            let text = match found.commits.as_slice() {
                [] => "every commit of the stream can be read\n".to_owned(),
                commits => commits_text(commits),
            };
            say(json, &serde_json::to_value(&found)?, &text)?;
            found.commits.is_empty()
        }
        ParkedCommand::Retry { stream, json } => {
            let asked = OfStream { stream };
            again(session, "/operator/parked/retry", &asked, json).await?
        }
        ParkedCommand::Skip { stream, json } => {
            let asked = OfStream { stream: Some(stream) };
            again(session, "/operator/parked/skip", &asked, json).await?
        }
    };
    Ok(exit_code(is_nothing))
}

async fn again(session: &Session, path: &str, asked: &OfStream, json: bool) -> Result<bool, Failure> {
    let report: RetryReport = session.client.ask(path, asked).await?;
    let mut text = format!("{} commits were taken in\n", report.taken_in);
    for failure in &report.failures {
        text += &format!("{failure}\n");
    }
    text += &report.left.text();
    say(json, &serde_json::to_value(&report)?, &text)?;
    Ok(report.left.is_nothing() && report.failures.is_empty())
}
