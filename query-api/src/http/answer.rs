//! Writing an answer: data, errors with their codes, and what it says of its consistency.

use async_graphql::{Response as GraphqlResponse, Value};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::consistency::ConsistencyReport;
use crate::error;

/// Bytes to begin an answer with: a page of twenty products fits without growing twice.
const ANSWER_BYTES_EXPECTED: usize = 8 * 1024;
/// The media type of the GraphQL-over-HTTP specification, with which a refused query is a 400.
const GRAPHQL_RESPONSE: &str = "application/graphql-response+json";

/// What a client gets.
pub(super) struct Answer {
    response: GraphqlResponse,
    consistency: ConsistencyReport,
    as_graphql_response: bool,
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [async_graphql::ServerError],
    extensions: Extensions,
}

#[derive(Serialize)]
struct Extensions {
    consistency: ConsistencyExtension,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ConsistencyExtension {
    token: String,
    waited_ms: u128,
    stale: bool,
}

/// Whether the client understands the media type that tells a refused query by its status.
pub(super) fn is_graphql_response_wanted(headers: &HeaderMap) -> bool {
    let accepted = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok());
    accepted.into_iter().any(|value| value.contains(GRAPHQL_RESPONSE))
}

impl Answer {
    pub(super) fn new(
        mut response: GraphqlResponse,
        consistency: ConsistencyReport,
        as_graphql_response: bool,
    ) -> Self {
        error::finish(&mut response.errors);
        Self {
            response,
            consistency,
            as_graphql_response,
        }
    }

    /// Whether the query was refused as a whole: nothing of it ran.
    fn is_refused(&self) -> bool {
        let errors = &self.response.errors;
        !errors.is_empty() && errors.iter().all(|error| error.path.is_empty())
    }

    fn body(&self) -> Vec<u8> {
        let body = Body {
            data: (!self.is_refused()).then_some(&self.response.data),
            errors: &self.response.errors,
            extensions: Extensions {
                consistency: ConsistencyExtension {
                    token: self.consistency.token.to_string(),
                    waited_ms: self.consistency.waited.as_millis(),
                    stale: self.consistency.is_stale,
                },
            },
        };
        let mut bytes = Vec::with_capacity(ANSWER_BYTES_EXPECTED);
        if let Err(error) = serde_json::to_writer(&mut bytes, &body) {
            tracing::error!(%error, "an answer cannot be written");
        }
        bytes
    }

    pub(super) fn into_response(self) -> Response {
        let status = if self.as_graphql_response && self.is_refused() {
            StatusCode::BAD_REQUEST
        } else {
            StatusCode::OK
        };
        let content_type = if self.as_graphql_response {
            GRAPHQL_RESPONSE
        } else {
            "application/json"
        };
        let mut response = (status, self.body()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        // What one person sees must not be given to another by something in between.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}
