//! Why something is as it is: event by event, with the command and the person behind each field.

use std::sync::Arc;

use async_graphql::{Json, SimpleObject};
use domain::stream::StreamId;
use serde_json::Value;

use super::scalar::DateTime;
use crate::error::QueryError;
use crate::history::WhyStep as Told;
use crate::limits::{KEY_CHARS_MAX, WHY_STEPS_MAX};
use crate::scope::Scope;

/// An event, and what it made of what was there.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(crate) struct WhyStep {
    /// How many events the stream had after it.
    version: u64,
    /// When.
    at: DateTime,
    /// Who: `guest`, `customer:<id>`, `admin:<name>` or `process:<name>`.
    actor: String,
    /// Who began the story that this belongs to, when a process went on with it; else who did this.
    begun_by: String,
    /// By which command.
    command: String,
    /// In which request; what followed from it has the same.
    request: String,
    /// What happened, for example `OrderPlaced`.
    event: Option<String>,
    /// The fields that it set.
    set: Vec<WhyField>,
    /// The fields that there are no more since.
    gone: Vec<String>,
    /// Why its commit cannot be read; then nothing is told of what it set.
    unreadable: Option<String>,
}

/// A field of the state by which commands are decided.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(crate) struct WhyField {
    /// Which, for example `lines.0.quantity`.
    field: String,
    /// What it holds since; a personal one is masked.
    value: Json<Value>,
}

/// The events of a stream, the oldest first.
pub(super) async fn read(scope: &Arc<Scope>, stream: &str) -> Result<Vec<WhyStep>, QueryError> {
    let named = Some(stream).filter(|stream| stream.len() <= KEY_CHARS_MAX);
    let stream: StreamId = named.and_then(|stream| stream.parse().ok()).ok_or_else(|| {
        let message =
            "a stream is written order/ID, cart/ID, checkout/ID, product/ID, category/ID or stock/LOCATION/SKU";
        QueryError::argument("stream.unknown", message)
    })?;
    let told = scope.history().why(stream, WHY_STEPS_MAX).await?;
    Ok(told.into_iter().map(WhyStep::from).collect())
}

impl From<Told> for WhyStep {
    fn from(told: Told) -> Self {
        let field = |(field, value)| WhyField {
            field,
            value: Json(value),
        };
        Self {
            version: told.version,
            at: DateTime(told.at),
            actor: told.actor,
            begun_by: told.begun_by,
            command: told.command,
            request: told.request,
            event: told.event,
            set: told.set.into_iter().map(field).collect(),
            gone: told.gone,
            unreadable: told.unreadable,
        }
    }
}
