//! Subscriptions over a `WebSocket`, in the protocol `graphql-transport-ws`.
//!
//! A socket is one task: it reads messages, asks its subscriptions for what they have, and writes. While a slow client
//! does not take what is written, its subscriptions are not asked; what waits for them is bounded, and they end with
//! their cursor when it is too much.

mod connection;
mod identity;
mod operation;
mod origin;
mod protocol;

use std::sync::Arc;

use axum::extract::ws::WebSocketUpgrade;
use axum::http::HeaderMap;
use axum::response::Response;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

use crate::http::problem::Problem;
use crate::limits::MESSAGE_BYTES_MAX;
use crate::roll;
use crate::state::QueryState;

/// The protocol's name.
const SUBPROTOCOL: &str = "graphql-transport-ws";
/// Bytes read at once: a socket that is idle keeps no more than this.
const READ_BYTES: usize = 4 * 1024;
/// Bytes that are collected before they are written.
const WRITE_BYTES: usize = 4 * 1024;

/// All that goes on for longer than one request.
pub(crate) struct Sockets {
    seats: Arc<Semaphore>,
    closing: CancellationToken,
    open: TaskTracker,
}

/// A place among them, held for as long as it goes on.
pub(crate) struct Seat {
    closing: CancellationToken,
    _permit: OwnedSemaphorePermit,
    _open: TaskTrackerToken,
}

impl Sockets {
    /// With so many places.
    pub(crate) fn new(seats: usize) -> Self {
        Self {
            seats: Arc::new(Semaphore::new(seats)),
            closing: CancellationToken::new(),
            open: TaskTracker::new(),
        }
    }

    /// A place, if there is one.
    pub(crate) fn seat(&self) -> Option<Seat> {
        if self.closing.is_cancelled() {
            return None;
        }
        let permit = Arc::clone(&self.seats).try_acquire_owned().ok()?;
        Some(Seat {
            closing: self.closing.clone(),
            _permit: permit,
            _open: self.open.token(),
        })
    }

    /// Tells all of them to end, and waits until they have.
    pub(crate) async fn close(&self) {
        self.closing.cancel();
        self.open.close();
        self.open.wait().await;
    }
}

impl Seat {
    /// Resolves when it must be left.
    pub(crate) async fn closing(&self) {
        self.closing.cancelled().await;
    }
}

/// Takes a WebSocket on.
///
/// # Errors
/// Its page's origin may not, or there are too many.
pub(crate) fn upgrade(state: &QueryState, headers: &HeaderMap, upgrade: WebSocketUpgrade) -> Result<Response, Problem> {
    if !origin::is_allowed(headers, &state.parts().options.origins) {
        return Err(Problem::origin());
    }
    let seat = state.sockets().seat().ok_or_else(Problem::too_many_sockets)?;
    let is_roll_public = roll::is_public(state, headers);
    let state = state.clone();
    let upgrade = upgrade
        .protocols([SUBPROTOCOL])
        .read_buffer_size(READ_BYTES)
        .write_buffer_size(WRITE_BYTES)
        // What is a little too large is read, so that its sender can be told.
        .max_message_size(2 * MESSAGE_BYTES_MAX)
        .max_frame_size(2 * MESSAGE_BYTES_MAX);
    Ok(upgrade.on_upgrade(move |socket| connection::serve(state, socket, seat, is_roll_public)))
}
