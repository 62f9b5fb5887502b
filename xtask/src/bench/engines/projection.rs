//! How fast a log becomes rows in CQL, beside the same rows inserted by the driver alone.

use std::sync::Arc;
use std::time::Duration;

use command_api::Request;
use domain::Command;
use domain::inventory::item;
use domain::stream::Location;
use domain::value::Sku;
use tempfile::TempDir;

use super::raw_cql::RawCql;
use super::{Engines, fresh_prefix};
use crate::bench::commands_only::CommandSide;
use crate::bench::inside::{CALLERS, callers_until, opening};
use crate::bench::measure::{Effort, Failure};
use crate::bench::projection::replay;
use crate::bench::report::{against, heading, median, table, thousands};

/// Records of each log.
const RECORDS: usize = 20_000;
/// Stock items that all records of the skewed log are about.
const ITEMS: usize = 20;
/// What projecting should reach of what the driver alone reaches.
const SHARE_MIN: f64 = 0.9;
/// The same where many records change the same rows, a row of the driver for each record.
const SKEWED_SHARE_MIN: f64 = 2.0;
/// Rounds are long here, and fewer do.
const ROUNDS_MAX: u32 = 5;

/// A log, its rows in CQL, and what was seen, a number for each round.
struct Traffic {
    side: CommandSide,
    _data: TempDir,
    prefix: String,
    /// Rows of the driver for each row that is projected.
    times: usize,
    projected: Vec<f64>,
    raw: Vec<f64>,
    rows: usize,
}

pub(super) async fn measure(engines: &Engines, effort: Effort) -> Result<(), Failure> {
    let raw = RawCql::connect(engines).await?;
    let mut plain = Traffic::begin(1, opening).await?;
    let item = std::sync::atomic::AtomicUsize::new(0);
    let receipt = move || receipt(item.fetch_add(1, std::sync::atomic::Ordering::Relaxed) % ITEMS);
    let mut skewed = Traffic::begin(RECORDS / ITEMS, receipt).await?;
    for round in 0..effort.rounds.min(ROUNDS_MAX) {
        for traffic in [&mut plain, &mut skewed] {
            traffic.round(engines, &raw, round == 0).await?;
        }
    }
    let (of_plain, of_skewed) = (plain.share(), skewed.share());
    heading(
        "Projections into CQL",
        &format!(
            "All projections read, decode and project an embedded log of {RECORDS} records into empty tables of one \
             Cassandra; beside it the driver alone, inserting rows one by one with prepared statements, 128 on their way. \
             Plain: each record is a cart of its own, and the driver inserts the {} rows there are. Skewed: receipts of \
             {ITEMS} stock items, and the driver inserts a row for each record.",
            plain.rows
        ),
    )?;
    let line = |name: &str, traffic: &Traffic, judged: String| {
        let (raw, projected) = (median(&traffic.raw), median(&traffic.projected));
        vec![name.to_owned(), thousands(raw), thousands(projected), judged]
    };
    table(&[
        ["traffic", "bare inserts", "projected", "ratio"]
            .map(str::to_owned)
            .to_vec(),
        line(
            "plain",
            &plain,
            against(of_plain, &format!("≥ {SHARE_MIN}"), of_plain >= SHARE_MIN),
        ),
        line(
            "skewed",
            &skewed,
            against(
                of_skewed,
                &format!("≥ {SKEWED_SHARE_MIN}"),
                of_skewed >= SKEWED_SHARE_MIN,
            ),
        ),
    ])?;
    plain.side.stop().await?;
    skewed.side.stop().await
}

impl Traffic {
    async fn begin(times: usize, request: impl Fn() -> Request) -> Result<Self, Failure> {
        let data = TempDir::new()?;
        let side = CommandSide::start(data.path(), "http://bench").await?;
        callers_until(&side.commands, CALLERS, RECORDS, &request).await?;
        Ok(Self {
            side,
            _data: data,
            prefix: fresh_prefix(),
            times,
            projected: Vec::new(),
            raw: Vec::new(),
            rows: 0,
        })
    }

    async fn round(&mut self, engines: &Engines, raw: &RawCql, is_first: bool) -> Result<(), Failure> {
        let (read, copy) = (format!("{}_read", self.prefix), format!("{}_raw", self.prefix));
        if is_first {
            // Creating tables takes seconds, and is not what is measured.
            self.replay(engines).await?;
        }
        raw.empty(&read).await?;
        let took = self.replay(engines).await?;
        let mut tables = raw.read(&read).await?;
        // The generations of the projections and the like are few, and of no log.
        tables.retain(|table| table.rows.len() >= ITEMS);
        self.rows = tables.iter().map(|table| table.rows.len()).sum();
        let inserts = (self.rows * self.times) as f64;
        self.projected.push(inserts / took.as_secs_f64());
        raw.create(&copy, &tables).await?;
        raw.empty(&copy).await?;
        let took = raw.insert(&copy, &tables, self.times).await?;
        self.raw.push(inserts / took.as_secs_f64());
        Ok(())
    }

    async fn replay(&self, engines: &Engines) -> Result<Duration, Failure> {
        replay(&self.side, Arc::new(engines.store(&self.prefix).await?)).await
    }

    fn share(&self) -> f64 {
        median(&self.projected) / median(&self.raw)
    }
}

/// A piece of one of a few things comes in.
fn receipt(item: usize) -> Request {
    let sku: Sku = format!("BENCH-{item}")
        .parse()
        .unwrap_or_else(|_| unreachable!("a SKU is letters, digits and hyphens"));
    let receive = item::Command::Receive { quantity: 1 };
    Request {
        commands: vec![Command::StockItem(sku, Location::default(), receive)],
        ..opening()
    }
}
