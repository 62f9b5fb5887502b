//! `/healthz`: the process lives. `/readyz`: what is in the log is served, part by part.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use projectors::Projectors;
use serde_json::{Value, json};

/// What readiness depends on.
#[derive(Clone)]
pub(crate) struct Health {
    /// The read side.
    pub(crate) projectors: Projectors,
    /// Whether every shard serves and the demo shop, if there is to be one, is there; false again at the end.
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
    /// Whether everything that is in the log is served.
    pub(crate) fn is_ready(&self) -> bool {
        self.serves.load(Ordering::Acquire) && self.projectors.is_caught_up()
    }
}

async fn ready(State(health): State<Health>) -> (StatusCode, Json<Value>) {
    let is_ready = health.is_ready();
    let projections: Vec<Value> = health
        .projectors
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
        "commands": if health.serves.load(Ordering::Acquire) { "serving" } else { "not serving" },
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
