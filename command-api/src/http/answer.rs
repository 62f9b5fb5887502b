//! What a caller is told when something was done.

use axum::http::header::{CONTENT_TYPE, ETAG, LOCATION};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::ConsistencyToken;
use serde::Serialize;

use super::headers::{CONSISTENCY_TOKEN, IDEMPOTENT_REPLAYED};
use super::intent::Intent;
use super::problem::Problem;
use crate::{Outcome, Seen};

/// What handlers return.
pub(crate) type Answered = Result<Answer, Problem>;

/// Something was done, or is.
pub(crate) struct Answer {
    status: StatusCode,
    body: Vec<u8>,
    version: Option<u64>,
    token: ConsistencyToken,
    replayed: bool,
    location: Option<String>,
}

impl Answer {
    /// What came of a request, shown as `view`. The caller's token is merged in, so that it only grows.
    pub(crate) fn of(intent: &Intent, outcome: &Outcome, view: &impl Serialize) -> Answered {
        let mut token = intent.after.clone();
        token.merge(&outcome.token());
        Ok(Self {
            status: StatusCode::OK,
            body: rendered(view)?,
            version: Some(outcome.version),
            token,
            replayed: outcome.replayed,
            location: None,
        })
    }

    /// What was seen, shown as `view`.
    pub(crate) fn seen(intent: &Intent, seen: &Seen, view: &impl Serialize) -> Answered {
        let mut token = intent.after.clone();
        token.merge(&seen.token);
        Ok(Self {
            status: StatusCode::OK,
            body: rendered(view)?,
            version: Some(seen.version),
            token,
            replayed: false,
            location: None,
        })
    }

    /// What was made beside the log, shown as `view`.
    pub(crate) fn made(intent: &Intent, view: &impl Serialize) -> Answered {
        Ok(Self {
            status: StatusCode::OK,
            body: rendered(view)?,
            version: None,
            token: intent.after.clone(),
            replayed: false,
            location: None,
        })
    }

    /// Something new exists at `location`.
    #[must_use]
    pub(crate) fn created(mut self, location: String) -> Self {
        self.status = StatusCode::CREATED;
        self.location = Some(location);
        self
    }

    /// It runs still; `location` tells how far it is.
    #[must_use]
    pub(crate) fn accepted(mut self, location: String) -> Self {
        self.status = StatusCode::ACCEPTED;
        self.location = Some(location);
        self
    }

    /// The answer is of no one version: it shows what never changes.
    #[must_use]
    pub(crate) fn without_version(mut self) -> Self {
        self.version = None;
        self
    }

    /// What a later question must have seen as well.
    #[must_use]
    pub(crate) fn including(mut self, token: &ConsistencyToken) -> Self {
        self.token.merge(token);
        self
    }
}

fn rendered(view: &impl Serialize) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(view).map_err(|error| {
        tracing::error!(%error, "an answer cannot be written");
        Problem::internal()
    })
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let mut set = |name: HeaderName, text: String| {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(name, value);
            }
        };
        if !self.token.is_empty() {
            set(HeaderName::from_static(CONSISTENCY_TOKEN), self.token.to_string());
        }
        if let Some(version) = self.version {
            set(ETAG, format!("\"{version}\""));
        }
        if let Some(location) = self.location {
            set(LOCATION, location);
        }
        if self.replayed {
            set(HeaderName::from_static(IDEMPOTENT_REPLAYED), "true".to_owned());
        }
        response
    }
}
