//! The edge: what every request passes on its way in and every answer on its way out.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use access::RequestId;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use tower_http::cors::{Any, CorsLayer};

use super::headers::{CONSISTENCY_TOKEN, IDEMPOTENCY_KEY, IDEMPOTENT_REPLAYED, PREFER, REQUEST_ID, TRACEPARENT};
use super::limits::{PREFLIGHT_SECONDS, REQUEST_SECONDS_MAX};
use super::problem::Problem;

/// Gives the request a name, bounds its time, catches what panics, and writes problems out.
pub(crate) async fn pass(mut request: Request, next: Next) -> Response {
    let id = RequestId::of(request.headers());
    request.extensions_mut().insert(id.clone());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let answering = AssertUnwindSafe(next.run(request)).catch_unwind();
    let mut response = match tokio::time::timeout(Duration::from_secs(REQUEST_SECONDS_MAX), answering).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => Problem::internal().into_response(),
        Err(_) => took_too_long().into_response(),
    };
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        response = problem.answer(id.as_str());
    }
    let status = response.status();
    if status == StatusCode::INTERNAL_SERVER_ERROR {
        tracing::error!(%method, path, request_id = id.as_str(), "a request failed through a fault of ours");
    } else {
        tracing::debug!(%method, path, status = status.as_u16(), request_id = id.as_str(), "answered");
    }
    secure(response.headers_mut());
    id.name(response.headers_mut());
    response
}

/// Nobody knows whether the command was done: its own deadline should have passed first.
fn took_too_long() -> Problem {
    let detail = "the answer took too long; asking again with the same key tells what came of it";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "outcome.unknown", detail)
        .with("outcome", "unknown")
        .retry_after(Some(Duration::from_secs(1)))
}

/// Answers are data: never cached, never run, never framed.
fn secure(headers: &mut HeaderMap) {
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    let policy = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
    headers.insert(CONTENT_SECURITY_POLICY, policy);
}

/// Any web page may ask: who asks is said by headers alone, which no browser adds by itself.
pub(crate) fn cors() -> CorsLayer {
    let named = |names: &[&'static str]| {
        names
            .iter()
            .map(|name| HeaderName::from_static(name))
            .collect::<Vec<_>>()
    };
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers(named(&[
            "authorization",
            "accept-language",
            "content-type",
            "if-match",
            access::CART_SECRET_HEADER,
            CONSISTENCY_TOKEN,
            IDEMPOTENCY_KEY,
            PREFER,
            REQUEST_ID,
            TRACEPARENT,
        ]))
        .expose_headers(named(&[
            "etag",
            "location",
            "retry-after",
            CONSISTENCY_TOKEN,
            IDEMPOTENT_REPLAYED,
            REQUEST_ID,
        ]))
        .max_age(Duration::from_secs(PREFLIGHT_SECONDS))
}

#[cfg(test)]
mod tests;
