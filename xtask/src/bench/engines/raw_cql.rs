//! The limit of the read store in CQL: the driver itself, inserting the same rows with nothing around it.

use std::time::{Duration, Instant};

use futures::{StreamExt, TryStreamExt, stream};
use hdrhistogram::Histogram;
use scylla::client::session::Session;
use scylla::client::session_builder::SessionBuilder;
use scylla::value::{CqlValue, Row};

use super::Engines;
use crate::bench::measure::Failure;

/// Inserts on their way at once: as many as the store of the shop has.
const IN_FLIGHT: usize = 128;
/// The columns of the key of every table of rows.
const KEY: [&str; 2] = ["partition", "clustering"];

/// A session of its own.
pub(super) struct RawCql {
    session: Session,
}

/// A table of rows, as it is stored.
pub(super) struct CqlTable {
    name: String,
    /// Names and types.
    columns: Vec<(String, String)>,
    pub(super) rows: Vec<Vec<Option<CqlValue>>>,
}

impl RawCql {
    pub(super) async fn connect(engines: &Engines) -> Result<Self, Failure> {
        let builder = SessionBuilder::new().known_node(engines.cassandra.address());
        Ok(Self {
            session: builder.build().await?,
        })
    }

    /// All rows of all tables of rows.
    pub(super) async fn read(&self, keyspace: &str) -> Result<Vec<CqlTable>, Failure> {
        let mut tables = self.tables(keyspace).await?;
        for table in &mut tables {
            let select = format!(r#"SELECT {} FROM "{keyspace}"."{}""#, table.names(), table.name);
            let rows = self.session.query_iter(select, ()).await?.rows_stream::<Row>()?;
            table.rows = rows.map_ok(|row| row.columns).try_collect().await?;
        }
        Ok(tables)
    }

    async fn tables(&self, keyspace: &str) -> Result<Vec<CqlTable>, Failure> {
        let columns = "SELECT table_name, column_name, type FROM system_schema.columns WHERE keyspace_name = ?";
        let asked = self
            .session
            .query_unpaged(columns, (keyspace,))
            .await?
            .into_rows_result()?;
        let mut tables: Vec<CqlTable> = Vec::new();
        for column in asked.rows::<(String, String, String)>()? {
            let (name, column, kind) = column?;
            if tables.last().is_none_or(|table| table.name != name) {
                tables.push(CqlTable {
                    name,
                    columns: Vec::new(),
                    rows: Vec::new(),
                });
            }
            if let Some(table) = tables.last_mut() {
                table.columns.push((column, kind));
            }
        }
        tables.retain(|table| KEY.iter().all(|key| table.columns.iter().any(|(name, _)| name == key)));
        Ok(tables)
    }

    /// Empties every table, and leaves it there.
    pub(super) async fn empty(&self, keyspace: &str) -> Result<(), Failure> {
        let tables = "SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?";
        let asked = self
            .session
            .query_unpaged(tables, (keyspace,))
            .await?
            .into_rows_result()?;
        for table in asked.rows::<(String,)>()? {
            let (table,) = table?;
            self.session
                .query_unpaged(format!(r#"TRUNCATE "{keyspace}"."{table}""#), ())
                .await?;
        }
        Ok(())
    }

    /// Makes the same tables, without rows, in a keyspace of its own.
    pub(super) async fn create(&self, keyspace: &str, tables: &[CqlTable]) -> Result<(), Failure> {
        let create = format!(
            r#"CREATE KEYSPACE IF NOT EXISTS "{keyspace}" WITH replication =
               {{'class': 'NetworkTopologyStrategy', 'replication_factor': 1}}"#
        );
        self.session.query_unpaged(create, ()).await?;
        for table in tables {
            let columns = table.columns.iter().map(|(name, kind)| format!(r#""{name}" {kind}"#));
            let create = format!(
                r#"CREATE TABLE IF NOT EXISTS "{keyspace}"."{}" ({}, PRIMARY KEY ("partition", "clustering"))
                   WITH compaction = {{'class': 'LeveledCompactionStrategy'}}"#,
                table.name,
                columns.collect::<Vec<_>>().join(", "),
            );
            self.session.query_unpaged(create, ()).await?;
        }
        self.session.await_schema_agreement().await?;
        Ok(())
    }

    /// Inserts all rows, so many times over.
    pub(super) async fn insert(&self, keyspace: &str, tables: &[CqlTable], times: usize) -> Result<Duration, Failure> {
        let mut took = Duration::ZERO;
        for table in tables.iter().filter(|table| !table.rows.is_empty()) {
            let insert = format!(
                r#"INSERT INTO "{keyspace}"."{}" ({}) VALUES ({}) USING TIMESTAMP ?"#,
                table.name,
                table.names(),
                vec!["?"; table.columns.len()].join(", "),
            );
            let mut prepared = self.session.prepare(insert).await?;
            prepared.set_is_idempotent(true);
            let prepared = &prepared;
            let rows = (1..=times).flat_map(|time| table.rows.iter().map(move |row| (time, row)));
            let inserts = rows.map(|(time, row)| async move {
                let mut cells = row.clone();
                cells.push(Some(CqlValue::BigInt(i64::try_from(time)? * 4)));
                self.session.execute_unpaged(prepared, cells).await?;
                Ok::<(), Failure>(())
            });
            let start = Instant::now();
            let mut running = stream::iter(inserts).buffer_unordered(IN_FLIGHT);
            while running.try_next().await?.is_some() {}
            took += start.elapsed();
        }
        Ok(took)
    }

    /// The p50 in microseconds of one insert, and of one read of the same row, each alone.
    pub(super) async fn round_trips(
        &self,
        keyspace: &str,
        table: &CqlTable,
        time: Duration,
    ) -> Result<(f64, f64), Failure> {
        let row = table.rows.first().ok_or("the table has no row")?;
        let place = |key: &str| table.columns.iter().position(|(name, _)| name == key);
        let cell = |key: &str| place(key).and_then(|place| row.get(place).cloned().flatten());
        let key: Vec<Option<CqlValue>> = KEY.iter().map(|key| cell(key)).collect();
        let name = format!(r#""{keyspace}"."{}""#, table.name);
        let marks = vec!["?"; table.columns.len()].join(", ");
        let insert = format!("INSERT INTO {name} ({}) VALUES ({marks})", table.names());
        let insert = self.session.prepare(insert).await?;
        let read = format!(
            r#"SELECT {} FROM {name} WHERE "partition" = ? AND "clustering" = ?"#,
            table.names()
        );
        let read = self.session.prepare(read).await?;
        let (mut inserts, mut reads): (Histogram<u64>, Histogram<u64>) = (Histogram::new(3)?, Histogram::new(3)?);
        let start = Instant::now();
        while start.elapsed() < time {
            let begin = Instant::now();
            self.session.execute_unpaged(&insert, row).await?;
            let written = Instant::now();
            self.session.execute_unpaged(&read, &key).await?;
            inserts.record(u64::try_from((written - begin).as_micros())?.max(1))?;
            reads.record(u64::try_from(written.elapsed().as_micros())?.max(1))?;
        }
        Ok((
            inserts.value_at_quantile(0.5) as f64,
            reads.value_at_quantile(0.5) as f64,
        ))
    }
}

impl CqlTable {
    fn names(&self) -> String {
        let names = self.columns.iter().map(|(name, _)| format!(r#""{name}""#));
        names.collect::<Vec<_>>().join(", ")
    }
}
