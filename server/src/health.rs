//! `/healthz`: the process lives. `/readyz`: what is in the log is served, part by part.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use command_api::{Commands, Standing};
use serde_json::{Value, json};

use crate::read_models::ReadModels;

/// What readiness depends on.
#[derive(Clone)]
pub(crate) struct Health {
    /// The command side.
    pub(crate) commands: Commands,
    /// The read side.
    pub(crate) read_models: ReadModels,
    /// Whether every shard has served and the demo shop, if there is to be one, is there; false again at the end.
    pub(crate) serves: Arc<AtomicBool>,
}

/// The routes of health.
pub(crate) fn router(health: Health) -> Router {
    Router::new()
        .route("/healthz", get(async || Json(json!({ "status": "live" }))))
        .route("/readyz", get(ready))
        .with_state(health)
}

impl Health {
    /// What the command side is doing: `starting`, `serving`, or `standby` while another node has a shard.
    fn commands(&self) -> &'static str {
        if !self.serves.load(Ordering::Acquire) {
            return "starting";
        }
        let standings = self.commands.standings();
        let is_elsewhere = standings.values().any(|standing| *standing == Standing::Following);
        if is_elsewhere { "standby" } else { "serving" }
    }
}

/// The shards whose log is not intact, and why: nobody serves them until an operator has looked; the others go on.
fn halted(commands: &Commands) -> Vec<Value> {
    let standings = commands.standings().into_iter();
    let halted = standings.filter_map(|(shard, standing)| match standing {
        Standing::Halted(why) => Some(json!({ "shard": shard.to_string(), "why": why })),
        Standing::Serving { .. } | Standing::Following => None,
    });
    halted.collect()
}

async fn ready(State(health): State<Health>) -> (StatusCode, Json<Value>) {
    let commands = health.commands();
    let is_ready = commands == "serving" && health.read_models.are_caught_up();
    let projections: Vec<Value> = health
        .read_models
        .status()
        .into_iter()
        .map(|status| {
            json!({
                "name": status.name,
                "generation": status.generation,
                "commitsBehind": status.commits_behind,
                "parkedViews": status.parked_views,
                "stopped": status.stopped,
            })
        })
        .collect();
    let body = json!({
        "status": if is_ready { "ready" } else { "not ready" },
        "at": jiff::Timestamp::now().to_string(),
        "commands": commands,
        "haltedShards": halted(&health.commands),
        "readStore": if health.read_models.projectors.waits_for_store().is_none() { "serving" } else { "unavailable" },
        "projections": projections,
    });
    (
        if is_ready {
            StatusCode::OK
        } else {
            StatusCode::SERVICE_UNAVAILABLE
        },
        Json(body),
    )
}
