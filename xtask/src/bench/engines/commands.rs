//! Commands on Kafka beside a bare producer.

use std::time::Duration;

use tempfile::TempDir;

use super::raw_kafka::RawProducer;
use super::{Engines, fresh_prefix};
use crate::bench::commands_only::CommandSide;
use crate::bench::cpu;
use crate::bench::inside::{CALLERS, callers, opening};
use crate::bench::log_alone::LogAlone;
use crate::bench::measure::{Effort, Failure};
use crate::bench::report::{against, heading, median, milliseconds, table, thousands};

/// Bytes of an envelope and a payload of a cart that is opened: about as many as the embedded log says.
const RECORD_BYTES: usize = 200;
/// The p50 of one caller, in round trips of one record that all brokers acknowledge.
const ROUND_TRIPS_MAX: f64 = 1.5;
/// What callers at once should reach of what the bare producer reaches.
const SHARE_MIN: f64 = 0.8;

/// What was seen with so many callers, a number for each round.
#[derive(Default)]
struct Row {
    callers: usize,
    raw: Vec<f64>,
    log: Vec<f64>,
    commands: Vec<f64>,
    raw_p50: Vec<f64>,
    p50: Vec<f64>,
    cpu: Vec<f64>,
}

pub(super) async fn measure(engines: &Engines, effort: Effort) -> Result<(), Failure> {
    let data = TempDir::new()?;
    let side = CommandSide::on(engines.log(&fresh_prefix())?, data.path(), "http://bench").await?;
    let mut alone = LogAlone::begin(engines.log(&fresh_prefix())?, RECORD_BYTES).await?;
    let mut raw = RawProducer::create(engines, RECORD_BYTES).await?;
    let time = Duration::from_millis(effort.milliseconds);
    callers(&side.commands, CALLERS, Duration::from_millis(500), opening).await?;
    let mut rows = [1, CALLERS].map(|callers| Row {
        callers,
        ..Row::default()
    });
    for _ in 0..effort.rounds {
        for row in &mut rows {
            let sent = raw.sends(row.callers, time).await?;
            row.raw.push(sent.rows_per_second);
            row.raw_p50.push(sent.p50_microseconds);
            row.log.push(alone.appends(row.callers, time).await?);
            let before = cpu::microseconds()?;
            let done = callers(&side.commands, row.callers, time, opening).await?;
            row.cpu.push((cpu::microseconds()? - before) / done.count() as f64);
            row.p50.push(done.p50_microseconds());
            row.commands.push(done.per_second());
        }
    }
    side.stop().await?;
    print(&rows)
}

fn print(rows: &[Row]) -> Result<(), Failure> {
    heading(
        "Commands on Kafka",
        &format!(
            "Carts are opened by callers that wait for each answer; beside them librdkafka alone with the same settings \
             (idempotent, acks=all, no linger, lz4), {RECORD_BYTES} bytes a record, and the log of the shop with as many \
             records on their way. One broker."
        ),
    )?;
    let mut lines = vec![
        [
            "callers",
            "bare producer",
            "the log alone",
            "commands",
            "ratio",
            "p50 of the producer",
            "p50 of commands",
            "ratio",
            "CPU a command",
        ]
        .map(str::to_owned)
        .to_vec(),
    ];
    for row in rows {
        let (raw, commands) = (median(&row.raw), median(&row.commands));
        let (raw_p50, p50) = (median(&row.raw_p50), median(&row.p50));
        let (share, trips) = (commands / raw, p50 / raw_p50);
        let is_single = row.callers == 1;
        lines.push(vec![
            row.callers.to_string(),
            thousands(raw),
            thousands(median(&row.log)),
            thousands(commands),
            if is_single {
                format!("{share:.2}×")
            } else {
                against(share, &format!("≥ {SHARE_MIN}"), share >= SHARE_MIN)
            },
            if is_single {
                milliseconds(raw_p50)
            } else {
                String::new()
            },
            milliseconds(p50),
            if is_single {
                against(trips, &format!("≤ {ROUND_TRIPS_MAX}"), trips <= ROUND_TRIPS_MAX)
            } else {
                String::new()
            },
            format!("{:.1} µs", median(&row.cpu)),
        ]);
    }
    table(&lines)
}
