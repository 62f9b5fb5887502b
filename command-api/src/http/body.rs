//! Bodies: JSON, bounded, typed, with errors that name the field.

pub(crate) mod read;
pub(crate) mod tree;

use std::time::Duration;

use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::limits::{BODY_BYTES_MAX, BODY_DEPTH_MAX, BODY_SECONDS_MAX, BODY_VALUES_MAX};
use super::problem::Problem;
use read::{Fault, FaultAt};
use tree::{Tree, TreeError};

/// A body that was read, with the digest of its canonical form. No bytes at all are read as `{}`.
pub(crate) struct Body<T> {
    pub(crate) fields: T,
    pub(crate) digest: [u8; 32],
}

impl<T> Body<T> {
    /// Its fields, to be used up, and what is left to tell the request by.
    pub(crate) fn take(self) -> (T, Body<()>) {
        let Self { fields, digest } = self;
        (fields, Body { fields: (), digest })
    }
}

/// A body without fields.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = collected(body).await?;
        if bytes.is_empty() {
            return typed(Tree::Object(Vec::new()));
        }
        check_type(&parts.headers)?;
        typed(Tree::parse(&bytes).map_err(unreadable)?)
    }
}

async fn collected(body: axum::body::Body) -> Result<Bytes, Problem> {
    let reading = Limited::new(body, BODY_BYTES_MAX).collect();
    let collected = tokio::time::timeout(Duration::from_secs(BODY_SECONDS_MAX), reading)
        .await
        .map_err(|_| {
            let detail = format!("the body took longer than {BODY_SECONDS_MAX} seconds to come");
            Problem::new(StatusCode::REQUEST_TIMEOUT, "body.too_slow", detail)
        })?;
    match collected {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            Err(too_large(format!("a body has at most {BODY_BYTES_MAX} bytes")))
        }
        Err(_) => Err(Problem::malformed("body.incomplete", "the body broke off")),
    }
}

/// `application/json`, with whatever parameters but in UTF-8.
fn check_type(headers: &HeaderMap) -> Result<(), Problem> {
    let refused = || {
        let detail = "the body must be JSON: Content-Type: application/json";
        Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "body.not_json", detail).at("Content-Type")
    };
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .ok_or_else(refused)?;
    let mut parts = value.split(';').map(|part| part.trim().to_ascii_lowercase());
    let is_json = parts.next().is_some_and(|essence| essence == "application/json");
    let is_utf8 = parts.all(|parameter| {
        parameter
            .strip_prefix("charset=")
            .is_none_or(|charset| matches!(charset.trim_matches('"'), "utf-8" | "utf8"))
    });
    let is_plain = !headers.contains_key("content-encoding");
    if is_json && is_utf8 && is_plain {
        Ok(())
    } else {
        Err(refused())
    }
}

fn typed<T: DeserializeOwned>(tree: Tree) -> Result<Body<T>, Problem> {
    let mut form = Vec::new();
    tree.write_canonical(&mut form);
    let digest = Sha256::digest(&form).into();
    let fields = read::read(tree).map_err(faulty)?;
    Ok(Body { fields, digest })
}

fn unreadable(error: TreeError) -> Problem {
    match error {
        TreeError::Malformed(why) => Problem::malformed("body.malformed", format!("the body is not JSON: {why}")),
        TreeError::Repeated(name) => {
            Problem::malformed("body.repeated_field", "a name stands twice in one object").at(name)
        }
        TreeError::TooLarge => too_large(format!(
            "a body has at most {BODY_DEPTH_MAX} levels and {BODY_VALUES_MAX} values"
        )),
    }
}

fn too_large(detail: String) -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body.too_large", detail)
}

fn faulty(FaultAt { field, fault }: FaultAt) -> Problem {
    let (status, code) = match &fault {
        Fault::UnknownField(_) => (StatusCode::BAD_REQUEST, "body.unknown_field"),
        Fault::MissingField(_) => (StatusCode::BAD_REQUEST, "body.missing_field"),
        Fault::WrongType(_) => (StatusCode::BAD_REQUEST, "body.wrong_type"),
        Fault::InvalidValue(_) => (StatusCode::UNPROCESSABLE_ENTITY, "body.invalid_value"),
    };
    let name = if field.is_empty() { "the body" } else { &field };
    let problem = Problem::new(status, code, format!("{name} {fault}"));
    if field.is_empty() { problem } else { problem.at(field) }
}

#[cfg(test)]
mod tests;
