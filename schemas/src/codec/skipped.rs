//! Commits that cannot be read and that an operator has decided to do without.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};

use domain::stream::Shard;

/// Where the skipped commits lie, as far as this process has read the log.
#[derive(Debug, Default)]
pub struct Skipped {
    /// Whether there are any: as good as always there are none.
    is_any: AtomicBool,
    places: RwLock<BTreeSet<(Shard, i64)>>,
}

impl Skipped {
    /// Does without a commit from now on. Whether that is news.
    pub fn add(&self, shard: Shard, offset: i64) -> bool {
        let mut places = self.places.write().unwrap_or_else(PoisonError::into_inner);
        self.is_any.store(true, Ordering::Release);
        places.insert((shard, offset))
    }

    /// Whether a commit is done without.
    #[must_use]
    pub fn contains(&self, shard: Shard, offset: i64) -> bool {
        let places = || self.places.read().unwrap_or_else(PoisonError::into_inner);
        self.is_any.load(Ordering::Acquire) && places().contains(&(shard, offset))
    }

    /// All of them, by shard and offset.
    #[must_use]
    pub fn all(&self) -> Vec<(Shard, i64)> {
        let places = self.places.read().unwrap_or_else(PoisonError::into_inner);
        places.iter().copied().collect()
    }
}
