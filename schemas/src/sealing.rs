//! Personal fields, encrypted under a key per person: forgetting the key forgets the person.
//!
//! Events, states, snapshots and read rows carry [`Sealed`] fields only; the edge seals what comes in and
//! opens what goes out. XChaCha20-Poly1305 with a random nonce; subject, key id and field name are
//! authenticated, so a sealed field is of no use anywhere else. A subject's key is random, written once,
//! durable before its first use, and stored wrapped by the master key.

mod cipher;
mod keys;
mod memory;
#[cfg(feature = "scylla")]
mod scylla;
mod sqlite;
#[cfg(test)]
mod tests;

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::value::Sealed;
use lru::LruCache;
use thiserror::Error;

use cipher::{Cipher, NONCE_BYTES};
pub use keys::{KeyStore, KeyStoreError, StoredKey};
pub use memory::MemoryKeys;
#[cfg(feature = "scylla")]
pub use scylla::{ScyllaKeys, ScyllaKeysOptions};
pub use sqlite::SqliteKeys;

/// Bytes of the master key.
pub const MASTER_KEY_BYTES: usize = 32;
/// Most bytes of a field before it is sealed.
pub const FIELD_BYTES_MAX: usize = 16 * 1024;
/// Most bytes of a subject's name.
pub const SUBJECT_BYTES_MAX: usize = 128;
/// Most keys kept in memory.
const CACHED_KEYS_MAX: NonZeroUsize = NonZeroUsize::new(10_000).expect("ten thousand is not zero");

/// Under this name a known text is sealed with the master key, to tell a wrong one at once.
const WITNESS: &str = "";
const WITNESS_TEXT: &[u8] = b"tillroll";
/// The place of a wrapped key, where fields have their names.
const WRAPPED_KEY: &str = "key";

/// Why a field cannot be sealed or opened.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SealError {
    /// Its key was forgotten, and with it the person.
    #[error("the key {key_id} of {subject} is forgotten")]
    Forgotten {
        /// Whose.
        subject: String,
        /// Which.
        key_id: u32,
    },
    /// Changed, or sealed as another field, for another subject or under another key.
    #[error("the sealed field is not authentic")]
    NotAuthentic,
    /// Not what the keys were wrapped with.
    #[error("the master key is not the one that the keys were wrapped with")]
    WrongMasterKey,
    /// A subject without a name, or with one that is too long.
    #[error("a subject's name has 1 to {SUBJECT_BYTES_MAX} bytes")]
    Subject,
    /// Beyond the limit of a field.
    #[error("a field of {bytes} bytes is larger than {FIELD_BYTES_MAX}")]
    TooLarge {
        /// How many bytes it has.
        bytes: usize,
    },
    /// The system gives no random numbers.
    #[error("no random numbers: {0}")]
    NoRandomness(String),
    /// The keys cannot be read or written.
    #[error(transparent)]
    Keys(#[from] KeyStoreError),
}

/// Seals and opens personal fields. Share it between threads. Calls may block: the first seal for a
/// subject waits for the disk.
pub struct Sealer {
    store: Box<dyn KeyStore>,
    master: Cipher,
    cache: Mutex<LruCache<(String, u32), Cipher>>,
}

impl Sealer {
    /// A sealer over `store`, whose keys are wrapped with `master`.
    ///
    /// # Errors
    /// [`SealError::WrongMasterKey`], or what the store says.
    pub fn with_keys(store: Box<dyn KeyStore>, master: &[u8; MASTER_KEY_BYTES]) -> Result<Self, SealError> {
        let master = Cipher::new(master);
        let place = cipher::place(WITNESS, 0, WRAPPED_KEY);
        if store.key(WITNESS, 0)? == StoredKey::Absent {
            store.create(WITNESS, 0, &master.seal(WITNESS_TEXT, &place)?)?;
        }
        let StoredKey::Wrapped(witness) = store.key(WITNESS, 0)? else {
            return Err(SealError::WrongMasterKey);
        };
        master.open(&witness, &place).map_err(|_| SealError::WrongMasterKey)?;
        Ok(Self {
            store,
            master,
            cache: Mutex::new(LruCache::new(CACHED_KEYS_MAX)),
        })
    }

