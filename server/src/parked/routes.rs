//! The server's half: routes of the operator's endpoint about what is parked.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::stream::StreamId;

use super::report::{OfStream, ParkedCommits, ParkedReport, ParkedStream, ParkedView, RetryReport, SkippedReport};
use super::skips::Skipping;
use crate::history::report::CommitReport;
use crate::history::{Found, HistoryError, OPERATOR_PATIENCE, Reader};
use crate::operating::routes::Refused;
use crate::operator::Operator;

/// The operator's routes about what is parked.
pub(crate) fn router() -> Router<Operator> {
    Router::new()
        .route("/operator/parked", get(list))
        .route("/operator/parked/show", post(show))
        .route("/operator/parked/retry", post(retry))
        .route("/operator/parked/skip", post(skip))
}

fn skipping(operator: &Operator) -> Skipping {
    Skipping {
        codec: operator.codec.clone(),
        commands: operator.commands.clone(),
        read_models: operator.read_models.clone(),
    }
}

async fn list(State(operator): State<Operator>) -> Result<Json<ParkedReport>, Refused> {
    report(&operator).await.map(Json)
}

async fn report(operator: &Operator) -> Result<ParkedReport, Refused> {
    let commands = operator.commands.clone();
    let look = tokio::task::spawn_blocking(move || commands.parked().map_err(|error| error.to_string())).await;
    let streams = look
        .map_err(|error| unavailable(&error))?
        .map_err(|error| unavailable(&error))?;
    let streams = streams.into_iter().map(|(shard, stream)| ParkedStream {
        stream: stream.to_string(),
        shard: shard.to_string(),
    });
    let views = operator
        .read_models
        .parked()
        .await
        .map_err(|error| unavailable(&error))?;
    let views_of = |parked: projectors::ParkedCommit| ParkedView {
        projection: parked.projection.to_owned(),
        view: parked.view,
        shard: parked.shard.to_string(),
        offset: parked.offset,
        why: parked.why,
    };
    let counts = operator
        .read_models
        .status()
        .into_iter()
        .map(|status| status.parked_views);
    let skipped = operator.codec.skipped().all().into_iter();
    Ok(ParkedReport {
        streams: streams.collect(),
        views: views.into_iter().map(views_of).collect(),
        views_count: counts.sum(),
        skipped: skipped
            .map(|(shard, offset)| SkippedReport {
                shard: shard.to_string(),
                offset,
            })
            .collect(),
    })
}

fn unavailable(error: &dyn std::fmt::Display) -> Refused {
    Refused::new(StatusCode::SERVICE_UNAVAILABLE, "parked.unavailable", error)
}

async fn show(State(operator): State<Operator>, Json(asked): Json<OfStream>) -> Result<Json<ParkedCommits>, Refused> {
    let stream = stream_of(&asked)?;
    let (reader, waiting) = waiting(&operator, stream).await?;
    let commits = waiting.iter().map(|found| CommitReport::of(found, &reader.wire));
    Ok(Json(ParkedCommits {
        commits: commits.collect(),
    }))
}

async fn retry(State(operator): State<Operator>, Json(asked): Json<OfStream>) -> Result<Json<RetryReport>, Refused> {
    let (taken_in, failures) = skipping(&operator).read_again().await;
    let left = report(&operator).await?;
    Ok(Json(RetryReport {
        taken_in,
        failures,
        left: match &asked.stream {
            Some(stream) => left.of(stream),
            None => left,
        },
    }))
}

async fn skip(State(operator): State<Operator>, Json(asked): Json<OfStream>) -> Result<Json<RetryReport>, Refused> {
    let stream = stream_of(&asked)?;
    let (reader, waiting) = waiting(&operator, stream).await?;
    let Some(first) = waiting.first() else {
        let message = "every commit of the stream can be read: nothing of it is parked, or `retry` is enough";
        return Err(Refused::new(StatusCode::CONFLICT, "parked.readable", message));
    };
    let (shard, offset) = (first.record.shard, first.record.offset);
    let why = first.events(&reader.wire).err().unwrap_or_default();
    let touched: BTreeSet<String> = first
        .record
        .envelope
        .streams
        .iter()
        .map(|touched| touched.stream.to_string())
        .collect();
    let skipping = skipping(&operator);
    let skipped = skipping.skip(shard, offset, touched.into_iter().collect(), why).await;
    skipped.map_err(|error| Refused::new(StatusCode::CONFLICT, error.code(), &error))?;
    retry(State(operator), Json(asked)).await
}

/// The commits of a stream from the first on that cannot be read.
async fn waiting(operator: &Operator, stream: StreamId) -> Result<(Reader, Vec<Found>), Refused> {
    let reader = Reader::new(operator.log.clone(), operator.codec.clone(), OPERATOR_PATIENCE);
    let read = tokio::task::spawn_blocking(move || -> Result<_, HistoryError> {
        let commits = reader.stream(&stream, None, None)?;
        let first = commits.iter().position(|found| found.events(&reader.wire).is_err());
        let waiting = first.map_or_else(Vec::new, |first| commits[first..].to_vec());
        Ok((reader, waiting))
    });
    let read = read.await.map_err(|error| unavailable(&error))?;
    read.map_err(|error| Refused::new(StatusCode::SERVICE_UNAVAILABLE, error.code(), &error))
}

fn stream_of(asked: &OfStream) -> Result<StreamId, Refused> {
    let text = asked.stream.as_deref().unwrap_or_default();
    let message = "there is no such stream; `tillroll parked list` names those that stand still";
    text.parse()
        .map_err(|_| Refused::new(StatusCode::UNPROCESSABLE_ENTITY, "stream.unknown", message))
}
