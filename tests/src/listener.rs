use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::deadline;

/// A WebSocket that listens to a shop, in `graphql-transport-ws`.
pub struct Listener {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

/// What a listener hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A message.
    Message(Value),
    /// The socket was closed, with this code and reason.
    Closed(u16, String),
    /// The connection broke off.
    Broken,
}

impl Heard {
    /// The payload of a message of this type.
    ///
    /// # Panics
    /// When it is something else.
    #[must_use]
    #[track_caller]
    pub fn expect(self, kind: &str) -> Value {
        match self {
            Self::Message(mut message) if message["type"] == kind => message["payload"].take(),
            other => panic!("{kind} was expected, not {other:?}"),
        }
    }

    /// The code with which the socket was closed.
    ///
    /// # Panics
    /// When it is something else.
    #[must_use]
    #[track_caller]
    pub fn close_code(self) -> u16 {
        match self {
            Self::Closed(code, _) => code,
            other => panic!("a close was expected, not {other:?}"),
        }
    }
}

impl Listener {
    /// Connects to the shop at `url`, with a protocol and an origin, and says nothing yet.
    ///
    /// # Errors
    /// The status with which it was refused.
    ///
    /// # Panics
    /// When the shop does not answer.
    pub async fn connect(url: &str, protocol: Option<&str>, origin: Option<&str>) -> Result<Self, u16> {
        let address = format!("{}/graphql", url.replacen("http", "ws", 1));
        let mut request = address.into_client_request().expect("it is an address");
        let headers = request.headers_mut();
        for (name, value) in [("sec-websocket-protocol", protocol), ("origin", origin)] {
            if let Some(value) = value {
                headers.insert(name, HeaderValue::from_str(value).expect("it is a header"));
            }
        }
        match connect_async(request).await {
            Ok((socket, _)) => Ok(Self { socket }),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            // A server that chooses no protocol is one that speaks none of them.
            Err(error) => panic!("the shop takes no WebSocket: {error}"),
        }
    }

    /// Connects, and says who it is: names and values of headers.
    ///
    /// # Panics
    /// When it is not welcome.
    pub async fn enter(url: &str, headers: Value) -> Self {
        let connected = Self::connect(url, Some("graphql-transport-ws"), None).await;
        let mut listener = connected.expect("the shop takes a WebSocket");
        listener
            .say(json!({ "type": "connection_init", "payload": headers }))
            .await;
        let _ = listener.hear().await.expect("connection_ack");
        listener
    }

    /// Sends a message.
    pub async fn say(&mut self, message: Value) {
        self.say_text(message.to_string()).await;
    }

    /// Sends a text as it is; whether it arrives is for what is heard to say.
    pub async fn say_text(&mut self, text: String) {
        let _ = self.socket.send(Message::Text(text.into())).await;
    }

    /// Subscribes under a name.
    pub async fn subscribe(&mut self, id: &str, query: &str, variables: Value) {
        let payload = json!({ "query": query, "variables": variables });
        self.say(json!({ "type": "subscribe", "id": id, "payload": payload }))
            .await;
    }

    /// What comes next.
    ///
    /// # Panics
    /// When nothing comes in time.
    pub async fn hear(&mut self) -> Heard {
        let heard = self.hear_within(deadline()).await;
        heard.expect("something is heard in time")
    }

    /// What comes next, if something does within this time.
    pub async fn hear_within(&mut self, patience: Duration) -> Option<Heard> {
        let next = async {
            loop {
                return match self.socket.next().await {
                    Some(Ok(Message::Text(text))) => {
                        Heard::Message(serde_json::from_str(&text).expect("a message is JSON"))
                    }
                    Some(Ok(Message::Close(Some(frame)))) => {
                        Heard::Closed(frame.code.into(), frame.reason.as_str().to_owned())
                    }
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                    Some(Ok(_) | Err(_)) | None => Heard::Broken,
                };
            }
        };
        tokio::time::timeout(patience, next).await.ok()
    }

    /// The next message of a subscription: its data with the cursor in its extensions.
    ///
    /// # Panics
    /// When something else comes.
    pub async fn next(&mut self) -> Value {
        self.hear().await.expect("next")
    }
}
