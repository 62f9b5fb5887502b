//! Where every shard ends, and the rows that remember it.

use std::collections::HashMap;
use std::sync::Arc;

use domain::stream::Shard;
use domain::value::Timestamp;
use uuid::Uuid;

use crate::fold::Fold;
use crate::port::shards_of;

/// Bytes of one shard's fold in a stored row of heads.
const FOLD_BYTES: usize = 56;

/// The fold of every shard after the row `last_id` of the records.
#[derive(Clone)]
pub(super) struct Heads {
    shards: Arc<[Shard]>,
    index: Arc<HashMap<Shard, usize>>,
    folds: Vec<Fold>,
    pub(super) last_id: i64,
    /// The largest timestamp so far.
    pub(super) at: Timestamp,
}

impl Heads {
    pub(super) fn new(partitions: u32) -> Self {
        let shards: Arc<[Shard]> = shards_of(partitions).into();
        let index = shards.iter().enumerate().map(|(index, shard)| (*shard, index));
        Self {
            index: Arc::new(index.collect()),
            folds: vec![Fold::default(); shards.len()],
            shards,
            last_id: 0,
            at: Timestamp::default(),
        }
    }

    pub(super) fn shards(&self) -> &[Shard] {
        &self.shards
    }

    pub(super) fn index(&self, shard: Shard) -> Option<usize> {
        self.index.get(&shard).copied()
    }

    pub(super) fn fold(&self, shard: Shard) -> Option<&Fold> {
        self.index(shard).and_then(|index| self.folds.get(index))
    }

    pub(super) fn fold_mut(&mut self, shard: Shard) -> Option<&mut Fold> {
        self.index(shard).and_then(|index| self.folds.get_mut(index))
    }

    /// All folds, in the order of the shards: offset, term, seq, owner and log of each, big-endian; a nil UUID
    /// is none.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.folds.len() * FOLD_BYTES);
        for fold in &self.folds {
            out.extend_from_slice(&fold.offset.to_be_bytes());
            out.extend_from_slice(&fold.term.to_be_bytes());
            out.extend_from_slice(&fold.seq.to_be_bytes());
            out.extend_from_slice(fold.owner.unwrap_or_default().as_bytes());
            out.extend_from_slice(fold.log.unwrap_or_default().as_bytes());
        }
        out
    }

    /// Takes a stored row over; false when it is not one of as many shards.
    pub(super) fn decode(&mut self, last_id: i64, stored: &[u8]) -> bool {
        if stored.len() != self.folds.len() * FOLD_BYTES {
            return false;
        }
        let folds: Option<Vec<Fold>> = stored.chunks_exact(FOLD_BYTES).map(decode_fold).collect();
        let Some(folds) = folds else {
            return false;
        };
        self.folds = folds;
        self.last_id = last_id;
        true
    }
}

/// The offset of one shard in a stored row of heads.
pub(super) fn stored_offset(stored: &[u8], index: usize) -> Option<i64> {
    let fold = stored.get(index * FOLD_BYTES..)?;
    fold.first_chunk().map(|bytes| i64::from_be_bytes(*bytes))
}

fn decode_fold(stored: &[u8]) -> Option<Fold> {
    let (offset, rest) = stored.split_first_chunk()?;
    let (term, rest) = rest.split_first_chunk()?;
    let (seq, rest) = rest.split_first_chunk()?;
    let (owner, rest) = rest.split_first_chunk()?;
    let (log, _) = rest.split_first_chunk()?;
    let some = |bytes: &[u8; 16]| Some(Uuid::from_bytes(*bytes)).filter(|uuid| !uuid.is_nil());
    Some(Fold {
        offset: i64::from_be_bytes(*offset),
        term: u64::from_be_bytes(*term),
        seq: u64::from_be_bytes(*seq),
        owner: some(owner),
        log: some(log),
    })
}
