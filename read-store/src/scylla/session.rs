//! One session with the database, and the statements prepared in it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use scylla::client::execution_profile::ExecutionProfile;
use scylla::client::session::Session;
use scylla::client::session_builder::SessionBuilder;
use scylla::errors::NewSessionError;
use scylla::policies::load_balancing::DefaultPolicy;
use scylla::statement::Consistency;
use scylla::statement::prepared::PreparedStatement;
use tokio::sync::OnceCell;

use super::ScyllaOptions;
use super::cql::{self, Form, TableCql};
use super::failure::{Failure, said};
use super::limits::{
    KEEPALIVE_INTERVAL, KEEPALIVE_TIMEOUT, REQUEST_TIME_MAX, ROWS_PER_FETCH, SCHEMA_AGREEMENT_INTERVAL,
    SCHEMA_TIME_MAX, SESSION_TIME_MAX,
};
use crate::port::{Generation, StoreError, Table};

/// A projection, one of its tables, and a generation.
type TableKey = (&'static str, &'static str, Generation);

/// A session that has answered once.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) session: Session,
    /// The data centre of the nodes that are asked.
    pub(super) data_centre: String,
    keyspace: String,
    tables: Mutex<HashMap<TableKey, Arc<PreparedTable>>>,
}

impl Live {
    /// Connects. Must run where the session's own tasks are to run; may hang as long as a node does.
    pub(super) async fn connect(options: &ScyllaOptions) -> Result<Self, StoreError> {
        let keyspace = options.keyspace();
        let profile = ExecutionProfile::builder()
            .consistency(Consistency::LocalQuorum)
            .request_timeout(Some(REQUEST_TIME_MAX))
            .build();
        let mut profile_in_use = profile.clone().into_handle();
        let mut builder = SessionBuilder::new()
            .known_nodes(&options.contact_points)
            .default_execution_profile_handle(profile_in_use.clone())
            .connection_timeout(SESSION_TIME_MAX)
            .keepalive_interval(KEEPALIVE_INTERVAL)
            .keepalive_timeout(KEEPALIVE_TIMEOUT)
            // All that routing needs to know.
            .keyspaces_to_fetch([&keyspace])
            .fetch_full_schema_metadata(false)
            .refresh_metadata_on_auto_schema_agreement(false)
            .schema_agreement_interval(SCHEMA_AGREEMENT_INTERVAL)
            .schema_agreement_timeout(SCHEMA_TIME_MAX);
        if let (Some(user), Some(password)) = (&options.user, &options.password) {
            builder = builder.user(user, password);
        }
        let session = builder.build().await.map_err(|error| unavailable(&error))?;
        let data_centre = data_centre(&session).await?;
        let local = DefaultPolicy::builder().prefer_datacenter(data_centre.clone()).build();
        profile_in_use.map_to_another_profile(profile.to_builder().load_balancing_policy(local).build());
        Ok(Self {
            session,
            data_centre,
            keyspace,
            tables: Mutex::default(),
        })
    }

    /// The statements of a table.
    pub(super) fn table(&self, table: &Table, generation: Generation) -> Arc<PreparedTable> {
        let key = (table.projection, table.name, generation);
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        let prepared = tables.entry(key).or_insert_with(|| {
            Arc::new(PreparedTable {
                cql: TableCql::new(&self.keyspace, table, generation),
                forms: Default::default(),
            })
        });
        Arc::clone(prepared)
    }

    /// Forgets the statements of a table that is gone.
    pub(super) fn forget(&self, table: &Table, generation: Generation) {
        let key = (table.projection, table.name, generation);
        self.tables.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
    }
}

/// The statements of one table, each prepared when it is first used.
#[derive(Debug)]
pub(super) struct PreparedTable {
    pub(super) cql: TableCql,
    forms: [OnceCell<PreparedStatement>; Form::COUNT],
}

impl PreparedTable {
    pub(super) async fn statement(&self, session: &Session, form: Form) -> Result<&PreparedStatement, Failure> {
        let prepare = async || {
            let mut prepared = session.prepare(self.cql.text(form)).await?;
            // The timestamp makes it so.
            prepared.set_is_idempotent(true);
            prepared.set_page_size(ROWS_PER_FETCH);
            Ok(prepared)
        };
        self.forms[form.index()].get_or_try_init(prepare).await
    }
}

/// Of the node that answers: all contact points are in the local one.
async fn data_centre(session: &Session) -> Result<String, StoreError> {
    let asked = session.query_unpaged(cql::DATA_CENTRE, ()).await;
    let rows = asked
        .map_err(Failure::from)?
        .into_rows_result()
        .map_err(|error| StoreError::Damaged(said(&error)))?;
    let (name,) = rows
        .single_row::<(String,)>()
        .map_err(|error| StoreError::Damaged(said(&error)))?;
    Ok(name)
}

/// A wrong password as well: whoever runs the database may put it right.
fn unavailable(error: &NewSessionError) -> StoreError {
    StoreError::Unavailable(said(error))
}

/// Waits, but not for ever.
pub(super) async fn within<T>(
    limit: Duration,
    what: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let in_time = tokio::time::timeout(limit, what).await;
    in_time.unwrap_or_else(|_| Err(StoreError::Unavailable(format!("no answer within {limit:?}"))))
}
