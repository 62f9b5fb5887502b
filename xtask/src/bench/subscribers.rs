//! How long after a command is sent the screens of 64 subscribers show what it did.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures::future::try_join_all;
use futures::{SinkExt, StreamExt};
use hdrhistogram::Histogram;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::clients::{Shopper, enter, stock};
use super::measure::{Effort, Failure};
use super::report::{heading, median, milliseconds, table};
use super::shop::Server;

/// Who listens.
const SUBSCRIBERS: usize = 64;
/// Sockets that only are there, when the memory of one is measured.
const IDLE_SOCKETS: usize = 1_000;
/// Longest delay that is told apart.
const DELAY_MICROSECONDS_MAX: u64 = 60_000_000;
/// How long one message may take.
const PATIENCE: Duration = Duration::from_secs(30);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What each command costs those who wait: delays in microseconds.
struct Delays {
    p50: f64,
    p99: f64,
}

pub(super) async fn measure(effort: Effort) -> Result<(), Failure> {
    let shop = Server::shop().await?;
    stock(&shop).await?;
    let shopper = enter(&shop).await?;
    let yardstick = Server::yardstick(None).await?;
    let mut subscribed = try_join_all((0..SUBSCRIBERS).map(|_| subscribe(shop.address, &shopper))).await?;
    let mut bare = try_join_all((0..SUBSCRIBERS).map(|_| connect(yardstick.address, "fan", None))).await?;
    let (mut shown, mut fanned) = (Vec::new(), Vec::new());
    let message = json!({ "type": "next", "payload": { "data": { "cartUpdated": { "version": 1 } } } });
    for _ in 0..effort.rounds {
        shown.push(delays(effort, &mut subscribed, |number| shopper.change(&shop, number)).await?);
        let post = |_| yardstick.ask(Method::POST, "/fan", &[], &message);
        fanned.push(delays(effort, &mut bare, post).await?);
    }
    heading(
        "From a command to 64 screens",
        "One command after the other changes a cart that 64 subscribers follow: from the moment it is sent until each of \
         them has the message that shows it. Beside it a bare axum server that hands a posted body to 64 sockets.",
    )?;
    let of = |delays: &[Delays], number: fn(&Delays) -> f64| {
        milliseconds(median(&delays.iter().map(number).collect::<Vec<_>>()))
    };
    table(&[
        ["", "p50", "p99"].map(str::to_owned).to_vec(),
        vec![
            "the shop".to_owned(),
            of(&shown, |delays| delays.p50),
            of(&shown, |delays| delays.p99),
        ],
        vec![
            "bare sockets".to_owned(),
            of(&fanned, |delays| delays.p50),
            of(&fanned, |delays| delays.p99),
        ],
    ])?;
    drop(subscribed);
    idle(&shop, &shopper).await
}

/// What a socket with a subscription costs while nothing happens.
async fn idle(shop: &Server, shopper: &Shopper) -> Result<(), Failure> {
    let [_, before] = shop.memory()?;
    let mut sockets = Vec::with_capacity(IDLE_SOCKETS);
    for _ in 0..IDLE_SOCKETS {
        sockets.push(subscribe(shop.address, shopper).await?);
    }
    let [_, with] = shop.memory()?;
    let kilobytes = (with - before) * 1_024.0 / IDLE_SOCKETS as f64;
    heading(
        "A thousand idle subscriptions",
        &format!(
            "{IDLE_SOCKETS} sockets with a subscription each: {before:.1} MB before, {with:.1} MB with them, \
                  {kilobytes:.1} KB each."
        ),
    )
}

/// Sends commands for the time of a round, each when all have heard of the one before.
async fn delays<C, F>(effort: Effort, sockets: &mut [Socket], command: C) -> Result<Delays, Failure>
where
    C: Fn(u32) -> F,
    F: Future<Output = Result<Value, Failure>>,
{
    let mut histogram = Histogram::<u64>::new_with_max(DELAY_MICROSECONDS_MAX, 3)?;
    let end = Instant::now() + Duration::from_millis(effort.milliseconds);
    let mut number = 0;
    while Instant::now() < end {
        number += 1;
        let begun = Instant::now();
        let heard = sockets.iter_mut().map(|socket| async {
            hear(socket).await?;
            Ok::<_, Failure>(begun.elapsed())
        });
        let (heard, commanded) = futures::join!(try_join_all(heard), command(number));
        commanded?;
        for delay in heard? {
            histogram.record(u64::try_from(delay.as_micros())?.max(1))?;
        }
    }
    Ok(Delays {
        p50: histogram.value_at_quantile(0.5) as f64,
        p99: histogram.value_at_quantile(0.99) as f64,
    })
}

async fn connect(address: SocketAddr, path: &str, protocol: Option<&'static str>) -> Result<Socket, Failure> {
    let mut request = format!("ws://{address}/{path}").into_client_request()?;
    if let Some(protocol) = protocol {
        let name = "sec-websocket-protocol";
        request.headers_mut().insert(name, HeaderValue::from_static(protocol));
    }
    let (socket, _) = connect_async(request).await?;
    Ok(socket)
}

/// Follows the shopper's cart; the first message has come.
async fn subscribe(address: SocketAddr, shopper: &Shopper) -> Result<Socket, Failure> {
    let mut socket = connect(address, "graphql", Some("graphql-transport-ws")).await?;
    let init = json!({ "type": "connection_init", "payload": { "Cart-Secret": shopper.secret() } });
    let query = format!(
        "subscription {{ cartUpdated(id: \"{}\") {{ cursor version cart {{ totalQuantity }} }} }}",
        shopper.cart
    );
    let subscribe = json!({ "type": "subscribe", "id": "a", "payload": { "query": query } });
    socket.send(Message::Text(init.to_string().into())).await?;
    hear(&mut socket).await?;
    socket.send(Message::Text(subscribe.to_string().into())).await?;
    hear(&mut socket).await?;
    Ok(socket)
}

async fn hear(socket: &mut Socket) -> Result<(), Failure> {
    loop {
        let heard = tokio::time::timeout(PATIENCE, socket.next()).await?;
        match heard.ok_or("a socket has ended")?? {
            Message::Text(text) if text.contains("\"error\"") => return Err(text.as_str().into()),
            Message::Text(_) => return Ok(()),
            Message::Ping(_) | Message::Pong(_) => {}
            other => return Err(format!("a socket says {other:?}").into()),
        }
    }
}
