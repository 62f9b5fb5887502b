//! Reading what is asked: a JSON body, or the query string of a GET.

use std::time::Duration;

use async_graphql::{Value, Variables};
use axum::body::Body;
use axum::http::{HeaderMap, Uri, header};
use serde::Deserialize;

use super::problem::Problem;
use crate::limits::{BODY_BYTES_MAX, VARIABLE_VALUES_MAX};

/// What a client asks, before anything of it is understood.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) query: String,
    pub(crate) operation_name: Option<String>,
    pub(crate) variables: Variables,
}

/// The body of a POST. Unknown members are ignored, as the GraphQL-over-HTTP specification wants it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Posted {
    query: Option<String>,
    operation_name: Option<String>,
    #[serde(default)]
    variables: Variables,
}

/// The query string of a GET; the variables are JSON in it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Got {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
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
    Asked::new(posted.query, posted.operation_name, posted.variables)
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
    let variables = match got.variables.as_deref().filter(|json| !json.is_empty()) {
        None => Variables::default(),
        Some(json) => serde_json::from_str(json).map_err(|error| Problem::body(&error.to_string()))?,
    };
    let got = got.0;
    Asked::new(got.query, got.operation_name, variables)
}

impl Asked {
    /// Reads the payload of a message that subscribes: the same as a body.
    ///
    /// # Errors
    /// It is none.
    pub(crate) fn from_payload(payload: serde_json::Value) -> Result<Self, Problem> {
        let posted: Posted = serde_json::from_value(payload).map_err(|error| Problem::body(&error.to_string()))?;
        Self::new(posted.query, posted.operation_name, posted.variables)
    }

    fn new(query: Option<String>, operation_name: Option<String>, variables: Variables) -> Result<Self, Problem> {
        let query = query
            .filter(|query| !query.trim().is_empty())
            .ok_or_else(Problem::query_missing)?;
        let mut room = VARIABLE_VALUES_MAX;
        if !variables.values().all(|value| takes_its_room(value, &mut room)) {
            return Err(Problem::too_many_variables());
        }
        Ok(Self {
            query,
            operation_name: operation_name.filter(|name| !name.is_empty()),
            variables,
        })
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
