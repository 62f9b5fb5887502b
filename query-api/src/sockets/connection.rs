//! One WebSocket, from its first message to its end.

use std::collections::HashMap;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use futures::StreamExt;
use futures::stream::{AbortHandle, BoxStream, SelectAll, abortable};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout};

use super::identity::Identity;
use super::operation::{self, Said};
use super::protocol::{self, Close, Incoming};
use super::{SUBPROTOCOL, Seat};
use crate::error::request_error;
use crate::http::now;
use crate::limits::{
    INIT_MS_MAX, MESSAGE_BYTES_MAX, PING_MS, SEND_MS_MAX, SUBSCRIPTION_ID_BYTES_MAX, SUBSCRIPTIONS_MAX,
};
use crate::state::QueryState;

/// How long the other side may take to answer a close.
const CLOSE_WITHIN: Duration = Duration::from_secs(2);

/// Why a socket ends.
enum End {
    /// We close it.
    Close(Close),
    /// The other side has gone, or takes nothing.
    Gone,
}

/// A WebSocket whose client is known.
struct Connection<'a> {
    state: QueryState,
    socket: &'a mut WebSocket,
    identity: Identity,
    running: HashMap<String, AbortHandle>,
    said: SelectAll<BoxStream<'static, (String, Said)>>,
}

pub(super) async fn serve(state: QueryState, mut socket: WebSocket, seat: Seat, is_roll_public: bool) {
    let ended = tokio::select! {
        ended = talk(state, &mut socket, is_roll_public) => ended,
        () = seat.closing() => End::Close(Close::GoingAway),
    };
    if let End::Close(close) = ended {
        let _ = timeout(CLOSE_WITHIN, socket.send(close.message())).await;
        // The other side's own close is waited for: cutting it off could cut off what was just said.
        let _ = timeout(CLOSE_WITHIN, async { while let Some(Ok(_)) = socket.recv().await {} }).await;
    }
}

async fn talk(state: QueryState, socket: &mut WebSocket, is_roll_public: bool) -> End {
    if socket.protocol().is_none_or(|protocol| protocol != SUBPROTOCOL) {
        return End::Close(Close::Subprotocol);
    }
    let init = timeout(Duration::from_millis(INIT_MS_MAX), init(socket)).await;
    let payload = match init {
        Ok(Ok(payload)) => payload,
        Ok(Err(end)) => return end,
        Err(_) => return End::Close(Close::InitTimeout),
    };
    let identity = match Identity::read(&state, payload, is_roll_public) {
        Ok(identity) => identity,
        Err(close) => return End::Close(close),
    };
    if send(socket, protocol::ack()).await.is_err() {
        return End::Gone;
    }
    let mut connection = Connection {
        state,
        socket,
        identity,
        running: HashMap::new(),
        said: SelectAll::new(),
    };
    match connection.run().await {
        Err(end) => end,
    }
}

/// Waits for the message that says who it is.
async fn init(socket: &mut WebSocket) -> Result<Option<serde_json::Value>, End> {
    loop {
        match receive(socket).await? {
            Some(Incoming::ConnectionInit { payload }) => return Ok(payload),
            Some(Incoming::Ping {}) => send(socket, protocol::pong()).await?,
            Some(Incoming::Pong {} | Incoming::Complete { .. }) | None => {}
            Some(Incoming::Subscribe { .. }) => return Err(End::Close(Close::Unauthorized)),
        }
    }
}

/// The next message; none for what only says that somebody is there. May be dropped while it waits.
async fn receive(socket: &mut WebSocket) -> Result<Option<Incoming>, End> {
    let text = match socket.recv().await {
        Some(Ok(Message::Text(text))) => text,
        Some(Ok(Message::Ping(_) | Message::Pong(_))) => return Ok(None),
        Some(Ok(Message::Binary(_))) => return Err(End::Close(Close::Malformed)),
        Some(Ok(Message::Close(_))) | None => return Err(End::Gone),
        Some(Err(error)) => {
            tracing::debug!(%error, "a WebSocket says what cannot be read");
            return Err(End::Close(Close::TooLarge));
        }
    };
    if text.len() > MESSAGE_BYTES_MAX {
        return Err(End::Close(Close::TooLarge));
    }
    let message = serde_json::from_str(&text).map_err(|_| End::Close(Close::Malformed))?;
    Ok(Some(message))
}

async fn send(socket: &mut WebSocket, message: Message) -> Result<(), End> {
    let sent = timeout(Duration::from_millis(SEND_MS_MAX), socket.send(message)).await;
    match sent {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(End::Gone),
    }
}

impl Connection<'_> {
    /// Reads, asks and writes, until it ends.
    async fn run(&mut self) -> Result<Infallible, End> {
        let every = Duration::from_millis(PING_MS);
        let mut pings = interval_at(Instant::now() + every, every);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let left = self.identity.visitor.time_left(now());
        let expiry = left.map(|left| Instant::now() + left);
        let expired = async move {
            match expiry {
                Some(expiry) => sleep_until(expiry).await,
                None => std::future::pending().await,
            }
        };
        tokio::pin!(expired);
        let mut heard = Instant::now();
        loop {
            tokio::select! {
                () = &mut expired => return Err(End::Close(Close::Forbidden("access.expired"))),
                incoming = receive(self.socket) => {
                    heard = Instant::now();
                    if let Some(incoming) = incoming? {
                        self.take(incoming).await?;
                    }
                }
                Some((id, said)) = self.said.next(), if !self.said.is_empty() => {
                    if said.is_last {
                        self.running.remove(&id);
                    }
                    send(self.socket, said.message).await?;
                }
                _ = pings.tick() => {
                    if heard.elapsed() > 2 * every {
                        return Err(End::Gone);
                    }
                    send(self.socket, Message::Ping(Vec::new().into())).await?;
                }
            }
        }
    }

    async fn take(&mut self, incoming: Incoming) -> Result<(), End> {
        match incoming {
            Incoming::ConnectionInit { .. } => Err(End::Close(Close::SecondInit)),
            Incoming::Ping {} => send(self.socket, protocol::pong()).await,
            Incoming::Pong {} => Ok(()),
            Incoming::Complete { id } => {
                if let Some(running) = self.running.remove(&id) {
                    running.abort();
                }
                Ok(())
            }
            Incoming::Subscribe { id, payload } => self.subscribe(id, payload).await,
        }
    }

    async fn subscribe(&mut self, id: String, payload: serde_json::Value) -> Result<(), End> {
        if id.is_empty() || id.len() > SUBSCRIPTION_ID_BYTES_MAX {
            return Err(End::Close(Close::Malformed));
        }
        if self.running.contains_key(&id) {
            return Err(End::Close(Close::DuplicateId));
        }
        if self.running.len() >= SUBSCRIPTIONS_MAX {
            let message = format!("a socket may have {SUBSCRIPTIONS_MAX} subscriptions at once");
            let error = request_error("subscription.too_many", message);
            return send(self.socket, protocol::error(&id, &[error], None)).await;
        }
        let said = operation::run(&self.state, &self.identity, id.clone(), payload);
        let (said, running) = abortable(said);
        self.running.insert(id.clone(), running);
        self.said.push(said.map(move |said| (id.clone(), said)).boxed());
        Ok(())
    }
}
