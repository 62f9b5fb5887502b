//! The server's half: routes of the operator's endpoint about read models.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use projectors::{RebuildControl, RebuildError, RebuildOptions, RebuildTarget, RepairError, VerifyError};
use read_store::StoreError;

use super::report::{
    ParityReport, PlanReport, ProjectionReport, RebuildAsk, RebuildReport, Refusal, RepairAsk, RepairReport,
};
use super::watch;
use crate::operator::{Operator, lines};
use crate::read_models::ReadModels;
use crate::start::now;

/// The operator's routes about read models.
pub(crate) fn router() -> Router<Operator> {
    Router::new()
        .route("/operator/projections", get(projections))
        .route("/operator/rebuilds", post(rebuild_all).get(watch_running))
        .route("/operator/projections/{name}/rebuild", post(rebuild).get(watch_one))
        .route("/operator/projections/{name}/rebuild/plan", get(plan))
        .route("/operator/projections/{name}/rebuild/{what}", post(control))
        .route("/operator/projections/{name}/switch/{generation}", post(switch))
        .route("/operator/projections/{name}/rollback", post(rollback))
        .route("/operator/projections/{name}/drop/{generation}", post(drop_generation))
        .route("/operator/projections/{name}/verify", post(verify))
        .route("/operator/projections/{name}/repair", post(repair))
}

async fn projections(State(operator): State<Operator>) -> Result<Json<Vec<ProjectionReport>>, Refused> {
    let mut reports = Vec::new();
    for status in operator.read_models.status() {
        let generations = operator.read_models.generations(status.name).await?;
        reports.push(ProjectionReport::of(status, &generations, now()));
    }
    Ok(Json(reports))
}

fn options(ask: &RebuildAsk, target: RebuildTarget) -> RebuildOptions {
    RebuildOptions {
        target,
        requires_parity: ask.requires_parity,
        is_held: ask.held,
        records_per_second_max: ask.rate,
    }
}

fn begin(operator: Operator, name: &str, options: RebuildOptions) -> Result<Response, Refused> {
    let progress = operator.read_models.rebuild(name, options)?;
    let (sender, body) = lines();
    tokio::spawn(async move { watch::tell(progress, &sender).await });
    Ok(body)
}

async fn rebuild(
    State(operator): State<Operator>,
    Path(name): Path<String>,
    Json(ask): Json<RebuildAsk>,
) -> Result<Response, Refused> {
    begin(operator, &name, options(&ask, RebuildTarget::New))
}

async fn switch(
    State(operator): State<Operator>,
    Path((name, generation)): Path<(String, u32)>,
    Json(ask): Json<RebuildAsk>,
) -> Result<Response, Refused> {
    begin(operator, &name, options(&ask, RebuildTarget::Kept(generation)))
}

async fn rollback(
    State(operator): State<Operator>,
    Path(name): Path<String>,
    Json(ask): Json<RebuildAsk>,
) -> Result<Response, Refused> {
    begin(operator, &name, options(&ask, RebuildTarget::Former))
}

async fn rebuild_all(State(operator): State<Operator>, Json(ask): Json<RebuildAsk>) -> Response {
    let (sender, body) = lines();
    // It goes on when nobody listens any more.
    tokio::spawn(watch::rebuild_all(
        operator.read_models,
        options(&ask, RebuildTarget::New),
        sender,
    ));
    body
}

async fn watch_running(State(operator): State<Operator>) -> Response {
    let (sender, body) = lines();
    tokio::spawn(watch::tell_running(operator.read_models, sender));
    body
}

async fn watch_one(State(operator): State<Operator>, Path(name): Path<String>) -> Result<Response, Refused> {
    let progress = operator.read_models.rebuilding(&name);
    let running = progress.filter(|progress| !RebuildReport::of(&progress.borrow()).phase.is_over());
    let progress = running.ok_or(RebuildError::NotRunning)?;
    let (sender, body) = lines();
    tokio::spawn(async move { watch::tell(progress, &sender).await });
    Ok(body)
}

