//! What is wrong with a request itself, as problem+json (RFC 9457).

use std::borrow::Cow;

use access::{AccessError, MalformedCredentials, Principal, RequestId, Visitor};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::stream::Topic;
use serde::Serialize;
use strum::IntoEnumIterator;

use crate::audience::AudienceError;
use crate::error::QueryError;
use crate::history::HistoryError;
use crate::limits::{BODY_BYTES_MAX, BODY_MS_MAX, EVENTS_LAST_MAX, VARIABLE_VALUES_MAX};
use crate::live::LiveError;

/// When asking again makes sense, while something cannot be read.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("1");

/// What is wrong with a request.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: Cow<'static, str>,
    field: Option<&'static str>,
    /// The methods that are answered there, when it was another one.
    allow: Option<&'static str>,
}

#[derive(Serialize)]
struct Body<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    code: &'a str,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    request_id: &'a str,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            field: None,
            allow: None,
        }
    }

    fn of_field(self, field: &'static str) -> Self {
        Self {
            field: Some(field),
            ..self
        }
    }

    /// Another method than those that are answered there.
    pub(super) fn method(allow: &'static str) -> Self {
        let detail = format!("ask with one of these: {allow}");
        Self {
            allow: Some(allow),
            ..Self::new(StatusCode::METHOD_NOT_ALLOWED, "request.method", detail)
        }
    }

    pub(super) fn content_type() -> Self {
        let detail = "the body must be application/json in UTF-8";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "request.content_type", detail)
    }

    pub(super) fn encoding() -> Self {
        let detail = "the body must not be compressed";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "request.content_encoding", detail)
    }

    pub(super) fn body_too_large() -> Self {
        let detail = format!("a request may have {BODY_BYTES_MAX} bytes, and must arrive whole");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "request.too_large", detail)
    }

    pub(super) fn body_too_slow() -> Self {
        let detail = format!("the body must arrive within {BODY_MS_MAX} ms");
        Self::new(StatusCode::REQUEST_TIMEOUT, "request.timeout", detail)
    }

    /// `why` is the parser's own account, which names places and kinds, not contents.
    pub(super) fn body(why: &str) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "request.malformed",
            format!("the request cannot be read: {why}"),
        )
    }

    pub(super) fn batch() -> Self {
        let detail = "one request asks one document; put several queries into it under aliases";
        Self::new(StatusCode::BAD_REQUEST, "request.batch", detail)
    }

    pub(super) fn query_missing() -> Self {
        let detail = "there is no query; ask like this: {\"query\": \"{ shop { name } }\"}";
        Self::new(StatusCode::BAD_REQUEST, "request.query_missing", detail).of_field("query")
    }

    pub(super) fn persisted_version() -> Self {
        let detail = "a persisted query is named in version 1: {\"version\": 1, \"sha256Hash\": …}";
        Self::new(StatusCode::BAD_REQUEST, "request.persisted_version", detail).of_field("extensions")
    }

    pub(super) fn persisted_hash() -> Self {
        let detail = "a persisted query is named by the SHA-256 of its text, in 64 hexadecimal digits";
        Self::new(StatusCode::BAD_REQUEST, "request.persisted_hash", detail).of_field("extensions")
    }

    pub(super) fn too_many_variables() -> Self {
        let detail = format!("the variables may have {VARIABLE_VALUES_MAX} values");
        Self::new(StatusCode::BAD_REQUEST, "request.too_many_variables", detail).of_field("variables")
    }

    pub(super) fn token() -> Self {
        let detail = "the header Consistency-Token is not one that a command or an answer gave";
        Self::new(StatusCode::BAD_REQUEST, "token.malformed", detail)
    }

    /// `why` is the parser's own account of the query string.
    pub(super) fn malformed(why: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "request.malformed", why.to_owned())
    }

    pub(super) fn topic() -> Self {
        let names: Vec<&str> = Topic::iter().map(Topic::name).collect();
        let detail = format!("topics is a list of names with commas: {}", names.join(", "));
        Self::new(StatusCode::BAD_REQUEST, "events.topic", detail).of_field("topics")
    }

    pub(super) fn page_size(most: usize) -> Self {
        let detail = format!("limit must be from 1 to {most}");
        Self::new(StatusCode::BAD_REQUEST, "page.size", detail).of_field("limit")
    }

    pub(super) fn no_such_stock() -> Self {
        let detail = "there can be no such SKU";
        Self::new(StatusCode::NOT_FOUND, "stock.sku_absent", detail)
    }

    pub(super) fn location() -> Self {
        let detail = "there can be no such location";
        Self::new(StatusCode::BAD_REQUEST, "location.invalid", detail).of_field("location")
    }

    pub(super) fn events_last() -> Self {
        let detail = format!("last must be from 1 to {EVENTS_LAST_MAX}, and stands in the place of after");
        Self::new(StatusCode::BAD_REQUEST, "events.last", detail).of_field("last")
    }

    pub(super) fn live_unavailable() -> Self {
        LiveError::Unavailable.into()
    }

    /// Only admins see it; this is somebody else.
    pub(super) fn not_admitted(visitor: &Visitor) -> Self {
        match visitor.identity() {
            Principal::Anonymous | Principal::Guest { .. } => Self::new(
                StatusCode::UNAUTHORIZED,
                "access.required",
                "this needs an access token",
            ),
            Principal::Customer { .. } | Principal::Admin { .. } => {
                Self::new(StatusCode::FORBIDDEN, "access.denied", "this is not allowed to you")
            }
        }
    }

    pub(crate) fn too_many_sockets() -> Self {
        let detail = "too many are listening; try again later";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "socket.too_many", detail)
    }

    pub(crate) fn origin() -> Self {
        let detail = "pages of this origin may not listen; the knob --origins names those that may";
        Self::new(StatusCode::FORBIDDEN, "origin.denied", detail)
    }

    pub(crate) fn code(&self) -> &'static str {
        self.code
    }

    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    /// The answer that says so; `request` are the headers of what was asked, by which it is called.
    pub(crate) fn into_response(self, request: &HeaderMap) -> Response {
        let request_id = RequestId::of(request);
        let body = Body {
            r#type: format!("urn:tillroll:{}", self.code),
            title: self.status.canonical_reason().unwrap_or_default(),
            status: self.status.as_u16(),
            code: self.code,
            detail: &self.detail,
            field: self.field,
            request_id: request_id.as_str(),
        };
        let body = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(allow) = self.allow {
            headers.insert(header::ALLOW, HeaderValue::from_static(allow));
        }
        match self.status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(header::RETRY_AFTER, RETRY_AFTER_SECONDS);
            }
            _ => {}
        }
        response
    }
}

