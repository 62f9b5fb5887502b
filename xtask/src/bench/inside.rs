//! Commands without HTTP: as many callers as the goal says, in this process, beside raw group commits.

use std::time::{Duration, Instant};

use command_api::{CommandError, Commands, Key, Request};
use domain::sales::cart::Command as CartCommand;
use domain::value::{CartId, CommandId, Currency};
use domain::{Command, ConsistencyToken};
use futures::{StreamExt, TryStreamExt, stream};
use hdrhistogram::Histogram;
use tempfile::TempDir;
use uuid::Uuid;

use super::commands_only::{CommandSide, Opened};
use super::cpu;
use super::log_alone::LogAlone;
use super::measure::{Effort, Failure};
use super::raw::{RawLog, row_bytes};
use super::report::{against, heading, median, table, thousands};

/// Callers that each wait for their answer before they ask again; rows of a raw group.
pub(super) const CALLERS: usize = 64;
/// How long a caller waits.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) async fn measure(effort: Effort) -> Result<(), Failure> {
    let data = TempDir::new()?;
    let side = CommandSide::start(data.path(), "http://bench").await?;
    let time = Duration::from_millis(effort.milliseconds);
    // Something to take the size of a record from.
    callers(&side.commands, CALLERS, Duration::from_millis(200), opening).await?;
    let bytes = row_bytes(&data.path().join("log.db"))?;
    let mut rows = [1, CALLERS].map(|callers| Row {
        callers,
        ..Row::default()
    });
    for _ in 0..effort.rounds {
        let mut probe = RawLog::create(bytes)?;
        let directory = TempDir::new()?;
        let mut alone = LogAlone::begin(Opened::embedded(directory.path())?, bytes).await?;
        for row in &mut rows {
            row.raw.push(probe.commits(row.callers, time)?.rows_per_second);
            row.log.push(alone.appends(row.callers, time).await?);
            let before = cpu::microseconds()?;
            let done = callers(&side.commands, row.callers, time, opening).await?;
            row.cpu.push((cpu::microseconds()? - before) / done.count() as f64);
            row.commands.push(done.per_second());
        }
        alone.end();
    }
    side.stop().await?;
    heading(
        "Commands in one process",
        &format!(
            "Carts are opened by callers that wait for each answer; beside them one thread that does nothing but \
             commit rows of the same size ({bytes} bytes) in groups as large as there are callers (SQLite, FULL), and the \
             log of the shop with as many records on their way. CPU: processor time of the whole process for a \
             command, callers and everything behind included."
        ),
    )?;
    let mut lines = vec![
        [
            "callers",
            "raw group commits",
            "the log alone",
            "commands",
            "ratio",
            "CPU a command",
        ]
        .map(str::to_owned)
        .to_vec(),
    ];
    for row in &rows {
        let (raw, log, commands) = (median(&row.raw), median(&row.log), median(&row.commands));
        let ratio = commands / raw;
        let last = if row.callers == CALLERS {
            against(ratio, "≥ 0.8", ratio >= 0.8)
        } else {
            format!("{ratio:.2}×")
        };
        lines.push(vec![
            row.callers.to_string(),
            thousands(raw),
            thousands(log),
            thousands(commands),
            last,
            format!("{:.1} µs", median(&row.cpu)),
        ]);
    }
    table(&lines)
}

/// What was seen with so many callers, a number for each round.
#[derive(Default)]
struct Row {
    callers: usize,
    raw: Vec<f64>,
    log: Vec<f64>,
    commands: Vec<f64>,
    cpu: Vec<f64>,
}

/// Commands that were done.
pub(super) struct Done {
    latencies: Histogram<u64>,
    took: Duration,
}

impl Done {
    pub(super) fn count(&self) -> u64 {
        self.latencies.len()
    }

    pub(super) fn per_second(&self) -> f64 {
        self.count() as f64 / self.took.as_secs_f64()
    }

    pub(super) fn p50_microseconds(&self) -> f64 {
        self.latencies.value_at_quantile(0.5) as f64
    }
}

/// So many callers ask, for so long.
pub(super) async fn callers(
    commands: &Commands,
    count: usize,
    time: Duration,
    request: fn() -> Request,
) -> Result<Done, Failure> {
    let start = Instant::now();
    let end = start + time;
    let callers: Vec<_> = (0..count)
        .map(|_| {
            let commands = commands.clone();
            tokio::spawn(async move {
                let mut latencies = Vec::new();
                let mut begin = Instant::now();
                while begin < end {
                    commands.execute(request()).await?;
                    let now = Instant::now();
                    latencies.push(now - begin);
                    begin = now;
                }
                Ok::<_, CommandError>(latencies)
            })
        })
        .collect();
    let mut all: Histogram<u64> = Histogram::new(3)?;
    let mut seen = Vec::new();
    for caller in callers {
        seen.push(caller.await??);
    }
    let took = start.elapsed();
    for latency in seen.into_iter().flatten() {
        all.record(u64::try_from(latency.as_micros())?.max(1))?;
    }
    Ok(Done { latencies: all, took })
}

/// So many callers ask until so many commands are done.
pub(super) async fn callers_until(
    commands: &Commands,
    count: usize,
    done: usize,
    request: &impl Fn() -> Request,
) -> Result<(), Failure> {
    let requests = stream::iter((0..done).map(|_| request()));
    let mut running = requests
        .map(|request| commands.execute(request))
        .buffer_unordered(count);
    while running.try_next().await?.is_some() {}
    Ok(())
}

/// A guest opens a cart.
pub(super) fn opening() -> Request {
    let intent = Uuid::new_v4();
    let cart = CartId::derived(intent, "cart");
    let open = CartCommand::Open {
        customer: None,
        currency: Currency::EUR,
    };
    Request {
        commands: vec![Command::Cart(cart, open)],
        command_id: CommandId(intent),
        keyed: Some(Key::of(&intent.to_string())),
        request_hash: [1; 32],
        expected_version: None,
        actor: "guest".to_owned(),
        correlation: intent,
        causation: intent,
        traceparent: String::new(),
        after: ConsistencyToken::default(),
        deadline: Instant::now() + PATIENCE,
    }
}
