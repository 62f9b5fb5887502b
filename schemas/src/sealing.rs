//! Personal fields, encrypted under a key per person: forgetting the key forgets the person.
//!
//! Events, states, snapshots and read rows carry [`Sealed`] fields only; the edge seals what comes in and
//! opens what goes out. XChaCha20-Poly1305 with a random nonce; subject, key id and field name are
//! authenticated, so a sealed field is of no use anywhere else. A subject's key is random, written once,
//! durable before its first use, and stored wrapped by the master key.

mod cache;
mod cipher;
#[cfg(any(test, feature = "contract"))]
pub mod contract;
mod keys;
mod memory;
#[cfg(feature = "scylla")]
mod scylla;
mod sqlite;
#[cfg(test)]
mod tests;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::value::Sealed;
use thiserror::Error;

use cache::{Cache, KeyName, Reading};
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

/// Seals and opens personal fields. Share it between threads. All calls but [`Sealer::open_cached`] may block:
/// keys are on a disk, or behind a network.
pub struct Sealer {
    store: Box<dyn KeyStore>,
    master: Cipher,
    cache: Cache,
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
            cache: Cache::new(),
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
        check(subject, plaintext)?;
        let (key_id, key) = self.newest_key(subject)?;
        seal_with(&key, (subject, key_id), field, plaintext)
    }

    /// Seals several fields of `subject`, each a name and its plaintext, in order, under one key: the store is
    /// asked once for all.
    ///
    /// # Errors
    /// As [`Sealer::seal`]; nothing is sealed then.
    pub fn seal_all(&self, subject: &str, fields: &[(&str, &str)]) -> Result<Vec<Sealed>, SealError> {
        for (_, plaintext) in fields {
            check(subject, plaintext)?;
        }
        if fields.is_empty() {
            return Ok(Vec::new());
        }
        let (key_id, key) = self.newest_key(subject)?;
        let sealed = fields
            .iter()
            .map(|(field, plaintext)| seal_with(&key, (subject, key_id), field, plaintext));
        sealed.collect()
    }

    /// What was sealed as the field called `field`.
    ///
    /// # Errors
    /// [`SealError::Forgotten`], [`SealError::NotAuthentic`], [`SealError::Keys`].
    pub fn open(&self, sealed: &Sealed, field: &str) -> Result<String, SealError> {
        let key = self.key(&sealed.subject, sealed.key_id)?;
        open_with(&key, sealed, field)
    }

    /// As [`Sealer::open`], when the key is in memory; none when the store has to be asked. Never blocks.
    pub fn open_cached(&self, sealed: &Sealed, field: &str) -> Option<Result<String, SealError>> {
        let key = self.cache.get(&(sealed.subject.clone(), sealed.key_id))?;
        Some(open_with(&key, sealed, field))
    }

    /// Forgets all keys of `subject`, durably; what was sealed with them is noise from now on.
    /// What is sealed for the subject later gets a new key.
    ///
    /// # Errors
    /// [`SealError::Keys`]: not all is forgotten; call again.
    pub fn forget(&self, subject: &str) -> Result<(), SealError> {
        let forgotten = self.store.forget(subject);
        // Also when it failed: some of them may be.
        self.cache.forget(subject);
        Ok(forgotten?)
    }

    /// The key that `subject` is sealed with now; made if there is none. The store is asked each time: what is
    /// sealed with a key that another process has forgotten would be lost.
    fn newest_key(&self, subject: &str) -> Result<(u32, Cipher), SealError> {
        let reading = self.cache.reading();
        if let Some((key_id, wrapped)) = self.store.newest(subject)? {
            let name = (subject.to_owned(), key_id);
            let key = match self.cache.get(&name) {
                Some(key) => key,
                None => self.unwrap(name, &wrapped, &reading)?,
            };
            return Ok((key_id, key));
        }
        let key_id = self.store.new_number(subject)?;
        self.create_key(subject, key_id)?;
        Ok((key_id, self.key(subject, key_id)?))
    }

    /// Makes a key, unless somebody else has just done so: the store keeps the first.
    fn create_key(&self, subject: &str, key_id: u32) -> Result<(), SealError> {
        let key = cipher::random::<MASTER_KEY_BYTES>()?;
        let wrapped = self.master.seal(&key, &cipher::place(subject, key_id, WRAPPED_KEY))?;
        Ok(self.store.create(subject, key_id, &wrapped)?)
    }

    fn key(&self, subject: &str, key_id: u32) -> Result<Cipher, SealError> {
        let name = (subject.to_owned(), key_id);
        if let Some(key) = self.cache.get(&name) {
            return Ok(key);
        }
        let reading = self.cache.reading();
        let StoredKey::Wrapped(wrapped) = self.store.key(subject, key_id)? else {
            return Err(SealError::Forgotten {
                subject: name.0,
                key_id,
            });
        };
        self.unwrap(name, &wrapped, &reading)
    }

    /// The key that the store gave, unwrapped; the cache gets it as well.
    fn unwrap(&self, name: KeyName, wrapped: &[u8], reading: &Reading) -> Result<Cipher, SealError> {
        let bytes = self
            .master
            .open(wrapped, &cipher::place(&name.0, name.1, WRAPPED_KEY))?;
        let bytes = bytes.try_into().map_err(|_| SealError::NotAuthentic)?;
        let key = Cipher::new(&bytes);
        self.cache.put(name, key.clone(), reading);
        Ok(key)
    }
}

fn check(subject: &str, plaintext: &str) -> Result<(), SealError> {
    if subject.is_empty() || subject.len() > SUBJECT_BYTES_MAX {
        return Err(SealError::Subject);
    }
    if plaintext.len() > FIELD_BYTES_MAX {
        return Err(SealError::TooLarge { bytes: plaintext.len() });
    }
    Ok(())
}

fn seal_with(key: &Cipher, (subject, key_id): (&str, u32), field: &str, plaintext: &str) -> Result<Sealed, SealError> {
    let whole = key.seal(plaintext.as_bytes(), &cipher::place(subject, key_id, field))?;
    let (nonce, ciphertext) = whole.split_at(NONCE_BYTES);
    Ok(Sealed {
        subject: subject.to_owned(),
        key_id,
        nonce: STANDARD.encode(nonce),
        ciphertext: STANDARD.encode(ciphertext),
    })
}

fn open_with(key: &Cipher, sealed: &Sealed, field: &str) -> Result<String, SealError> {
    let decode = |text: &str| STANDARD.decode(text).map_err(|_| SealError::NotAuthentic);
    let mut whole = decode(&sealed.nonce)?;
    if whole.len() != NONCE_BYTES {
        return Err(SealError::NotAuthentic);
    }
    whole.extend(decode(&sealed.ciphertext)?);
    let plaintext = key.open(&whole, &cipher::place(&sealed.subject, sealed.key_id, field))?;
    String::from_utf8(plaintext).map_err(|_| SealError::NotAuthentic)
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Sealer").finish_non_exhaustive()
    }
}
