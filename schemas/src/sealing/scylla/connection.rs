use std::fmt;
use std::time::Duration;

use futures::TryStreamExt;
use scylla::client::PoolSize;
use scylla::client::execution_profile::ExecutionProfile;
use scylla::client::session::Session;
use scylla::client::session_builder::SessionBuilder;
use scylla::statement::Consistency;
use scylla::statement::prepared::PreparedStatement;
use scylla::statement::unprepared::Statement;

use super::{ScyllaKeysOptions, layout};
use crate::sealing::keys::KeyStoreError;

/// How long connecting may take, with all that the driver asks at first.
const CONNECT_SECONDS_MAX: Duration = Duration::from_secs(5);
/// How long one request may take.
const REQUEST_SECONDS_MAX: Duration = Duration::from_secs(1);
/// How long one request about tables may take: all nodes have to agree.
const LAYOUT_SECONDS_MAX: Duration = Duration::from_secs(15);
/// How often an idle connection is tried, and how long it may stay silent.
const KEEPALIVE: Duration = Duration::from_secs(2);
/// Keys are read one at a time: one connection to each node will do.
const CONNECTIONS: std::num::NonZeroUsize = std::num::NonZeroUsize::MIN;

/// A session with its statements.
pub(super) struct Connection {
    session: Session,
    insert_key: PreparedStatement,
    insert_forgotten: PreparedStatement,
    select_key: PreparedStatement,
    select_keys: PreparedStatement,
}

/// Why the database did not do what it was asked for.
#[derive(Debug)]
pub(super) enum Failed {
    /// It may, next time.
    Unavailable(String),
    /// It never will.
    Damaged(String),
}

impl Connection {
    /// Connects to a database that is prepared for us.
    pub(super) async fn open(options: &ScyllaKeysOptions) -> Result<Self, Failed> {
        let session = connect(options).await?;
        Self::prepare(session, &options.keyspace_prefix).await
    }

    /// Connects, and makes what is missing.
    pub(super) async fn open_prepared(options: &ScyllaKeysOptions) -> Result<Self, Failed> {
        let prefix = &options.keyspace_prefix;
        if !layout::is_prefix(prefix) {
            return Err(Failed::Damaged(format!("{prefix:?} can be part of no keyspace's name")));
        }
        let session = connect(options).await?;
        if columns(&session, prefix).await?.is_empty() {
            let (data_centre,) = session
                .query_unpaged(patient(layout::DATA_CENTRE), ())
                .await
                .map_err(unavailable)?
                .into_rows_result()
                .map_err(unavailable)?
                .single_row::<(String,)>()
                .map_err(unavailable)?;
            let keyspace = layout::create_keyspace(prefix, &data_centre, options.replication);
            for statement in [keyspace, layout::create_table(prefix)] {
                session
                    .query_unpaged(patient(statement), ())
                    .await
                    .map_err(unavailable)?;
            }
        }
        let found = columns(&session, prefix).await?;
        let expected = layout::COLUMNS.map(|(name, kind, of)| (name.to_owned(), kind.to_owned(), of.to_owned()));
        if found != expected {
            let keyspace = layout::keyspace(prefix);
            return Err(Failed::Damaged(format!("{keyspace}.keys is another table: {found:?}")));
        }
        Self::prepare(session, prefix).await
    }

    async fn prepare(session: Session, prefix: &str) -> Result<Self, Failed> {
        let prepare = async |statement: String| {
            let mut prepared = session.prepare(statement).await.map_err(unavailable)?;
            // Each says the same each time, with its own timestamp.
            prepared.set_is_idempotent(true);
            Ok(prepared)
        };
        Ok(Self {
            insert_key: prepare(layout::insert_key(prefix)).await?,
            insert_forgotten: prepare(layout::insert_forgotten(prefix)).await?,
            select_key: prepare(layout::select_key(prefix)).await?,
            select_keys: prepare(layout::select_keys(prefix)).await?,
            session,
        })
    }

