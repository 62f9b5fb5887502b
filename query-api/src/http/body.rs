//! Reading what is asked: a JSON body, or the query string of a GET.

use std::time::Duration;

use async_graphql::{Value, Variables};
use axum::body::Body;
use axum::http::{HeaderMap, Uri, header};
use serde::Deserialize;

use super::problem::Problem;
use crate::document::{DocumentHash, Source};
use crate::limits::{BODY_BYTES_MAX, VARIABLE_VALUES_MAX};

/// The only form of persisted queries that there is.
const PERSISTED_VERSION: u32 = 1;

/// What a client asks, before anything of it is understood.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) source: Source,
    pub(crate) operation_name: Option<String>,
    pub(crate) variables: Variables,
}

/// What is said beside a query; what is not known of it is ignored.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Extensions {
    persisted_query: Option<PersistedQuery>,
}

/// A query by its hash, as Apollo's clients send it.
#[derive(Deserialize)]
struct PersistedQuery {
    version: u32,
    #[serde(rename = "sha256Hash")]
    hash: String,
}

/// The body of a POST. Unknown members are ignored, as the GraphQL-over-HTTP specification wants it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Posted {
    query: Option<String>,
    operation_name: Option<String>,
    #[serde(default)]
    variables: Variables,
    extensions: Option<Extensions>,
}

/// The query string of a GET; the variables and the extensions are JSON in it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Got {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

/// Reads the body of a POST, which must be there within `patience`.
///
/// # Errors
/// It is not JSON by its type or by its text, too large, too slow, or a batch.
pub(super) async fn read(headers: &HeaderMap, body: Body, patience: Duration) -> Result<Asked, Problem> {
    check_type(headers)?;
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|bytes| bytes > BODY_BYTES_MAX as u64) {
        return Err(Problem::body_too_large());
    }
    let arrived = tokio::time::timeout(patience, axum::body::to_bytes(body, BODY_BYTES_MAX)).await;
    let bytes = arrived.map_err(|_| Problem::body_too_slow())?;
    // One that breaks off is taken for one that is too large: nobody is left to be told the difference.
    let bytes = bytes.map_err(|_| Problem::body_too_large())?;
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
        return Err(Problem::batch());
    }
    let posted: Posted = serde_json::from_slice(&bytes).map_err(|error| Problem::body(&error.to_string()))?;
    Asked::of(posted)
}

/// Reads the query string of a GET.
///
/// # Errors
/// It is too long, or its variables are not JSON.
pub(super) fn read_uri(uri: &Uri) -> Result<Asked, Problem> {
    if uri.query().unwrap_or_default().len() > BODY_BYTES_MAX {
        return Err(Problem::body_too_large());
    }
    let got = axum::extract::Query::<Got>::try_from_uri(uri).map_err(|error| Problem::body(&error.body_text()))?;
    let got = got.0;
    Asked::of(Posted {
        query: got.query,
        operation_name: got.operation_name,
        variables: part(got.variables.as_deref())?.unwrap_or_default(),
        extensions: part(got.extensions.as_deref())?,
    })
}

/// A part of a query string that is JSON, when there is one.
fn part<T: serde::de::DeserializeOwned>(json: Option<&str>) -> Result<Option<T>, Problem> {
    let json = json.filter(|json| !json.is_empty());
    json.map(serde_json::from_str)
        .transpose()
        .map_err(|error| Problem::body(&error.to_string()))
}

impl Asked {
    /// Reads the payload of a message that subscribes: the same as a body.
    ///
    /// # Errors
    /// It is none.
    pub(crate) fn from_payload(payload: serde_json::Value) -> Result<Self, Problem> {
        let posted: Posted = serde_json::from_value(payload).map_err(|error| Problem::body(&error.to_string()))?;
        Self::of(posted)
    }

    fn of(posted: Posted) -> Result<Self, Problem> {
        let text = posted.query.filter(|query| !query.trim().is_empty());
        let persisted = posted.extensions.unwrap_or_default().persisted_query;
        let hash = persisted.map(PersistedQuery::read).transpose()?;
        let source = match (text, hash) {
            (Some(text), None) => Source::Text(text),
            (Some(text), Some(hash)) => Source::Named(text, hash),
            (None, Some(hash)) => Source::Known(hash),
            (None, None) => return Err(Problem::query_missing()),
        };
        let variables = posted.variables;
        let mut room = VARIABLE_VALUES_MAX;
        if !variables.values().all(|value| takes_its_room(value, &mut room)) {
            return Err(Problem::too_many_variables());
        }
        Ok(Self {
            source,
            operation_name: posted.operation_name.filter(|name| !name.is_empty()),
            variables,
        })
    }
}

impl PersistedQuery {
    fn read(self) -> Result<DocumentHash, Problem> {
        if self.version != PERSISTED_VERSION {
            return Err(Problem::persisted_version());
        }
        DocumentHash::from_hex(&self.hash).ok_or_else(Problem::persisted_hash)
    }
}

/// Takes the room that a value needs; whether there was enough. The JSON reader bounds how deep values go.
fn takes_its_room(value: &Value, room: &mut usize) -> bool {
    let Some(left) = room.checked_sub(1) else {
        return false;
    };
    *room = left;
    match value {
        Value::List(values) => values.iter().all(|value| takes_its_room(value, room)),
        Value::Object(members) => members.values().all(|value| takes_its_room(value, room)),
        _ => true,
    }
}

/// Only `application/json` in UTF-8, uncompressed: a page of another site cannot send that without asking first.
fn check_type(headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    if headers.contains_key(header::CONTENT_ENCODING)
        && !text(header::CONTENT_ENCODING).eq_ignore_ascii_case("identity")
    {
        return Err(Problem::encoding());
    }
    let mut parts = text(header::CONTENT_TYPE).split(';').map(str::trim);
    let is_json = parts
        .next()
        .is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    let is_utf8 = |parameter: &str| {
        let charset = parameter.to_ascii_lowercase();
        charset
            .strip_prefix("charset=")
            .is_none_or(|charset| charset.trim_matches('"') == "utf-8")
    };
    if is_json && parts.all(is_utf8) {
        Ok(())
    } else {
        Err(Problem::content_type())
    }
}
