//! The operator's endpoint: what commands of the program ask the server that runs on their data directory.
//!
//! Only who can read `operator.json` there (mode 0600) knows the token.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Query, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use command_api::Commands;
use event_log::{EventLog, Follower, LogError};
use read_store::{ActiveGenerations, ReadStore};
use schemas::Codec;
use serde::{Deserialize, Serialize};
use tokio::sync::{broadcast, mpsc};

use crate::checkouts;
use crate::condition;
use crate::history;
use crate::log_report::{self, ShardReport};
use crate::operating;
use crate::operating::turns::Turns;
use crate::parked;
use crate::read_models::ReadModels;
use crate::stock_audit;

/// Lines that may wait for a slow reader before the server waits for it.
const LINES_MAX: usize = 1_024;
/// How long a tail stays silent before an empty line shows that it is alive.
const ALIVE_SECONDS: u64 = 15;

/// What the operator's endpoint works on.
#[derive(Clone)]
pub(crate) struct Operator {
    /// The log.
    pub(crate) log: Arc<dyn EventLog>,
    /// Reads its payloads.
    pub(crate) codec: Arc<Codec>,
    /// How far the log has been read.
    pub(crate) follower: Follower,
    /// Reads parked streams again.
    pub(crate) commands: Commands,
    /// Holds what queries read.
    pub(crate) store: Arc<dyn ReadStore>,
    /// Which generations they read.
    pub(crate) active: ActiveGenerations,
    /// Rebuilds them, and compares them with the log.
    pub(crate) read_models: ReadModels,
    /// Of audits and repairs.
    pub(crate) turns: Turns,
    /// What every request must carry.
    pub(crate) token: Arc<str>,
}

/// How `tail` is asked.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct TailQuery {
    /// Records of each shard to begin with.
    pub(crate) back: u32,
    /// Whether to go on with what happens from now on.
    pub(crate) follow: bool,
}

/// The operator's routes.
pub(crate) fn router(operator: Operator) -> Router {
    Router::new()
        .route("/operator/log/tail", get(tail))
        .route("/operator/log/stats", get(stats))
        .route("/operator/log/verify", get(verify))
        .merge(operating::routes::router())
        .merge(condition::routes::router())
        .merge(history::routes::router())
        .merge(parked::routes::router())
        .merge(checkouts::routes::router())
        .merge(stock_audit::routes::router())
        .layer(middleware::from_fn_with_state(operator.clone(), only_the_operator))
        .with_state(operator)
}

async fn only_the_operator(State(operator): State<Operator>, request: Request, next: Next) -> Response {
    let presented = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let expected = format!("Operator {}", operator.token);
    if presented != Some(expected.as_str()) {
        return StatusCode::NOT_FOUND.into_response();
    }
    next.run(request).await
}

async fn stats(State(operator): State<Operator>) -> Result<Json<Vec<ShardReport>>, Failed> {
    report(operator, false).await
}

async fn verify(State(operator): State<Operator>) -> Result<Json<Vec<ShardReport>>, Failed> {
    report(operator, true).await
}

async fn report(operator: Operator, with_payloads: bool) -> Result<Json<Vec<ShardReport>>, Failed> {
    let reports = tokio::task::spawn_blocking(move || {
        log_report::scan_all(&*operator.log, with_payloads.then_some(&*operator.codec))
    });
    Ok(Json(reports.await.map_err(|error| Failed(error.to_string()))??))
}

async fn tail(State(operator): State<Operator>, Query(query): Query<TailQuery>) -> Response {
    let (lines, body) = lines();
    tokio::spawn(async move {
        // Listening begins before the past is read: what comes in between is seen twice, never missed.
        let live = operator.log.tail();
        let (log, codec, back) = (Arc::clone(&operator.log), Arc::clone(&operator.codec), query.back);
        let past = tokio::task::spawn_blocking(move || {
            log_report::latest(&*log, back).map(|records| {
                let shown: Vec<_> = records.iter().map(|record| (record.shard, record.offset)).collect();
                let text: Vec<_> = records.iter().map(|record| log_report::line(record, &codec)).collect();
                (shown, text)
            })
        });
        let Ok(Ok((shown, text))) = past.await else { return };
        for line in text {
            if lines.send(line).await.is_err() {
                return;
            }
        }
        if query.follow {
            follow(operator, live, shown, lines).await;
        }
    });
    body
}

async fn follow(
    operator: Operator,
    mut live: broadcast::Receiver<Arc<[Arc<event_log::Record>]>>,
    shown: Vec<(domain::stream::Shard, i64)>,
    lines: mpsc::Sender<String>,
) {
    loop {
        let records = match tokio::time::timeout(Duration::from_secs(ALIVE_SECONDS), live.recv()).await {
            Ok(Ok(records)) => records,
            Ok(Err(broadcast::error::RecvError::Lagged(missed))) => {
                if lines
                    .send(format!("… {missed} batches too fast to show"))
                    .await
                    .is_err()
                {
                    return;
                }
                continue;
            }
            Ok(Err(broadcast::error::RecvError::Closed)) => return,
            Err(_) if lines.is_closed() => return,
            Err(_) => continue,
        };
        for record in records
            .iter()
            .filter(|record| !shown.contains(&(record.shard, record.offset)))
        {
            if lines.send(log_report::line(record, &operator.codec)).await.is_err() {
                return;
            }
        }
    }
}

/// A body made of lines as they come.
pub(crate) fn lines() -> (mpsc::Sender<String>, Response) {
    let (sender, receiver) = mpsc::channel::<String>(LINES_MAX);
    let stream = futures::stream::unfold(receiver, |mut receiver| async move {
        let line = receiver.recv().await?;
        Some((Ok::<_, std::convert::Infallible>(Bytes::from(line + "\n")), receiver))
    });
    let body = (
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
        Body::from_stream(stream),
    )
        .into_response();
    (sender, body)
}

struct Failed(String);

impl From<LogError> for Failed {
    fn from(error: LogError) -> Self {
        Self(error.to_string())
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.0).into_response()
    }
}
