//! The command line's half.

use std::process::ExitCode;

use reqwest::Method;

use super::report::{Finding, ShardCondition};
use crate::cli::{JsonOptions, Options};
use crate::history::commands::say;
use crate::operating::commands::exit_code;
use crate::operating::session::Session;
use crate::run::Failure;
use crate::table;

/// Says how every shard is. Fails when one is halted or holds streams that stand still.
pub(crate) async fn shards(options: &Options, asked: JsonOptions) -> Result<ExitCode, Failure> {
    let session = Session::open(options).await?;
    let read = session.client.read(Method::GET, "/operator/shards").await;
    session.close().await;
    let shards: Vec<ShardCondition> = read?;
    say(asked.json, &serde_json::to_value(&shards)?, &shards_text(&shards))?;
    let is_well = |shard: &ShardCondition| shard.why.is_none() && shard.parked == 0;
    Ok(exit_code(shards.iter().all(is_well)))
}

/// Says everything that somebody should look at. Fails when there is anything.
pub(crate) async fn doctor(options: &Options, asked: JsonOptions) -> Result<ExitCode, Failure> {
    let session = Session::open(options).await?;
    let read = session.client.read(Method::GET, "/operator/doctor").await;
    session.close().await;
    let findings: Vec<Finding> = read?;
    let text = match findings.as_slice() {
        [] => "all is well\n".to_owned(),
        findings => findings.iter().map(Finding::text).collect(),
    };
    say(asked.json, &serde_json::to_value(&findings)?, &text)?;
    Ok(exit_code(findings.is_empty()))
}

fn shards_text(shards: &[ShardCondition]) -> String {
    let heads = ["SHARD", "STANDING", "TERM", "RECORDS", "SEQ", "PARKED"];
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    let mut notes = String::new();
    for shard in shards {
        rows.push(vec![
            shard.shard.clone(),
            shard.standing.clone(),
            shard.term.map_or_else(|| "-".to_owned(), |term| term.to_string()),
            shard.records.to_string(),
            shard.seq.to_string(),
            shard.parked.to_string(),
        ]);
        if let Some(why) = &shard.why {
            notes += &format!("{}: {why}\n", shard.shard);
        }
    }
    table::render(&rows) + &notes
}
