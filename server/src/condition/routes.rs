//! The server's half: routes of the operator's endpoint about shards, and about what is wrong.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use command_api::Standing;
use domain::stream::{Shard, StreamId};
use projectors::{ProjectionStatus, RebuildPhase};

use super::report::{Finding, ShardCondition};
use crate::checkouts;
use crate::operating::routes::Refused;
use crate::operator::Operator;

/// Commits that rows may lack while nothing is wrong: more take longer than anybody waits for a token.
const BEHIND_COMMITS_MAX: u64 = 100_000;
/// How long after its time a checkout may still be undone while nothing is wrong.
const OVERDUE_MS: i64 = 15 * 60 * 1_000;

/// The operator's routes about how the process is.
pub(crate) fn router() -> Router<Operator> {
    Router::new()
        .route("/operator/shards", get(shards))
        .route("/operator/doctor", get(doctor))
}

async fn shards(State(operator): State<Operator>) -> Result<Json<Vec<ShardCondition>>, Refused> {
    let parked = parked(&operator).await?;
    let seqs = operator.follower.positions();
    let standings = operator.commands.standings().into_iter();
    let condition = |(shard, standing): (Shard, Standing)| {
        let name = standing_name(&standing);
        let (term, why) = match standing {
            Standing::Serving { term } => (Some(term), None),
            Standing::Following => (None, None),
            Standing::Halted(why) => (None, Some(why)),
        };
        ShardCondition {
            shard: shard.to_string(),
            standing: name.to_owned(),
            term,
            records: operator.log.known_end(shard).unwrap_or(0),
            seq: seqs.get(&shard).copied().unwrap_or(0),
            parked: parked.get(&shard).map_or(0, Vec::len),
            why,
        }
    };
    Ok(Json(standings.map(condition).collect()))
}

/// What an operator calls it.
pub(crate) fn standing_name(standing: &Standing) -> &'static str {
    match standing {
        Standing::Serving { .. } => "serving",
        Standing::Following => "standby",
        Standing::Halted(_) => "halted",
    }
}

/// The streams that stand still, by their shards.
async fn parked(operator: &Operator) -> Result<BTreeMap<Shard, Vec<StreamId>>, Refused> {
    let unavailable = |why: String| Refused::new(StatusCode::SERVICE_UNAVAILABLE, "parked.unavailable", why);
    let commands = operator.commands.clone();
    let look = tokio::task::spawn_blocking(move || commands.parked().map_err(|error| error.to_string()));
    let streams = look.await.map_err(|error| unavailable(error.to_string()))?;
    let mut by_shard: BTreeMap<Shard, Vec<StreamId>> = BTreeMap::new();
    for (shard, stream) in streams.map_err(unavailable)? {
        by_shard.entry(shard).or_default().push(stream);
    }
    Ok(by_shard)
}

/// Everything that somebody should look at; nothing when all is well.
async fn doctor(State(operator): State<Operator>) -> Result<Json<Vec<Finding>>, Refused> {
    let mut findings = Vec::new();
    for (shard, standing) in operator.commands.standings() {
        if let Standing::Halted(why) = standing {
            let advice = "its log is not intact: `tillroll log verify` says where; commands to it are refused";
            findings.push(Finding::new("shard.halted", shard.to_string(), why, advice));
        }
    }
    for (shard, streams) in parked(&operator).await? {
        let why = format!("{} streams have a commit that cannot be read", streams.len());
        let advice = "`tillroll parked list` names them, `parked retry` reads them again";
        findings.push(Finding::new("stream.parked", shard.to_string(), why, advice));
    }
    let overdue = checkouts::overdue(&operator.commands, OVERDUE_MS);
    if overdue > 0 {
        let why = format!(
            "{overdue} should have given up {} minutes ago or more",
            OVERDUE_MS / 60_000
        );
        let advice = "`tillroll checkouts stuck` says what they wait for, `stock audit --all` whether pieces are lost";
        findings.push(Finding::new("checkout.stuck", "checkouts", why, advice));
    }
    if let Some(why) = operator.read_models.projectors.waits_for_store() {
        let advice = "it is asked again until it answers; queries are refused or stale until then";
        findings.push(Finding::new("store.unavailable", "the read store", why, advice));
    }
    for status in operator.read_models.status() {
        look_at(&status, &mut findings);
    }
    Ok(Json(findings))
}

/// What is wrong with one read model.
fn look_at(status: &ProjectionStatus, findings: &mut Vec<Finding>) {
    let name = status.name;
    let mut found = |code: &str, why: String, advice: &str| findings.push(Finding::new(code, name, why, advice));
    if status.generation.is_none() {
        let advice = "`tillroll projections` says what is being filled";
        found(
            "projection.not_serving",
            "no query is answered from it".to_owned(),
            advice,
        );
    }
    if let Some(why) = &status.stopped {
        let advice = "it is tried again at the next start, or by `tillroll rebuild`";
        found("projection.stopped", why.clone(), advice);
    }
    for (shard, why) in &status.halted {
        let advice = "what is projected of this shard stands still: `tillroll log verify`";
        found("projection.halted", format!("{shard}: {why}"), advice);
    }
    if status.parked_views > 0 {
        let why = format!("{} views wait for a commit that cannot be read", status.parked_views);
        found("projection.parked", why, "`tillroll parked list` names them");
    }
    if status.commits_behind > BEHIND_COMMITS_MAX {
        let why = format!("{} commits are not in its rows", status.commits_behind);
        found(
            "projection.behind",
            why,
            "`tillroll projections` says whether it catches up",
        );
    }
    if let Some(RebuildPhase::Failed(failure)) = status.rebuild.as_ref().map(|rebuild| &rebuild.phase)
        && *failure != projectors::RebuildFailure::Cancelled
    {
        let why = failure.to_string();
        found(
            "rebuild.failed",
            why,
            "queries are answered as before; `tillroll rebuild` begins again",
        );
    }
}
