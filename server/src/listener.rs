//! Connections: as many as there may be, each with a limit to how long a request's head may take.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::map_response;
use axum::response::Response;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use lingering::Lingering;
use query_api::limits::SOCKETS_MAX;

mod lingering;

/// Most connections at once; who comes later waits in the system's queue.
const CONNECTIONS_MAX: usize = 8_192;
/// Connections that are left for requests when all streams of events are taken.
const CONNECTIONS_FOR_REQUESTS_MIN: usize = 2_048;
const _: () = assert!(
    SOCKETS_MAX + CONNECTIONS_FOR_REQUESTS_MIN <= CONNECTIONS_MAX,
    "who only listens does not shut out who asks"
);
/// Open files that suffice for all connections, all sockets (which are no connections any more) and what a shop
/// reads and writes.
const OPEN_FILES: u64 = 16_384;
/// How long a connection may be without a whole request head: a slow one, or none since the last answer.
const HEAD_WITHIN: Duration = Duration::from_secs(30);
/// How long to wait after the system gave no connection (too many open files, for example).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Lets the process have as many open files as its connections need, where the system lets it: many systems begin with
/// 1,024 and allow far more to who asks.
pub(crate) fn take_open_files() {
    match rlimit::increase_nofile_limit(OPEN_FILES) {
        Ok(given) if given >= OPEN_FILES => {}
        Ok(given) => tracing::warn!(
            given,
            wanted = OPEN_FILES,
            "the system allows few open files: fewer can connect"
        ),
        Err(error) => tracing::warn!(%error, "how many files may be open cannot be asked for"),
    }
}

/// Serves until `stop`; then takes no more connections, and returns once the requests that were taken have ended.
pub(crate) async fn serve(listener: TcpListener, app: Router, stop: CancellationToken) {
    let app = app.layer(map_response(say_if_it_ends));
    let connections = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let open = GracefulShutdown::new();
    let mut http = auto::Builder::new(TokioExecutor::new()).http1_only();
    http.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_WITHIN);
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = accept(&listener, &connections) => accepted,
        };
        let (stream, permit) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "no connection can be taken for now");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let service = TowerToHyperService::new(app.clone());
        let connection = http.serve_connection_with_upgrades(TokioIo::new(Lingering::new(stream)), service);
        let connection = open.watch(connection.into_owned());
        tokio::spawn(async move {
            // A client that goes away, or is too slow, is its own business.
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended");
            }
            drop(permit);
        });
    }
    drop(listener);
    open.shutdown().await;
}

/// A body that is not read to its end ends its connection: nobody is to send the next request on it.
async fn say_if_it_ends(mut response: Response) -> Response {
    if response.status() == StatusCode::PAYLOAD_TOO_LARGE {
        response
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

async fn accept(
    listener: &TcpListener,
    connections: &Arc<Semaphore>,
) -> std::io::Result<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let permit = Arc::clone(connections).acquire_owned().await;
    let permit = permit.map_err(std::io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    // Answers are small and somebody waits for each of them.
    stream.set_nodelay(true)?;
    Ok((stream, permit))
}

#[cfg(test)]
mod tests;
