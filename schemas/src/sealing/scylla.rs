//! Keys in ScyllaDB or Cassandra: the keyspace `<prefix>_keys`, apart from the read models and never dropped with
//! them.
//!
//! Nothing there orders two processes (no lightweight transactions: not every engine has them alike), so nothing
//! here depends on an order. A key's number is drawn by chance: two keys made for a subject at the same moment are
//! two rows, and both stay. Forgetting writes rows without key material over the keys, and such a row wins against
//! any write of a key, early or late, because the timestamps are ours and not a clock's. Rows are never deleted,
//! so no tombstone can be dropped and let a key come back.
//!
//! A forgotten key is unreadable at once. The database's files may hold its bytes, wrapped by the master key, until
//! they are compacted; `nodetool compact <prefix>_keys` does that.

mod connection;
mod layout;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, Weak};
use std::time::{Duration, Instant};

use super::keys::{KeyStore, KeyStoreError, StoredKey};
use crate::background::Background;
use connection::{Connection, Failed};

/// How long one call may take, with all its attempts.
const CALL_SECONDS_MAX: Duration = Duration::from_secs(2);
/// The first pause before another attempt of the same call.
const RETRY_PAUSE_MIN: Duration = Duration::from_millis(20);
/// The longest one.
const RETRY_PAUSE_MAX: Duration = Duration::from_millis(320);
/// How long opening may take: a cluster agrees on a new table within seconds.
const OPEN_SECONDS_MAX: Duration = Duration::from_secs(30);
/// How long to wait between two attempts to connect anew.
const RECONNECT_PAUSE: Duration = Duration::from_millis(500);
/// Numbers are positive in 31 bits, which every language reads.
const NUMBER_MAX: u32 = 0x7fff_ffff;

/// Where the keys are.
#[derive(Clone)]
pub struct ScyllaKeysOptions {
    /// Some nodes: `host:port`.
    pub contact_points: Vec<String>,
    /// The keyspace is `<prefix>_keys`.
    pub keyspace_prefix: String,
    /// Copies of each key; fixed when the keyspace is made.
    pub replication: u32,
    /// Who we are, where the database wants to know.
    pub user: Option<String>,
    /// And the password.
    pub password: Option<String>,
}

/// Keys in ScyllaDB or Cassandra. Every call ends within [`CALL_SECONDS_MAX`], whatever the database does.
pub struct ScyllaKeys {
    database: Arc<Database>,
    background: Background,
}

/// The way to the database, which may be another one after a failure.
struct Database {
    options: ScyllaKeysOptions,
    connection: RwLock<Arc<Connection>>,
    is_reconnecting: AtomicBool,
}

impl ScyllaKeys {
    /// Connects, and makes keyspace and table where they are missing.
    ///
    /// # Errors
    /// [`KeyStoreError::Unavailable`] when the database does not answer, [`KeyStoreError::Damaged`] when there is
    /// another table of that name, or the keyspace cannot have this name.
    pub async fn open(options: ScyllaKeysOptions) -> Result<Self, KeyStoreError> {
        let background = Background::start("keys").map_err(|error| KeyStoreError::Unavailable(error.to_string()))?;
        let prepared = options.clone();
        let opening = background.runtime().spawn(async move {
            let opened = tokio::time::timeout(OPEN_SECONDS_MAX, Connection::open_prepared(&prepared));
            opened.await.unwrap_or_else(|_| Err(too_slow(OPEN_SECONDS_MAX)))
        });
        let connection = opening
            .await
            .map_err(|error| KeyStoreError::Unavailable(error.to_string()))?
            .map_err(KeyStoreError::from)?;
        let database = Arc::new(Database {
            options,
            connection: RwLock::new(Arc::new(connection)),
            is_reconnecting: AtomicBool::new(false),
        });
        Ok(Self { database, background })
    }

    /// Asks until there is an answer or the time is over. Every statement may be repeated. Blocks.
    fn call<T, F>(&self, ask: impl Fn(Arc<Connection>) -> F + Send + 'static) -> Result<T, KeyStoreError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Failed>> + Send,
    {
        let database = Arc::clone(&self.database);
        // The attempts stop in time by themselves; the limit only holds them to it.
        let limit = CALL_SECONDS_MAX + RETRY_PAUSE_MAX;
        let answer = self
            .background
            .wait_for(limit, async move { database.attempts(ask).await });
        answer.unwrap_or_else(|| Err(too_slow(CALL_SECONDS_MAX).into()))
    }
}

impl Database {
    fn connection(&self) -> Arc<Connection> {
        Arc::clone(&self.connection.read().unwrap_or_else(PoisonError::into_inner))
    }

