//! How fast a log becomes rows, beside the same rows inserted with nothing around it.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use command_api::{Commands, Request};
use domain::Command;
use domain::shop::generation;
use futures::FutureExt;
use futures::future::BoxFuture;
use projectors::{GenerationError, GenerationLog, Projectors, ProjectorsParts};
use read_store::sqlite::SqliteStore;
use read_store::{ActiveGenerations, Generation, ReadStore};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use tempfile::TempDir;

use super::clients::{enter_all, stock};
use super::commands_only::CommandSide;
use super::inside::opening;
use super::measure::{Effort, Failure};
use super::report::{against, heading, median, table, thousands};
use super::shop::Server;

/// Carts with a line each that the log holds: two commits each.
const CARTS: usize = 40_000;
/// Rows of one raw transaction.
const RAW_ROWS: usize = 512;
/// Rounds are long here, and fewer do.
const ROUNDS_MAX: u32 = 5;
/// How long one replay may take.
const REPLAY_DEADLINE: Duration = Duration::from_secs(120);

pub(super) async fn measure(effort: Effort) -> Result<(), Failure> {
    let data = fill().await?;
    let side = CommandSide::start(data.path(), "http://bench").await?;
    let records = side.records();
    let (mut projected, mut raw, mut commits, mut rows) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for round in 0..effort.rounds.min(ROUNDS_MAX) {
        let file = data.path().join(format!("read-{round}.db"));
        let took = replay(&side, Arc::new(SqliteStore::open(&file)?)).await?;
        let tables = read_tables(&file)?;
        rows = tables.iter().map(|table| table.rows.len()).sum();
        projected.push(rows as f64 / took.as_secs_f64());
        commits.push(records as f64 / took.as_secs_f64());
        raw.push(rows as f64 / insert(&tables)?.as_secs_f64());
    }
    side.stop().await?;
    heading(
        "Projections",
        &format!(
            "All projections read, decode and project a log of {records} records ({CARTS} carts with a line) into an \
             empty `read.db`, which then holds {rows} rows; beside it the same rows inserted in the same kind of file, \
             {RAW_ROWS} in a transaction, in no particular order. A row counts once, however many records changed it."
        ),
    )?;
    let (raw, projected) = (median(&raw), median(&projected));
    table(&[
        ["raw rows", "projected rows", "ratio", "records read"]
            .map(str::to_owned)
            .to_vec(),
        vec![
            thousands(raw),
            thousands(projected),
            against(projected / raw, "≥ 0.9", projected / raw >= 0.9),
            thousands(median(&commits)),
        ],
    ])
}

/// A directory with a log of carts.
async fn fill() -> Result<TempDir, Failure> {
    let server = Server::commands_only().await?;
    stock(&server).await?;
    enter_all(&server, CARTS).await?;
    server.kill().await
}

/// How long all projections take from the beginning of the log to its end.
pub(super) async fn replay(side: &CommandSide, store: Arc<dyn ReadStore>) -> Result<Duration, Failure> {
    let start = Instant::now();
    let projectors = Projectors::start(parts(side, store, ActiveGenerations::new()))?;
    tokio::time::timeout(REPLAY_DEADLINE, projectors.wait_until_caught_up()).await?;
    let took = start.elapsed();
    tokio::task::spawn_blocking(move || projectors.stop()).await?;
    Ok(took)
}

/// What projectors work with.
pub(super) fn parts(side: &CommandSide, store: Arc<dyn ReadStore>, active: ActiveGenerations) -> ProjectorsParts {
    ProjectorsParts {
        store,
        log: side.log.clone(),
        decoder: side.wire.clone(),
        follower: side.follower.clone(),
        generation_log: Arc::new(GenerationCommands(side.commands.clone())),
        active,
    }
}

/// Writes the generations of projections to the log.
struct GenerationCommands(Commands);

impl GenerationCommands {
    fn send(&self, projection: &str, command: generation::Command) -> BoxFuture<'_, Result<(), GenerationError>> {
        let request = Request {
            commands: vec![Command::Generation(projection.to_owned(), command)],
            keyed: None,
            ..opening()
        };
        async move {
            let outcome = self.0.execute(request).await;
            outcome
                .map(drop)
                .map_err(|error| GenerationError::Unavailable(error.to_string()))
        }
        .boxed()
    }
}

impl GenerationLog for GenerationCommands {
    fn open(&self, projection: &'static str, version: u32, held: bool) -> BoxFuture<'_, Result<(), GenerationError>> {
        self.send(projection, generation::Command::Open { version, held })
    }

    fn switch(&self, projection: &'static str, generation: Generation) -> BoxFuture<'_, Result<(), GenerationError>> {
        self.send(projection, generation::Command::Switch { generation })
    }

    fn drop_tables(
        &self,
        projection: &'static str,
        generation: Generation,
    ) -> BoxFuture<'_, Result<(), GenerationError>> {
        self.send(projection, generation::Command::Drop { generation })
    }
}

/// A table with all its rows.
struct Table {
    create: String,
    insert: String,
    rows: Vec<Vec<Value>>,
}

fn read_tables(file: &Path) -> Result<Vec<Table>, Failure> {
    let connection = Connection::open(file)?;
    let mut names =
        connection.prepare("SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql IS NOT NULL")?;
    let names = names.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let names: Vec<(String, String)> = names.collect::<Result<_, _>>()?;
    let mut tables = Vec::new();
    for (name, create) in names {
        let mut select = connection.prepare(&format!("SELECT * FROM \"{name}\""))?;
        let columns = select.column_count();
        let rows = select.query_map([], |row| (0..columns).map(|column| row.get(column)).collect())?;
        let mut rows: Vec<Vec<Value>> = rows.collect::<Result<_, _>>()?;
        shuffle(&mut rows);
        let marks = vec!["?"; columns].join(", ");
        let insert = format!("INSERT INTO \"{name}\" VALUES ({marks})");
        tables.push(Table { create, insert, rows });
    }
    Ok(tables)
}

/// Stored rows come in the order of their keys, which no log has.
fn shuffle(rows: &mut [Vec<Value>]) {
    let mut random: u64 = 1;
    for last in (1..rows.len()).rev() {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        rows.swap(last, (random >> 33) as usize % (last + 1));
    }
}

fn insert(tables: &[Table]) -> Result<Duration, Failure> {
    let directory = TempDir::new()?;
    let connection = Connection::open(directory.path().join("raw.db"))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 1_000)?;
    for table in tables {
        connection.execute_batch(&table.create)?;
    }
    let start = Instant::now();
    for table in tables {
        let mut insert = connection.prepare(&table.insert)?;
        for rows in table.rows.chunks(RAW_ROWS) {
            connection.execute_batch("BEGIN")?;
            for row in rows {
                insert.execute(params_from_iter(row))?;
            }
            connection.execute_batch("COMMIT")?;
        }
    }
    Ok(start.elapsed())
}
