//! The operator's routes about the past, and the same answers for who has opened the log alone.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use domain::stream::StreamId;
use query_api::AsOf;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::report::{CommitReport, DiffReport, FieldReport};
use super::scan::{HistoryError, Reader, Wanted};
use super::{diff, why};
use crate::operating::routes::Refused;
use crate::operator::Operator;

/// How long one shard may be read for an operator.
pub(crate) const OPERATOR_PATIENCE: Duration = Duration::from_secs(60);
/// Most commands that are looked for at once.
const COMMANDS_MAX: usize = 16;

/// Which commits are looked for.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Question {
    /// Those of a stream.
    pub(crate) stream: Option<String>,
    /// Up to this version of it.
    pub(crate) until: Option<u64>,
    /// Those of these commands, separated by commas.
    pub(crate) commands: Option<String>,
    /// Those of a request.
    pub(crate) request: Option<Uuid>,
}

/// Between which points of its past a stream is compared.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DiffQuestion {
    /// Which stream.
    pub(crate) stream: String,
    /// A version, or a moment in RFC 3339.
    pub(crate) from: String,
    /// The same; now without.
    pub(crate) to: Option<String>,
}

/// The operator's routes about the past.
pub(crate) fn router() -> Router<Operator> {
    Router::new()
        .route("/operator/history", post(commits))
        .route("/operator/history/why", post(why))
        .route("/operator/history/diff", post(diff))
}

async fn commits(
    State(operator): State<Operator>,
    Json(question): Json<Question>,
) -> Result<Json<Vec<CommitReport>>, Refused> {
    answered(operator, move |reader| answer(reader, &question)).await
}

async fn why(
    State(operator): State<Operator>,
    Json(question): Json<Question>,
) -> Result<Json<Vec<FieldReport>>, Refused> {
    answered(operator, move |reader| explain(reader, &question)).await
}

async fn diff(
    State(operator): State<Operator>,
    Json(question): Json<DiffQuestion>,
) -> Result<Json<DiffReport>, Refused> {
    answered(operator, move |reader| compare(reader, &question)).await
}

/// Reads on a thread that may wait.
async fn answered<T: Send + 'static>(
    operator: Operator,
    read: impl FnOnce(&Reader) -> Result<T, Unanswered> + Send + 'static,
) -> Result<Json<T>, Refused> {
    let reader = Reader::new(operator.log, operator.codec, OPERATOR_PATIENCE);
    let reading = tokio::task::spawn_blocking(move || read(&reader)).await;
    let read = reading.map_err(|error| Unanswered::from(HistoryError::Interrupted(error.to_string())))?;
    Ok(Json(read?))
}

/// The commits that are asked for. Blocks.
pub(crate) fn answer(reader: &Reader, question: &Question) -> Result<Vec<CommitReport>, Unanswered> {
    let found = match question {
        Question {
            stream: Some(stream), ..
        } => reader.stream(&stream_named(stream)?, question.until, None)?,
        Question {
            commands: Some(commands),
            ..
        } => {
            let ids: Result<BTreeSet<Uuid>, _> = commands.split(',').take(COMMANDS_MAX).map(Uuid::parse_str).collect();
            let ids = ids.map_err(|_| Unanswered::new("command.malformed", "a command's id is a UUID"))?;
            reader.everywhere(&Wanted::Commands(ids))?
        }
        Question {
            request: Some(request), ..
        } => reader.everywhere(&Wanted::Story(*request))?,
        _ => return Err(Unanswered::new("question.empty", "nothing is asked for")),
    };
    Ok(found
        .iter()
        .map(|found| CommitReport::of(found, &reader.wire))
        .collect())
}

/// Where each field of a stream's state comes from. Blocks.
pub(crate) fn explain(reader: &Reader, question: &Question) -> Result<Vec<FieldReport>, Unanswered> {
    let stream = stream_named(question.stream.as_deref().unwrap_or_default())?;
    let found = reader.stream(&stream, question.until, None)?;
    Ok(why::fields_of(&stream, &found, &reader.wire))
}

/// What differs between two points of a stream's past. Blocks.
pub(crate) fn compare(reader: &Reader, question: &DiffQuestion) -> Result<DiffReport, Unanswered> {
    let stream = stream_named(&question.stream)?;
    let point = |text: &str| {
        let parsed = text.parse::<AsOf>();
        parsed.map_err(|error| Unanswered::new("point.malformed", &error.to_string()))
    };
    let from = point(&question.from)?;
    let to = question.to.as_deref().map_or(Ok(AsOf::Version(u64::MAX)), point)?;
    let found = reader.stream(&stream, None, None)?;
    diff::between(&stream, &found, &reader.wire, from, to)
        .map_err(|_| Unanswered::new("points.backwards", "the second point lies before the first one"))
}

fn stream_named(text: &str) -> Result<StreamId, Unanswered> {
    text.parse().map_err(|_| {
        Unanswered::new(
            "stream.unknown",
            "a stream is written cart/ID, order/ID, checkout/ID, product/ID, category/ID, stock/LOCATION/SKU, \
             hold/RESERVATION/LOCATION/SKU, name/KIND/NAME, order-counter/N, generation/PROJECTION or shop",
        )
    })
}

/// Why a question about the past has no answer.
#[derive(Debug, thiserror::Error)]
#[error("{message} ({code})")]
pub(crate) struct Unanswered {
    code: &'static str,
    message: String,
    is_malformed: bool,
}

impl Unanswered {
    fn new(code: &'static str, message: &str) -> Self {
        Self {
            code,
            message: message.to_owned(),
            is_malformed: true,
        }
    }
}

impl From<HistoryError> for Unanswered {
    fn from(error: HistoryError) -> Self {
        Self {
            code: error.code(),
            message: error.to_string(),
            is_malformed: false,
        }
    }
}

impl From<Unanswered> for Refused {
    fn from(unanswered: Unanswered) -> Self {
        let status = if unanswered.is_malformed {
            StatusCode::UNPROCESSABLE_ENTITY
        } else {
            StatusCode::SERVICE_UNAVAILABLE
        };
        Self::new(status, unanswered.code, &unanswered.message)
    }
}
