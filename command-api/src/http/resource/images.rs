//! Uploaded images.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::http::answer::{Answer, Answered};
use crate::http::image;
use crate::http::intent::Admin;
use crate::http::limits::{BODY_SECONDS_MAX, IMAGE_BYTES_MAX};
use crate::http::problem::Problem;
use crate::http::state::HttpState;

/// `POST /v1/images`: the bytes of a file, whatever its `Content-Type` says. The same bytes give the same address.
pub(crate) async fn upload(State(shop): State<HttpState>, Admin(intent): Admin, request: Request) -> Answered {
    let store = shop.images().ok_or_else(unavailable)?;
    let turn = Arc::clone(&shop.uploading).try_acquire_owned();
    let turn = turn.map_err(|_| unavailable().retry_after(Some(Duration::from_secs(1))))?;
    let reading = Limited::new(request.into_body(), IMAGE_BYTES_MAX).collect();
    let read = tokio::time::timeout(Duration::from_secs(BODY_SECONDS_MAX), reading).await;
    let bytes = match read {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(error)) if error.is::<LengthLimitError>() => return Err(image::too_large()),
        Ok(Err(_)) => return Err(Problem::malformed("body.incomplete", "the body broke off")),
        Err(_) => {
            let detail = format!("the body took longer than {BODY_SECONDS_MAX} seconds to come");
            return Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "body.too_slow", detail));
        }
    };
    let seen = image::look(&bytes)?;
    let name = seen.name.clone();
    let keeping = tokio::task::spawn_blocking(move || {
        let kept = store.keep(&name, &bytes);
        // Held until the disk is done, also when nobody waits for the answer any more.
        drop(turn);
        kept
    });
    match keeping.await {
        Ok(Ok(())) => Ok(Answer::made(&intent, &seen)?.created(seen.url.clone())),
        Ok(Err(error)) => {
            tracing::error!(%error, "an image cannot be kept");
            Err(unavailable())
        }
        Err(_) => Err(Problem::internal()),
    }
}

fn unavailable() -> Problem {
    let detail = "images cannot be taken now";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "image.unavailable", detail).with("outcome", "not executed")
}
