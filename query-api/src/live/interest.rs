//! What a reader wants to hear of.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use domain::stream::{Location, Shard, StreamId, Topic};
use domain::value::Sku;
use event_log::{Commit, Fold};

/// What a reader wants to hear of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Interest {
    /// One stream.
    Stream(StreamId),
    /// The stock of some SKUs, wherever it lies.
    Skus(BTreeSet<Sku>),
    /// Everything in some topics.
    Topics(BTreeSet<Topic>),
}

/// By which the hub finds those who are interested in a commit.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Stream(StreamId),
    Sku(Sku),
    Topic(Topic),
}

impl Interest {
    /// The shards that can have something of interest; `folds` knows all there are.
    pub(super) fn shards(&self, partitions: u32, folds: &BTreeMap<Shard, Fold>) -> BTreeSet<Shard> {
        match self {
            Self::Stream(stream) => BTreeSet::from([stream.shard(partitions)]),
            Self::Skus(skus) => {
                // All locations of a SKU share its shard.
                let stock = |sku: &Sku| StreamId::StockItem(sku.clone(), Location::default());
                skus.iter().map(|sku| stock(sku).shard(partitions)).collect()
            }
            Self::Topics(topics) => {
                let shards = folds.keys().filter(|shard| topics.contains(&shard.topic));
                shards.copied().collect()
            }
        }
    }

    pub(super) fn keys(&self) -> Vec<Key> {
        match self {
            Self::Stream(stream) => vec![Key::Stream(stream.clone())],
            Self::Skus(skus) => skus.iter().cloned().map(Key::Sku).collect(),
            Self::Topics(topics) => topics.iter().copied().map(Key::Topic).collect(),
        }
    }

    /// Whether a commit touches it.
    pub(super) fn is_touched_by(&self, commit: &Commit) -> bool {
        let keys = self.keys();
        keys_of(commit).iter().any(|key| keys.contains(key))
    }
}

/// Everything that a commit may be of interest by; nothing when nothing has happened in it.
pub(super) fn keys_of(commit: &Commit) -> HashSet<Key> {
    let mut keys = HashSet::new();
    for touched in commit.envelope().streams.iter().filter(|touched| touched.events > 0) {
        keys.insert(Key::Topic(commit.shard.topic));
        keys.insert(Key::Stream(touched.stream.clone()));
        if let StreamId::StockItem(sku, _) = &touched.stream {
            keys.insert(Key::Sku(sku.clone()));
        }
    }
    keys
}
