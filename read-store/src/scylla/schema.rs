//! Keyspace and tables: created unless they are there, checked when they are.
//!
//! Two processes may do so at once. Every change waits until all nodes have it.

use std::collections::{BTreeMap, BTreeSet};

use scylla::statement::Statement;

use super::ScyllaStore;
use super::cql::{self, TableCql, table_name};
use super::failure::{Failure, said};
use super::limits::SCHEMA_TIME_MAX;
use super::link::{Link, Patience};
use super::positions;
use crate::port::{Generation, StoreError, Table};

/// Tables by name, with the names and types of their columns.
type Layouts = BTreeMap<String, BTreeSet<(String, String)>>;

/// Creates the keyspace unless it is there; how often its rows are kept is then whoever created it to say.
pub(super) async fn create_keyspace(link: &Link, keyspace: &str, replication: u32) -> Result<(), StoreError> {
    let is_there = link
        .ask(Patience::ROWS, async |live| {
            let found = live.session.query_unpaged(cql::KEYSPACE, (keyspace,)).await?;
            let rows = found.into_rows_result().map_err(damaged)?;
            Ok(rows.rows_num() > 0)
        })
        .await?;
    if is_there {
        return Ok(());
    }
    let create = cql::create_keyspace(keyspace, &link.live().data_centre, replication)?;
    change(link, &create).await?;
    tell_driver(link).await
}

impl ScyllaStore {
    pub(super) async fn create_tables(
        &self,
        tables: &[&'static Table],
        generation: Generation,
    ) -> Result<(), StoreError> {
        // One at a time: what the next one needs may be there by then.
        let changing = self.schema.lock().await;
        let layouts = self.layouts().await?;
        let mut is_changed = false;
        for table in with_positions(tables) {
            let cql = TableCql::new(&self.keyspace, &table, generation);
            let name = table_name(&table, generation);
            match layouts.get(&name) {
                Some(layout) => check(&name, layout, &cql)?,
                None => {
                    change(&self.link, &cql.create()).await?;
                    is_changed = true;
                }
            }
        }
        if is_changed {
            tell_driver(&self.link).await?;
        } else {
            await_agreement(&self.link).await?;
        }
        drop(changing);
        for projection in projections(tables) {
            let positions = self.read_positions(projection, generation).await?;
            let reached = positions.iter().map(|(shard, position)| (*shard, position.seq));
            self.progress.advance(projection, generation, reached);
        }
        Ok(())
    }

    pub(super) async fn drop_tables(
        &self,
        tables: &[&'static Table],
        generation: Generation,
    ) -> Result<(), StoreError> {
        let _changing = self.schema.lock().await;
        let layouts = self.layouts().await?;
        for table in with_positions(tables) {
            if layouts.contains_key(&table_name(&table, generation)) {
                let cql = TableCql::new(&self.keyspace, &table, generation);
                change(&self.link, &cql.drop()).await?;
            }
            self.link.live().forget(&table, generation);
        }
        for projection in projections(tables) {
            self.progress.forget(projection, generation);
        }
        Ok(())
    }

    /// What a failure means that may be for want of a table.
    pub(super) async fn explain(&self, failure: Failure, table: &Table, generation: Generation) -> StoreError {
        if !matches!(failure, Failure::Invalid(_)) {
            return failure.into();
        }
        match self.layouts().await {
            Ok(layouts) if !layouts.contains_key(&table_name(table, generation)) => {
                StoreError::no_table(table, generation)
            }
            Ok(_) => failure.into(),
            Err(error) => error,
        }
    }

    /// Whether there is such a table.
    pub(super) async fn has(&self, table: &Table, generation: Generation) -> Result<bool, StoreError> {
        Ok(self.layouts().await?.contains_key(&table_name(table, generation)))
    }

    async fn layouts(&self) -> Result<Layouts, StoreError> {
        let columns = self
            .link
            .ask(Patience::ROWS, async |live| {
                let found = live.session.query_unpaged(cql::COLUMNS, (&self.keyspace,)).await?;
                let rows = found.into_rows_result().map_err(damaged)?;
                let columns = rows.rows::<(String, String, String)>().map_err(damaged)?;
                columns.collect::<Result<Vec<_>, _>>().map_err(damaged)
            })
            .await?;
        let mut layouts = Layouts::new();
        for (table, column, kind) in columns {
            layouts.entry(table).or_default().insert((column, kind));
        }
        Ok(layouts)
    }
}

/// The tables and those of their projections' positions.
fn with_positions(tables: &[&'static Table]) -> Vec<Table> {
    let positions = projections(tables).into_iter().map(positions::table);
    let tables = tables.iter().map(|table| Table {
        projection: table.projection,
        name: table.name,
        columns: table.columns,
    });
    tables.chain(positions).collect()
}

fn projections(tables: &[&'static Table]) -> BTreeSet<&'static str> {
    tables.iter().map(|table| table.projection).collect()
}

/// Other columns need another generation: a column that is dropped and added again would hide what is written.
fn check(name: &str, layout: &BTreeSet<(String, String)>, cql: &TableCql) -> Result<(), StoreError> {
    let wanted: BTreeSet<(String, String)> = cql
        .layout()
        .map(|(column, kind)| (column.to_owned(), kind.to_owned()))
        .collect();
    if *layout == wanted {
        return Ok(());
    }
    Err(StoreError::Damaged(format!(
        "the table {name} has the columns {layout:?}, and this program needs {wanted:?}"
    )))
}

/// Changes the schema. Somebody else's change at the same time may get in its way: then asking again helps.
async fn change(link: &Link, text: &str) -> Result<(), StoreError> {
    let changed = link
        .ask(Patience::SCHEMA, async |live| {
            let mut statement = Statement::new(text);
            statement.set_request_timeout(Some(SCHEMA_TIME_MAX));
            // It says "if (not) exists".
            statement.set_is_idempotent(true);
            live.session.query_unpaged(statement, ()).await?;
            Ok(())
        })
        .await;
    Ok(changed?)
}

/// Somebody else may have made a table just now: a node that has not heard of it yet would say that there is none.
async fn await_agreement(link: &Link) -> Result<(), StoreError> {
    let agreed = link
        .ask(Patience::SCHEMA, async |live| {
            let agreed = live.session.await_schema_agreement().await;
            agreed.map(drop).map_err(|error| Failure::Busy(said(&error)))
        })
        .await;
    Ok(agreed?)
}

/// Routing depends on what there is.
async fn tell_driver(link: &Link) -> Result<(), StoreError> {
    let told = link
        .ask(Patience::ROWS, async |live| {
            let refreshed = live.session.refresh_metadata().await;
            refreshed.map_err(|error| Failure::Busy(said(&error)))
        })
        .await;
    Ok(told?)
}

fn damaged(error: impl std::error::Error) -> Failure {
    Failure::Final(StoreError::Damaged(said(&error)))
}
