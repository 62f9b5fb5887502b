//! The yardstick: axum and serde with nothing behind them, on the multi-thread runtime.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use axum::extract::State;
use axum::extract::ws::{Message, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::post;
use axum::serve::ListenerExt;
use axum::{Json, Router};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::broadcast;

use super::measure::Failure;

/// Most messages that wait for one socket.
const FAN_MESSAGES_MAX: usize = 256;

/// Hands a body to all sockets.
async fn fan_out(State(fan): State<broadcast::Sender<String>>, body: String) -> Json<Value> {
    let _ = fan.send(body);
    Json(Value::Null)
}

async fn listen(State(fan): State<broadcast::Sender<String>>, upgrade: WebSocketUpgrade) -> Response {
    let mut messages = fan.subscribe();
    upgrade.on_upgrade(async move |mut socket| {
        while let Ok(message) = messages.recv().await {
            if socket.send(Message::Text(message.into())).await.is_err() {
                return;
            }
        }
    })
}

/// Serves until it is killed; says where on its first line.
pub(super) fn run(page: Option<PathBuf>) -> Result<(), Failure> {
    let page: Value = match page {
        Some(path) => serde_json::from_slice(&std::fs::read(path)?)?,
        None => Value::Null,
    };
    let page = Arc::new(page);
    let show = async move |Json(_asked): Json<Value>| Json(Arc::clone(&page));
    let app = Router::new()
        .route("/graphql", post(show))
        .route(
            "/fan",
            post(fan_out)
                .get(listen)
                .with_state(broadcast::Sender::new(FAN_MESSAGES_MAX)),
        )
        .fallback(async |Json(value): Json<Value>| Json(value));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        writeln!(std::io::stdout(), "{}", listener.local_addr()?)?;
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        Ok(axum::serve(listener, app).await?)
    })
}
