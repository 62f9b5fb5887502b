//! Writing an answer: data, errors with their codes, and what it says of its consistency.

use async_graphql::{Response as GraphqlResponse, ServerError};
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::consistency::Consistency;
use crate::error;

/// Bytes to begin an answer with: a page of twenty products fits without growing twice.
const ANSWER_BYTES_EXPECTED: usize = 8 * 1024;
/// Bytes of what stands around the data.
const FRAME_BYTES_EXPECTED: usize = 256;

/// What a client gets.
pub(super) struct Answer {
    body: Vec<u8>,
    is_refused: bool,
    media_type: MediaType,
}

/// How an answer is labelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MediaType {
    /// With which every answer is a 200, as most clients expect.
    Json,
    /// Of the GraphQL-over-HTTP specification, with which a refused query is a 400.
    GraphqlResponse,
}

#[derive(Serialize)]
struct ConsistencyExtension {
    token: String,
    #[serde(rename = "waitedMs")]
    waited_ms: u128,
    stale: bool,
}

impl MediaType {
    const GRAPHQL_RESPONSE: &str = "application/graphql-response+json";

    /// The newer one, when the client says that it understands it.
    pub(super) fn wanted(headers: &HeaderMap) -> Self {
        let mut accepted = headers
            .get_all(header::ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok());
        if accepted.any(|value| value.contains(Self::GRAPHQL_RESPONSE)) {
            Self::GraphqlResponse
        } else {
            Self::Json
        }
    }

    fn name(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Json => "application/json",
            Self::GraphqlResponse => Self::GRAPHQL_RESPONSE,
        })
    }
}

/// The data of a response, as JSON.
pub(super) fn data(response: &GraphqlResponse) -> Bytes {
    let mut data = Vec::with_capacity(ANSWER_BYTES_EXPECTED);
    write(&mut data, &response.data);
    data.into()
}

impl Answer {
    /// All of it was answered.
    pub(super) fn whole(data: Bytes, consistency: &Consistency, media_type: MediaType) -> Self {
        Self::of(Some(&data), &[], consistency, media_type)
    }

    /// Nothing of it ran.
    pub(super) fn refused(errors: Vec<ServerError>, consistency: &Consistency, media_type: MediaType) -> Self {
        Self::with_errors(GraphqlResponse::from_errors(errors), consistency, media_type)
    }

    /// Some or all of it could not be answered.
    pub(super) fn with_errors(mut response: GraphqlResponse, consistency: &Consistency, media_type: MediaType) -> Self {
        error::finish(&mut response.errors);
        // An error of the request as a whole is at no field; then there is no data either.
        let is_refused = response.errors.iter().all(|error| error.path.is_empty());
        let data = (!is_refused).then(|| data(&response));
        Self::of(data.as_ref(), &response.errors, consistency, media_type)
    }

    fn of(data: Option<&Bytes>, errors: &[ServerError], consistency: &Consistency, media_type: MediaType) -> Self {
        let mut body = Vec::with_capacity(data.map_or(ANSWER_BYTES_EXPECTED, Bytes::len) + FRAME_BYTES_EXPECTED);
        body.push(b'{');
        if let Some(data) = data {
            body.extend_from_slice(b"\"data\":");
            body.extend_from_slice(data);
            body.push(b',');
        }
        if !errors.is_empty() {
            body.extend_from_slice(b"\"errors\":");
            write(&mut body, errors);
            body.push(b',');
        }
        let report = consistency.report();
        let extension = ConsistencyExtension {
            token: report.token.to_string(),
            waited_ms: report.waited.as_millis(),
            stale: report.is_stale,
        };
        body.extend_from_slice(b"\"extensions\":{\"consistency\":");
        write(&mut body, &extension);
        body.extend_from_slice(b"}}");
        Self {
            body,
            is_refused: data.is_none(),
            media_type,
        }
    }

    pub(super) fn into_response(self) -> Response {
        let status = if self.is_refused && self.media_type == MediaType::GraphqlResponse {
            StatusCode::BAD_REQUEST
        } else {
            StatusCode::OK
        };
        let mut response = (status, self.body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, self.media_type.name());
        // What one person sees must not be given to another by something in between.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

fn write(body: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
    if let Err(error) = serde_json::to_writer(body, value) {
        tracing::error!(%error, "an answer cannot be written");
    }
}