    async fn attempts<T, F>(self: &Arc<Self>, ask: impl Fn(Arc<Connection>) -> F) -> Result<T, KeyStoreError>
    where
        F: Future<Output = Result<T, Failed>>,
    {
        let deadline = Instant::now() + CALL_SECONDS_MAX;
        let mut pause = RETRY_PAUSE_MIN;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let asked = tokio::time::timeout(left, ask(self.connection())).await;
            let failed = match asked.unwrap_or_else(|_| Err(too_slow(CALL_SECONDS_MAX))) {
                Ok(answer) => return Ok(answer),
                Err(failed @ Failed::Damaged(_)) => return Err(failed.into()),
                Err(failed) => failed,
            };
            self.reconnect();
            if Instant::now() + pause >= deadline {
                return Err(failed.into());
            }
            tokio::time::sleep(pause).await;
            pause = RETRY_PAUSE_MAX.min(pause * 2);
        }
    }

    /// Sees to a new connection in the background: an old one takes its time to find a node that came back.
    fn reconnect(self: &Arc<Self>) {
        if self.is_reconnecting.swap(true, Ordering::AcqRel) {
            return;
        }
        tokio::spawn(reconnect(Arc::downgrade(self)));
    }
}

/// Tries until there is a new connection, or nobody needs one any more.
async fn reconnect(database: Weak<Database>) {
    loop {
        let Some(options) = database.upgrade().map(|database| database.options.clone()) else {
            return;
        };
        let opened = Connection::open(&options).await;
        let Some(database) = database.upgrade() else {
            return;
        };
        match opened {
            Ok(connection) => {
                *database.connection.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(connection);
                database.is_reconnecting.store(false, Ordering::Release);
                return;
            }
            Err(error) => tracing::debug!(%error, "the keys' database does not answer"),
        }
        drop(database);
        tokio::time::sleep(RECONNECT_PAUSE).await;
    }
}

impl KeyStore for ScyllaKeys {
    fn create(&self, subject: &str, key_id: u32, wrapped: &[u8]) -> Result<(), KeyStoreError> {
        let (owner, number) = (layout::owner(subject), number(key_id)?);
        let wrapped = wrapped.to_vec();
        self.call(move |connection| {
            let (owner, wrapped) = (owner.clone(), wrapped.clone());
            async move {
                // Numbers are drawn by chance: what is here already is an earlier attempt, or is forgotten.
                if connection.key(&owner, number).await?.is_some() {
                    return Ok(());
                }
                connection.create(&owner, number, &wrapped).await
            }
        })
    }

    fn key(&self, subject: &str, key_id: u32) -> Result<StoredKey, KeyStoreError> {
        let (owner, number) = (layout::owner(subject), number(key_id)?);
        let key = self.call(move |connection| {
            let owner = owner.clone();
            async move { connection.key(&owner, number).await }
        })?;
        Ok(match key {
            None => StoredKey::Absent,
            Some(wrapped) if wrapped.is_empty() => StoredKey::Forgotten,
            Some(wrapped) => StoredKey::Wrapped(wrapped),
        })
    }

    fn newest(&self, subject: &str) -> Result<Option<(u32, Vec<u8>)>, KeyStoreError> {
        let owner = layout::owner(subject);
        let keys = self.call(move |connection| {
            let owner = owner.clone();
            async move { connection.keys(&owner).await }
        })?;
        let live = keys.into_iter().filter(|(_, wrapped)| !wrapped.is_empty());
        let newest = live.max_by_key(|(number, _)| *number);
        newest
            .map(|(number, wrapped)| {
                let negative = |_| KeyStoreError::Damaged(format!("a key has the number {number}"));
                Ok((u32::try_from(number).map_err(negative)?, wrapped))
            })
            .transpose()
    }

    fn new_number(&self, _subject: &str) -> Result<u32, KeyStoreError> {
        let random = getrandom::u32().map_err(|error| KeyStoreError::Unavailable(error.to_string()))?;
        Ok((random & NUMBER_MAX).max(1))
    }

    fn forget(&self, subject: &str) -> Result<(), KeyStoreError> {
        let owner = layout::owner(subject);
        self.call(move |connection| {
            let owner = owner.clone();
            async move {
                let keys = connection.keys(&owner).await?;
                for (number, _) in keys.iter().filter(|(_, wrapped)| !wrapped.is_empty()) {
                    connection.forget(&owner, *number).await?;
                }
                Ok(())
            }
        })
    }
}

impl std::fmt::Debug for ScyllaKeys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let options = &self.database.options;
        formatter
            .debug_struct("ScyllaKeys")
            .field("contact_points", &options.contact_points)
            .field("keyspace", &layout::keyspace(&options.keyspace_prefix))
            .finish_non_exhaustive()
    }
}

fn number(key_id: u32) -> Result<i32, KeyStoreError> {
    i32::try_from(key_id).map_err(|_| KeyStoreError::Damaged(format!("there is no key with the number {key_id}")))
}

fn too_slow(limit: Duration) -> Failed {
    Failed::Unavailable(format!("no answer within {} s", limit.as_secs()))
}
