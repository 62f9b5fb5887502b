//! The load: a process that plays the clients of a plan over connections that stay open, and says what it saw.
//!
//! The same program drives the shop and its yardstick. It runs on one thread and does as little as it can for a
//! request, because it shares the machine with what it measures.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::process::Stdio;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use uuid::Uuid;

use super::measure::Failure;

/// Where a request wants a fresh UUID.
pub(super) const KEY: &str = "{key}";
/// Where a request wants the consistency token of the client's last answer that had one.
pub(super) const TOKEN: &str = "{token}";

/// Longest latency that is told apart from longer ones.
const LATENCY_MICROSECONDS_MAX: u64 = 60_000_000;
/// Bytes that are read at once.
const READ_BYTES: usize = 16 * 1024;

/// What the clients do.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Plan {
    pub(super) address: SocketAddr,
    pub(super) warm_up_milliseconds: u64,
    pub(super) milliseconds: u64,
    /// Each client repeats its exchanges, one after the other, until the time is over.
    pub(super) clients: Vec<Vec<Exchange>>,
}

/// A request and its answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Exchange {
    /// The whole HTTP/1.1 request, with [`KEY`] and [`TOKEN`] in its headers only.
    pub(super) request: String,
    /// Whether its latency counts.
    pub(super) is_timed: bool,
}

/// What came of it: of the timed exchanges alone.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Seen {
    /// Answered in the measured time.
    pub(super) requests: u64,
    /// Answered with another status than 2xx.
    pub(super) refused: u64,
    /// Answered with a query's errors, or from the past in spite of a token.
    pub(super) flawed: u64,
    pub(super) seconds: f64,
    pub(super) p50_microseconds: u64,
    pub(super) p99_microseconds: u64,
}

impl Seen {
    pub(super) fn per_second(&self) -> f64 {
        self.requests as f64 / self.seconds
    }
}

/// Starts a process that plays the plan, and waits for its end.
pub(super) async fn play(plan: &Plan) -> Result<Seen, Failure> {
    let mut process = tokio::process::Command::new(std::env::current_exe()?)
        .args(["bench-part", "load"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut input = process.stdin.take().ok_or("the load has no input")?;
    input.write_all(&serde_json::to_vec(plan)?).await?;
    drop(input);
    let output = process.wait_with_output().await?;
    if !output.status.success() {
        return Err(format!("the load ended with {}", output.status).into());
    }
    let seen: Seen = serde_json::from_slice(&output.stdout)?;
    if seen.refused + seen.flawed > 0 {
        return Err(format!("the load was not served well: {seen:?}").into());
    }
    Ok(seen)
}

/// The process: plan in, what it saw out.
pub(super) async fn run() -> Result<(), Failure> {
    let mut text = Vec::new();
    std::io::stdin().read_to_end(&mut text)?;
    let plan: Plan = serde_json::from_slice(&text)?;
    let begin = Instant::now() + Duration::from_millis(plan.warm_up_milliseconds);
    let end = begin + Duration::from_millis(plan.milliseconds);
    let local = tokio::task::LocalSet::new();
    let clients: Vec<_> = plan
        .clients
        .into_iter()
        .map(|exchanges| local.spawn_local(client(plan.address, exchanges, begin, end)))
        .collect();
    local.await;
    let mut all = Tally::new()?;
    for client in clients {
        let tally = client.await?.map_err(|failure| format!("a client: {failure}"))?;
        all.latencies.add(&tally.latencies)?;
        all.refused += tally.refused;
        all.flawed += tally.flawed;
    }
    let seen = Seen {
        requests: all.latencies.len(),
        refused: all.refused,
        flawed: all.flawed,
        seconds: (end - begin).as_secs_f64(),
        p50_microseconds: all.latencies.value_at_quantile(0.5),
        p99_microseconds: all.latencies.value_at_quantile(0.99),
    };
    std::io::stdout().write_all(&serde_json::to_vec(&seen)?)?;
    Ok(())
}

struct Tally {
    latencies: Histogram<u64>,
    refused: u64,
    flawed: u64,
}

impl Tally {
    fn new() -> Result<Self, Failure> {
        Ok(Self {
            latencies: Histogram::new_with_max(LATENCY_MICROSECONDS_MAX, 3)?,
            refused: 0,
            flawed: 0,
        })
    }
}

async fn client(address: SocketAddr, exchanges: Vec<Exchange>, begin: Instant, end: Instant) -> Result<Tally, Failure> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut connection = Connection {
        stream,
        received: Vec::with_capacity(READ_BYTES),
        token: String::new(),
    };
    let mut tally = Tally::new()?;
    for exchange in exchanges.iter().cycle() {
        let start = Instant::now();
        if start >= end {
            break;
        }
        let answer = connection.exchange(&exchange.request).await?;
        let now = Instant::now();
        if !(200..300).contains(&answer.status) {
            tally.refused += 1;
        } else if answer.is_flawed {
            tally.flawed += 1;
        } else if exchange.is_timed && start >= begin && now <= end {
            let microseconds = u64::try_from((now - start).as_micros())?;
            tally.latencies.saturating_record(microseconds.max(1));
        }
    }
    Ok(tally)
}

/// A connection that stays open.
struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
    token: String,
}

struct Answer {
    status: u16,
    is_flawed: bool,
}

/// What of an answer's head matters.
struct Head {
    bytes: usize,
    status: u16,
    body_bytes: usize,
}

impl Connection {
    async fn exchange(&mut self, request: &str) -> Result<Answer, Failure> {
        let mut filled = request.to_owned();
        if let Some(at) = filled.find(KEY) {
            filled.replace_range(at..at + KEY.len(), &Uuid::new_v4().to_string());
        }
        if let Some(at) = filled.find(TOKEN) {
            filled.replace_range(at..at + TOKEN.len(), &self.token);
        }
        self.stream.write_all(filled.as_bytes()).await?;
        loop {
            if let Some(head) = self.head()?
                && self.received.len() >= head.bytes + head.body_bytes
            {
                let body = &self.received[head.bytes..head.bytes + head.body_bytes];
                let is_flawed = holds(body, b"\"errors\":") || holds(body, b"\"stale\":true");
                let answer = Answer {
                    status: head.status,
                    is_flawed,
                };
                self.received.drain(..head.bytes + head.body_bytes);
                return Ok(answer);
            }
            if self.stream.read_buf(&mut self.received).await? == 0 {
                return Err("the server closed the connection".into());
            }
        }
    }

    fn head(&mut self) -> Result<Option<Head>, Failure> {
        let Some(end) = self.received.windows(4).position(|four| four == b"\r\n\r\n") else {
            return Ok(None);
        };
        let text = std::str::from_utf8(&self.received[..end])?;
        let mut lines = text.split("\r\n");
        let status = lines
            .next()
            .and_then(|line| line.split(' ').nth(1))
            .and_then(|status| status.parse().ok());
        let mut body_bytes = None;
        let mut token = None;
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            if name.eq_ignore_ascii_case("content-length") {
                body_bytes = value.trim().parse().ok();
            } else if name.eq_ignore_ascii_case("consistency-token") {
                token = Some(value.trim());
            }
        }
        if let Some(token) = token
            && token != self.token
        {
            self.token = token.to_owned();
        }
        Ok(Some(Head {
            bytes: end + 4,
            status: status.ok_or("an answer without a status")?,
            body_bytes: body_bytes.ok_or("an answer without a length")?,
        }))
    }
}

fn holds(body: &[u8], part: &[u8]) -> bool {
    body.windows(part.len()).any(|window| window == part)
}
