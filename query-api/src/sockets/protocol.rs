//! The messages of `graphql-transport-ws`, and the codes with which a socket is closed.

use async_graphql::ServerError;
use axum::extract::ws::{CloseFrame, Message};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::consistency::ConsistencyReport;

/// What a client says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Incoming {
    ConnectionInit { payload: Option<Value> },
    Ping {},
    Pong {},
    Subscribe { id: String, payload: Value },
    Complete { id: String },
}

/// Why a socket is closed: the protocol's codes, and those of any socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Close {
    /// The shop stops.
    GoingAway,
    /// A message has too many bytes.
    TooLarge,
    /// A message is none of the protocol.
    Malformed,
    /// It subscribes before it has said who it is.
    Unauthorized,
    /// What it says of who it is does not hold, or no more; with the code of why.
    Forbidden(&'static str),
    /// It speaks another protocol.
    Subprotocol,
    /// It does not say who it is.
    InitTimeout,
    /// It uses a name twice.
    DuplicateId,
    /// It says twice who it is.
    SecondInit,
}

impl Close {
    fn frame(self) -> (u16, &'static str) {
        match self {
            Self::GoingAway => (1001, "subscription.closing"),
            Self::TooLarge => (1009, "socket.too_large"),
            Self::Malformed => (4400, "socket.malformed"),
            Self::Unauthorized => (4401, "Unauthorized"),
            Self::Forbidden(code) => (4403, code),
            Self::Subprotocol => (4406, "Subprotocol not acceptable"),
            Self::InitTimeout => (4408, "Connection initialisation timeout"),
            Self::DuplicateId => (4409, "Subscriber already exists"),
            Self::SecondInit => (4429, "Too many initialisation requests"),
        }
    }

    pub(super) fn message(self) -> Message {
        let (code, reason) = self.frame();
        Message::Close(Some(CloseFrame {
            code,
            reason: reason.into(),
        }))
    }
}

/// What is said beside the data of a message.
#[derive(Serialize)]
struct Extensions {
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consistency: Option<Value>,
}

#[derive(Serialize)]
struct Payload<'a> {
    data: &'a async_graphql::Value,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [ServerError],
    extensions: Extensions,
}

pub(super) fn ack() -> Message {
    text(&json!({ "type": "connection_ack" }))
}

pub(super) fn pong() -> Message {
    text(&json!({ "type": "pong" }))
}

pub(super) fn complete(id: &str) -> Message {
    text(&json!({ "type": "complete", "id": id }))
}

/// The subscription has ended because of these errors.
pub(super) fn error(id: &str, errors: &[ServerError], cursor: Option<&str>) -> Message {
    let mut errors = json!(errors);
    if let (Some(cursor), Some(first)) = (cursor, errors.get_mut(0)) {
        first["extensions"]["cursor"] = cursor.into();
    }
    text(&json!({ "type": "error", "id": id, "payload": errors }))
}

pub(super) fn next(
    id: &str,
    response: &async_graphql::Response,
    cursor: Option<String>,
    report: Option<ConsistencyReport>,
) -> Message {
    let consistency = report.map(|report| {
        json!({
            "token": report.token.to_string(),
            "waitedMs": report.waited.as_millis(),
            "stale": report.is_stale,
        })
    });
    let payload = Payload {
        data: &response.data,
        errors: &response.errors,
        extensions: Extensions { cursor, consistency },
    };
    #[derive(Serialize)]
    struct Next<'a> {
        r#type: &'static str,
        id: &'a str,
        payload: Payload<'a>,
    }
    text(&Next {
        r#type: "next",
        id,
        payload,
    })
}

fn text(message: &impl Serialize) -> Message {
    let text = serde_json::to_string(message).unwrap_or_else(|error| {
        tracing::error!(%error, "a message cannot be written");
        String::new()
    });
    Message::Text(text.into())
}