impl From<MalformedCredentials> for Problem {
    fn from(error: MalformedCredentials) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, error.code(), error.to_string())
    }
}

impl From<AccessError> for Problem {
    fn from(error: AccessError) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, error.code(), error.to_string())
    }
}

impl From<AudienceError> for Problem {
    fn from(error: AudienceError) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error.code(), error.to_string())
    }
}

impl From<LiveError> for Problem {
    fn from(error: LiveError) -> Self {
        let status = match error {
            LiveError::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            LiveError::Lost | LiveError::TooOld => StatusCode::GONE,
            LiveError::Cursor | LiveError::OtherLog | LiveError::OtherTopics(_) => StatusCode::BAD_REQUEST,
        };
        Self::new(status, error.code(), error.to_string()).of_field("after")
    }
}

impl From<HistoryError> for Problem {
    fn from(error: HistoryError) -> Self {
        let error = QueryError::from(error);
        error.log();
        Self::new(StatusCode::SERVICE_UNAVAILABLE, error.code(), error.message())
    }
}

/// The shop itself could not be read, so nothing can be answered.
impl From<QueryError> for Problem {
    fn from(error: QueryError) -> Self {
        error.log();
        let status = match error.code() {
            "query.unavailable" => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::new(status, error.code(), error.message())
    }
}
