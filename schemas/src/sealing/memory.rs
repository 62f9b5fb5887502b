use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::keys::{KeyStore, KeyStoreError, StoredKey};

/// A wrapped key; none when it is forgotten.
type Kept = Option<Vec<u8>>;

/// Keys that live as long as the process.
#[derive(Debug, Default)]
pub struct MemoryKeys {
    keys: Mutex<BTreeMap<(String, u32), Kept>>,
}

impl KeyStore for MemoryKeys {
    fn create(&self, subject: &str, key_id: u32, wrapped: &[u8]) -> Result<(), KeyStoreError> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let id = (subject.to_owned(), key_id);
        keys.entry(id).or_insert_with(|| Some(wrapped.to_vec()));
        Ok(())
    }

    fn key(&self, subject: &str, key_id: u32) -> Result<StoredKey, KeyStoreError> {
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let key = keys.get(&(subject.to_owned(), key_id));
        Ok(key.map_or(StoredKey::Absent, stored))
    }

    fn newest(&self, subject: &str) -> Result<Option<(u32, StoredKey)>, KeyStoreError> {
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let all = (subject.to_owned(), 0)..=(subject.to_owned(), u32::MAX);
        let newest = keys.range(all).next_back();
        Ok(newest.map(|((_, key_id), key)| (*key_id, stored(key))))
    }

    fn forget(&self, subject: &str) -> Result<(), KeyStoreError> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let all = (subject.to_owned(), 0)..=(subject.to_owned(), u32::MAX);
        keys.range_mut(all).for_each(|(_, key)| *key = None);
        Ok(())
    }
}

fn stored(key: &Kept) -> StoredKey {
    key.clone().map_or(StoredKey::Forgotten, StoredKey::Wrapped)
}
