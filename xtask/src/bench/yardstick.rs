//! The yardstick: axum and serde with nothing behind them, on the multi-thread runtime.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use axum::routing::post;
use axum::serve::ListenerExt;
use axum::{Json, Router};
use serde_json::Value;
use tokio::net::TcpListener;

use super::measure::Failure;

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
