//! Keys in memory, so that a page of orders does not ask the store for each field.

use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use lru::LruCache;

use super::cipher::Cipher;

/// Most keys kept in memory.
const CACHED_KEYS_MAX: NonZeroUsize = NonZeroUsize::new(10_000).expect("ten thousand is not zero");
/// Longest time that a key is used without a look at the store: another process may have forgotten its person.
const CACHED_KEY_SECONDS_MAX: Duration = Duration::from_secs(5 * 60);

/// Which key of whom.
pub(super) type KeyName = (String, u32);

/// Unwrapped keys. Its lock is never held while the store is asked.
pub(super) struct Cache(Mutex<Inner>);

struct Inner {
    keys: LruCache<KeyName, (Cipher, Instant)>,
    /// How often somebody was forgotten: what was read from the store before the last time is not kept.
    forgets: u64,
}

/// The moment at which a look into the store began.
pub(super) struct Reading {
    forgets: u64,
    began: Instant,
}

impl Cache {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Inner {
            keys: LruCache::new(CACHED_KEYS_MAX),
            forgets: 0,
        }))
    }

    pub(super) fn get(&self, name: &KeyName) -> Option<Cipher> {
        let mut inner = self.inner();
        let (key, read_at) = inner.keys.get(name)?;
        if read_at.elapsed() < CACHED_KEY_SECONDS_MAX {
            return Some(key.clone());
        }
        inner.keys.pop(name);
        None
    }

    /// Call it before the store is asked.
    pub(super) fn reading(&self) -> Reading {
        Reading {
            forgets: self.inner().forgets,
            began: Instant::now(),
        }
    }

    /// Keeps what the store gave, unless somebody was forgotten meanwhile: it could be this one.
    pub(super) fn put(&self, name: KeyName, key: Cipher, reading: &Reading) {
        let mut inner = self.inner();
        if inner.forgets == reading.forgets {
            inner.keys.put(name, (key, reading.began));
        }
    }

    /// Call it after the store has forgotten a subject.
    pub(super) fn forget(&self, subject: &str) {
        let mut inner = self.inner();
        inner.forgets += 1;
        let names = inner.keys.iter().map(|(name, _)| name).filter(|name| name.0 == subject);
        let forgotten: Vec<_> = names.cloned().collect();
        for name in forgotten {
            inner.keys.pop(&name);
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