    /// Seals `plaintext` as the field called `field` of `subject`.
    ///
    /// Two calls give different ciphertexts: what tells one request from another must be computed from
    /// the plain request.
    ///
    /// # Errors
    /// [`SealError::Subject`], [`SealError::TooLarge`], [`SealError::NoRandomness`], [`SealError::Keys`].
    pub fn seal(&self, subject: &str, field: &str, plaintext: &str) -> Result<Sealed, SealError> {
        if subject.is_empty() || subject.len() > SUBJECT_BYTES_MAX {
            return Err(SealError::Subject);
        }
        if plaintext.len() > FIELD_BYTES_MAX {
            return Err(SealError::TooLarge { bytes: plaintext.len() });
        }
        let (key_id, key) = self.newest_key(subject)?;
        let sealed = key.seal(plaintext.as_bytes(), &cipher::place(subject, key_id, field))?;
        let (nonce, ciphertext) = sealed.split_at(NONCE_BYTES);
        Ok(Sealed {
            subject: subject.to_owned(),
            key_id,
            nonce: STANDARD.encode(nonce),
            ciphertext: STANDARD.encode(ciphertext),
        })
    }

    /// What was sealed as the field called `field`.
    ///
    /// # Errors
    /// [`SealError::Forgotten`], [`SealError::NotAuthentic`], [`SealError::Keys`].
    pub fn open(&self, sealed: &Sealed, field: &str) -> Result<String, SealError> {
        let key = self.key(&sealed.subject, sealed.key_id)?;
        let decode = |text: &str| STANDARD.decode(text).map_err(|_| SealError::NotAuthentic);
        let mut whole = decode(&sealed.nonce)?;
        if whole.len() != NONCE_BYTES {
            return Err(SealError::NotAuthentic);
        }
        whole.extend(decode(&sealed.ciphertext)?);
        let plaintext = key.open(&whole, &cipher::place(&sealed.subject, sealed.key_id, field))?;
        String::from_utf8(plaintext).map_err(|_| SealError::NotAuthentic)
    }

    /// Forgets all keys of `subject`, durably; what was sealed with them is noise from now on.
    /// What is sealed for the subject later gets a new key.
    ///
    /// # Errors
    /// [`SealError::Keys`]: not all is forgotten; call again.
    pub fn forget(&self, subject: &str) -> Result<(), SealError> {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        self.store.forget(subject)?;
        let ids = cache.iter().map(|(id, _)| id).filter(|id| id.0 == subject);
        let forgotten: Vec<_> = ids.cloned().collect();
        for id in forgotten {
            cache.pop(&id);
        }
        Ok(())
    }

    /// The key that `subject` is sealed with now; made if there is none.
    fn newest_key(&self, subject: &str) -> Result<(u32, Cipher), SealError> {
        let key_id = match self.store.newest(subject)? {
            Some((key_id, StoredKey::Wrapped(_))) => key_id,
            Some((forgotten, _)) => self.create_key(subject, forgotten + 1)?,
            None => self.create_key(subject, 1)?,
        };
        Ok((key_id, self.key(subject, key_id)?))
    }

    /// Makes a key, unless somebody else has just done so: the store keeps the first.
    fn create_key(&self, subject: &str, key_id: u32) -> Result<u32, SealError> {
        let key = cipher::random::<MASTER_KEY_BYTES>()?;
        let wrapped = self.master.seal(&key, &cipher::place(subject, key_id, WRAPPED_KEY))?;
        self.store.create(subject, key_id, &wrapped)?;
        Ok(key_id)
    }

    /// The cache is held while the store is read, so that a key being forgotten does not slip back in.
    fn key(&self, subject: &str, key_id: u32) -> Result<Cipher, SealError> {
        let id = (subject.to_owned(), key_id);
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = cache.get(&id) {
            return Ok(key.clone());
        }
        let StoredKey::Wrapped(wrapped) = self.store.key(subject, key_id)? else {
            return Err(SealError::Forgotten { subject: id.0, key_id });
        };
        let bytes = self
            .master
            .open(&wrapped, &cipher::place(subject, key_id, WRAPPED_KEY))?;
        let bytes = bytes.try_into().map_err(|_| SealError::NotAuthentic)?;
        let key = Cipher::new(&bytes);
        cache.put(id, key.clone());
        Ok(key)
    }
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Sealer").finish_non_exhaustive()
    }
}
