//! What `state.db` surely does not hold: most streams and keys that are asked for are new, and need no look.
//!
//! A Bloom filter of blocks of one cache line (Putze, Sanders and Singler, "Cache-, Hash- and Space-Efficient
//! Bloom Filters"), sixteen bits for each key, in layers: a full layer is followed by a larger one. It says
//! "perhaps" to everything until it was filled from the file, and wrongly to about one of a thousand keys for each full
//! layer.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use domain::stream::Shard;
use domain::value::Timestamp;

const BITS_PER_KEY: usize = 16;
const PROBES: u32 = 7;
const WORDS_PER_BLOCK: usize = 8;
/// Keys of the first layer.
const LAYER_KEYS_MIN: usize = 16 * 1024;
/// Keys of the largest layers.
const LAYER_KEYS_MAX: usize = 1024 * 1024;

/// Keys that may be in the file.
#[derive(Default)]
pub(super) struct Filter {
    is_filled: AtomicBool,
    layers: RwLock<Vec<Arc<Layer>>>,
    /// The layer that takes keys, and how many it has.
    taking: Mutex<Taking>,
}

struct Layer {
    words: Vec<AtomicU64>,
}

#[derive(Default)]
struct Taking {
    keys: usize,
    keys_max: usize,
    /// The youngest key of each layer that is taken with a moment, by shard.
    youngest: Vec<BTreeMap<Shard, Timestamp>>,
}

impl Filter {
    /// Makes room for keys that are about to be taken in: each layer more is one more that may be wrong.
    pub(super) fn expect(&self, keys: usize) {
        let mut taking = self.lock();
        if taking.keys + keys > taking.keys_max {
            self.add_layer(&mut taking, keys);
        }
    }

    /// From now on, what it does not know is not in the file.
    pub(super) fn set_filled(&self) {
        self.is_filled.store(true, Ordering::Release);
    }

    /// Whether the key may be in the file. No means no.
    pub(super) fn may_hold(&self, key: &impl Hash) -> bool {
        if !self.is_filled.load(Ordering::Acquire) {
            return true;
        }
        self.holds(hash(key))
    }

    fn holds(&self, hash: u64) -> bool {
        let layers = self.layers.read().unwrap_or_else(PoisonError::into_inner);
        layers.iter().rev().any(|layer| layer.may_hold(hash))
    }

    /// Takes a key that stays; one that it seems to hold takes no more room.
    pub(super) fn take_in(&self, key: &impl Hash) {
        let hash = hash(key);
        if !self.holds(hash) {
            self.take(hash, None);
        }
    }

    /// Takes a key that goes once its shard's log has passed it.
    pub(super) fn take_in_until_passed(&self, key: &impl Hash, shard: Shard, at: Timestamp) {
        self.take(hash(key), Some((shard, at)));
    }

    fn take(&self, hash: u64, moment: Option<(Shard, Timestamp)>) {
        let mut taking = self.lock();
        if taking.keys == taking.keys_max {
            let keys = taking.keys_max * 2;
            self.add_layer(&mut taking, keys);
        }
        taking.keys += 1;
        if let (Some((shard, at)), Some(youngest)) = (moment, taking.youngest.last_mut()) {
            let known = youngest.entry(shard).or_insert(at);
            *known = at.max(*known);
        }
        let layers = self.layers.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(layer) = layers.last() {
            layer.take_in(hash);
        }
    }

    fn add_layer(&self, taking: &mut Taking, keys: usize) {
        taking.keys_max = keys.clamp(LAYER_KEYS_MIN, LAYER_KEYS_MAX);
        taking.keys = 0;
        taking.youngest.push(BTreeMap::new());
        let layer = Arc::new(Layer::for_keys(taking.keys_max));
        self.layers.write().unwrap_or_else(PoisonError::into_inner).push(layer);
    }

    /// Forgets full layers all of whose keys are older than `kept_since` says of their shards.
    pub(super) fn forget(&self, kept_since: impl Fn(Shard) -> Timestamp) {
        let mut taking = self.lock();
        let full = taking.youngest.len().saturating_sub(1);
        let is_passed = |youngest: &BTreeMap<Shard, Timestamp>| {
            let mut moments = youngest.iter();
            moments.all(|(shard, at)| *at < kept_since(*shard))
        };
        let mut stays = taking
            .youngest
            .iter()
            .enumerate()
            .map(|(index, youngest)| index >= full || !is_passed(youngest));
        let stays: Vec<bool> = stays.by_ref().collect();
        if stays.iter().all(|stays| *stays) {
            return;
        }
        let mut kept = stays.iter();
        taking.youngest.retain(|_| kept.next().copied().unwrap_or(true));
        let mut kept = stays.iter();
        let mut layers = self.layers.write().unwrap_or_else(PoisonError::into_inner);
        layers.retain(|_| kept.next().copied().unwrap_or(true));
    }

    fn lock(&self) -> MutexGuard<'_, Taking> {
        self.taking.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(super) fn layers(&self) -> usize {
        self.layers.read().unwrap_or_else(PoisonError::into_inner).len()
    }
}

impl Layer {
    fn for_keys(keys: usize) -> Self {
        let blocks = (keys * BITS_PER_KEY).div_ceil(WORDS_PER_BLOCK * 64);
        Self {
            words: (0..blocks * WORDS_PER_BLOCK).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    fn take_in(&self, hash: u64) {
        for (word, bit) in self.probes(hash) {
            word.fetch_or(bit, Ordering::Release);
        }
    }

    fn may_hold(&self, hash: u64) -> bool {
        self.probes(hash)
            .all(|(word, bit)| word.load(Ordering::Acquire) & bit != 0)
    }

    /// The bits of a key: seven of the 512 of one block.
    fn probes(&self, hash: u64) -> impl Iterator<Item = (&AtomicU64, u64)> {
        let blocks = (self.words.len() / WORDS_PER_BLOCK) as u64;
        // The upper half chooses the block, nine bits at a time of a mix of all choose the bits.
        let block = usize::try_from(((hash >> 32) * blocks) >> 32).unwrap_or(0);
        let mix = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (0..PROBES).filter_map(move |probe| {
            let place = (mix >> (probe * 9)) & 511;
            let word = self
                .words
                .get(block * WORDS_PER_BLOCK + usize::try_from(place / 64).unwrap_or(0))?;
            Some((word, 1 << (place % 64)))
        })
    }
}

fn hash(key: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests;