async fn plan(State(operator): State<Operator>, Path(name): Path<String>) -> Result<Json<PlanReport>, Refused> {
    let plan = operator.read_models.plan_rebuild(&name)?;
    Ok(Json(PlanReport::of(&name, &plan)))
}

async fn control(
    State(operator): State<Operator>,
    Path((name, what)): Path<(String, String)>,
) -> Result<StatusCode, Refused> {
    let what = match what.as_str() {
        "pause" => RebuildControl::Pause,
        "resume" => RebuildControl::Resume,
        "cancel" => RebuildControl::Cancel,
        _ => return Ok(StatusCode::NOT_FOUND),
    };
    if name != "all" {
        operator.read_models.control_rebuild(&name, what)?;
        return Ok(StatusCode::NO_CONTENT);
    }
    let mut is_any = false;
    for name in ReadModels::names() {
        match operator.read_models.control_rebuild(name, what) {
            Ok(()) => is_any = true,
            Err(RebuildError::NotRunning) => {}
            Err(error) => return Err(error.into()),
        }
    }
    if is_any {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(RebuildError::NotRunning.into())
    }
}

async fn drop_generation(
    State(operator): State<Operator>,
    Path((name, generation)): Path<(String, u32)>,
) -> Result<StatusCode, Refused> {
    operator.read_models.drop_generation(&name, generation).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn verify(State(operator): State<Operator>, Path(name): Path<String>) -> Result<Json<ParityReport>, Refused> {
    let parity = operator.read_models.verify(&name).await?;
    Ok(Json(ParityReport::of(&name, &parity)))
}

async fn repair(
    State(operator): State<Operator>,
    Path(name): Path<String>,
    Json(ask): Json<RepairAsk>,
) -> Result<Json<RepairReport>, Refused> {
    let turn = operator.turns.take().await?;
    let (asked_name, asked_key) = (name.clone(), ask.key.clone());
    // On a task of its own: its turn lasts until it has ended, also when nobody waits for the answer any more.
    let repairing = tokio::spawn(async move {
        let repaired = operator.read_models.repair(&asked_name, &asked_key).await;
        drop(turn);
        repaired
    });
    let repaired = repairing.await;
    let interrupted = |error: tokio::task::JoinError| StoreError::Unavailable(error.to_string());
    let repaired = repaired.unwrap_or_else(|error| Err(interrupted(error).into()))?;
    Ok(Json(RepairReport::of(&name, &ask.key, &repaired)))
}

/// Why the operator is refused.
pub(crate) struct Refused(StatusCode, Refusal);

impl Refused {
    pub(crate) fn new(status: StatusCode, code: &str, message: impl std::fmt::Display) -> Self {
        let refusal = Refusal {
            code: code.to_owned(),
            message: message.to_string(),
        };
        Self(status, refusal)
    }
}

impl From<RebuildError> for Refused {
    fn from(error: RebuildError) -> Self {
        let status = match &error {
            RebuildError::UnknownProjection(_) | RebuildError::NoGeneration(_) => StatusCode::NOT_FOUND,
            RebuildError::Unavailable(_) | RebuildError::Thread(_) => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::CONFLICT,
        };
        Self::new(status, error.code(), &error)
    }
}

impl From<VerifyError> for Refused {
    fn from(error: VerifyError) -> Self {
        match &error {
            VerifyError::UnknownProjection(_) => Self::new(StatusCode::NOT_FOUND, "rebuild.unknown_projection", &error),
            VerifyError::NotServing => Self::new(StatusCode::CONFLICT, "rebuild.not_serving", &error),
            VerifyError::Store(_) => Self::new(StatusCode::SERVICE_UNAVAILABLE, "store.unavailable", &error),
        }
    }
}

impl From<RepairError> for Refused {
    fn from(error: RepairError) -> Self {
        let status = match &error {
            RepairError::UnknownProjection(_) | RepairError::UnknownKey => StatusCode::NOT_FOUND,
            RepairError::OnlyWhole(_) | RepairError::NotServing | RepairError::Parked => StatusCode::CONFLICT,
            RepairError::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
        };
        Self::new(status, error.code(), &error)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, Json(self.1)).into_response()
    }
}
