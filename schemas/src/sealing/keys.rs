use thiserror::Error;

/// Why keys cannot be read or written.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum KeyStoreError {
    /// For now; asking again may help.
    #[error("the keys are not available: {0}")]
    Unavailable(String),
    /// What is stored is not what was written.
    #[error("the keys are damaged: {0}")]
    Damaged(String),
}

impl KeyStoreError {
    /// Whether asking again may help.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

/// What a store knows of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoredKey {
    /// It is there, wrapped by the master key.
    Wrapped(Vec<u8>),
    /// It was there; its number is never given again.
    Forgotten,
    /// It never was.
    Absent,
}

/// Keys by subject and number: written once, kept until they are forgotten, never overwritten. Backed up
/// apart from everything else, and never dropped with read models.
pub trait KeyStore: Send + Sync {
    /// Keeps `wrapped` as the key, unless there is or was one of that number. Durable before it
    /// returns. May block.
    ///
    /// # Errors
    /// [`KeyStoreError`]: the key may or may not be kept.
    fn create(&self, subject: &str, key_id: u32, wrapped: &[u8]) -> Result<(), KeyStoreError>;

    /// The key with this number. May block.
    ///
    /// # Errors
    /// [`KeyStoreError`].
    fn key(&self, subject: &str, key_id: u32) -> Result<StoredKey, KeyStoreError>;

    /// The key that the subject is sealed with now: of those that are not forgotten, the one with the highest
    /// number, wrapped. May block.
    ///
    /// # Errors
    /// [`KeyStoreError`].
    fn newest(&self, subject: &str) -> Result<Option<(u32, Vec<u8>)>, KeyStoreError>;

    /// A number for a new key, that no key of the subject has or had. Where one process writes, numbers count up;
    /// where several do and nothing orders them, a number is drawn by chance, so that two keys made at once have
    /// two numbers and neither takes the other's place. May block.
    ///
    /// # Errors
    /// [`KeyStoreError`].
    fn new_number(&self, subject: &str) -> Result<u32, KeyStoreError>;

    /// Destroys all keys of the subject that were made before the call; durable before it returns, and they stay
    /// forgotten whatever comes late. Files that are the store's own hold no copy afterwards. May block.
    ///
    /// # Errors
    /// [`KeyStoreError`]: some may be left.
    fn forget(&self, subject: &str) -> Result<(), KeyStoreError>;
}
