use std::collections::BTreeMap;
use std::ops::RangeInclusive;
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

    fn newest(&self, subject: &str) -> Result<Option<(u32, Vec<u8>)>, KeyStoreError> {
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let mut from_last = keys.range(all_of(subject)).rev();
        Ok(from_last.find_map(|((_, key_id), key)| Some((*key_id, key.clone()?))))
    }

    fn new_number(&self, subject: &str) -> Result<u32, KeyStoreError> {
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let last = keys.range(all_of(subject)).next_back();
        Ok(last.map_or(1, |((_, key_id), _)| key_id + 1))
    }

    fn forget(&self, subject: &str) -> Result<(), KeyStoreError> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.range_mut(all_of(subject)).for_each(|(_, key)| *key = None);
        Ok(())
    }
}

fn all_of(subject: &str) -> RangeInclusive<(String, u32)> {
    (subject.to_owned(), 0)..=(subject.to_owned(), u32::MAX)
}

fn stored(key: &Kept) -> StoredKey {
    key.clone().map_or(StoredKey::Forgotten, StoredKey::Wrapped)
}