    /// The key with this number: no bytes when it is forgotten, none when it never was.
    pub(super) async fn key(&self, owner: &str, number: i32) -> Result<Option<Vec<u8>>, Failed> {
        let answer = self.session.execute_unpaged(&self.select_key, (owner, number)).await;
        let rows = answer.map_err(unavailable)?.into_rows_result().map_err(unavailable)?;
        let row = rows.maybe_first_row::<(Vec<u8>,)>();
        Ok(row.map_err(|error| damaged(owner, &error))?.map(|(wrapped,)| wrapped))
    }

    /// All keys of a subject by number, the forgotten ones without bytes.
    pub(super) async fn keys(&self, owner: &str) -> Result<Vec<(i32, Vec<u8>)>, Failed> {
        let rows = self.session.execute_iter(self.select_keys.clone(), (owner,)).await;
        let rows = rows.map_err(unavailable)?.rows_stream::<(i32, Vec<u8>)>();
        let rows = rows.map_err(|error| damaged(owner, &error))?;
        rows.try_collect().await.map_err(unavailable)
    }

    pub(super) async fn create(&self, owner: &str, number: i32, wrapped: &[u8]) -> Result<(), Failed> {
        let written = self
            .session
            .execute_unpaged(&self.insert_key, (owner, number, wrapped))
            .await;
        written.map_err(unavailable).map(|_| ())
    }

    pub(super) async fn forget(&self, owner: &str, number: i32) -> Result<(), Failed> {
        let nothing: &[u8] = &[];
        let values = (owner, number, nothing);
        let written = self.session.execute_unpaged(&self.insert_forgotten, values).await;
        written.map_err(unavailable).map(|_| ())
    }
}

async fn connect(options: &ScyllaKeysOptions) -> Result<Session, Failed> {
    let profile = ExecutionProfile::builder()
        .consistency(Consistency::LocalQuorum)
        .request_timeout(Some(REQUEST_SECONDS_MAX))
        .build();
    let mut builder = SessionBuilder::new()
        .known_nodes(&options.contact_points)
        .default_execution_profile_handle(profile.into_handle())
        .connection_timeout(CONNECT_SECONDS_MAX)
        .keepalive_interval(KEEPALIVE)
        .keepalive_timeout(KEEPALIVE)
        .keyspaces_to_fetch([layout::keyspace(&options.keyspace_prefix)])
        .pool_size(PoolSize::PerHost(CONNECTIONS));
    if let (Some(user), Some(password)) = (&options.user, &options.password) {
        builder = builder.user(user, password);
    }
    // A process that is stopped takes connections and never answers.
    match tokio::time::timeout(CONNECT_SECONDS_MAX, builder.build()).await {
        Ok(session) => session.map_err(unavailable),
        Err(_) => Err(super::too_slow(CONNECT_SECONDS_MAX)),
    }
}

/// What the database knows of our table: its columns by name.
async fn columns(session: &Session, prefix: &str) -> Result<Vec<(String, String, String)>, Failed> {
    let keyspace = layout::keyspace(prefix);
    let answer = session.query_unpaged(patient(layout::DESCRIBE), (keyspace,)).await;
    let rows = answer.map_err(unavailable)?.into_rows_result().map_err(unavailable)?;
    let rows = rows.rows::<(String, String, String)>().map_err(unavailable)?;
    let mut columns = rows.collect::<Result<Vec<_>, _>>().map_err(unavailable)?;
    columns.sort();
    Ok(columns)
}

/// A statement that may take its time: nobody waits for an answer over HTTP.
fn patient(text: impl Into<String>) -> Statement {
    let mut statement = Statement::new(text);
    statement.set_request_timeout(Some(LAYOUT_SECONDS_MAX));
    // Each makes something unless it is there, or reads.
    statement.set_is_idempotent(true);
    statement
}

fn unavailable(error: impl fmt::Display) -> Failed {
    Failed::Unavailable(error.to_string())
}

fn damaged(owner: &str, error: &impl fmt::Display) -> Failed {
    Failed::Damaged(format!("{owner}: {error}"))
}

impl fmt::Display for Failed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(why) | Self::Damaged(why) => formatter.write_str(why),
        }
    }
}

impl From<Failed> for KeyStoreError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Unavailable(why) => Self::Unavailable(why),
            Failed::Damaged(why) => Self::Damaged(why),
        }
    }
}
