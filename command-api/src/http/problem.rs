//! What a caller is told when something was not done: `application/problem+json` (RFC 9457).

use std::borrow::Cow;
use std::time::Duration;

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

/// Why a request was not done.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    /// The stable code, for example `cart.empty`.
    pub(crate) code: Cow<'static, str>,
    /// One sentence for people; never internals, never what was sent.
    pub(crate) detail: String,
    /// Which field of the body, path or headers is to blame: `lines[0].quantity`.
    pub(crate) field: Option<String>,
    /// When asking again makes sense.
    pub(crate) retry_after: Option<Duration>,
    /// More facts: `available`, `total`, `version`.
    pub(crate) facts: Map<String, Value>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, code: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        Self {
            status,
            code: code.into(),
            detail: detail.into(),
            field: None,
            retry_after: None,
            facts: Map::new(),
        }
    }

    /// The request cannot be read.
    pub(crate) fn malformed(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    /// Understood, but the value of `field` is not acceptable.
    pub(crate) fn value(code: &'static str, field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail).at(field)
    }

    /// There is no such thing, or none that this caller may know of.
    pub(crate) fn absent(code: &'static str, detail: &'static str) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, detail)
    }

    /// The fault is ours; what it was stands in the log and nowhere else.
    pub(crate) fn internal() -> Self {
        let detail = "something went wrong on our side; the request id finds it in our log";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
    }

    #[must_use]
    pub(crate) fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    #[must_use]
    pub(crate) fn with(mut self, fact: &str, value: impl Into<Value>) -> Self {
        self.facts.insert(fact.to_owned(), value.into());
        self
    }

    #[must_use]
    pub(crate) fn retry_after(mut self, wait: Option<Duration>) -> Self {
        self.retry_after = wait;
        self
    }

    /// The answer that says so. `type` names the code; there is no page behind it.
    pub(crate) fn answer(&self, request_id: &str) -> Response {
        let mut body = self.facts.clone();
        body.insert("type".to_owned(), json!(format!("urn:tillroll:{}", self.code)));
        body.insert(
            "title".to_owned(),
            json!(self.status.canonical_reason().unwrap_or("Problem")),
        );
        body.insert("status".to_owned(), json!(self.status.as_u16()));
        body.insert("code".to_owned(), json!(self.code));
        body.insert("detail".to_owned(), json!(self.detail));
        body.insert("request_id".to_owned(), json!(request_id));
        if let Some(field) = &self.field {
            body.insert("field".to_owned(), json!(field));
        }
        let mut response = (self.status, Value::Object(body).to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(wait) = self.retry_after {
            let seconds = wait.as_millis().div_ceil(1_000).max(1);
            headers.insert(
                RETRY_AFTER,
                HeaderValue::from(u64::try_from(seconds).unwrap_or(u64::MAX)),
            );
        }
        response
    }
}

/// Only carries the problem out of a handler: the edge knows the request's id and writes the answer.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
