//! Going on from a place that somebody else has kept, or from now on.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::stream::Shard;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Follower, Subscription};
use crate::checkpoint::Checkpoint;
use crate::envelope::Kind;
use crate::fold::Fold;
use crate::port::{LogError, Record};

/// A place in one shard that a reader who is not ours may keep: as much of a fold as its records need to be judged.
/// It is compared with the record that lies there when it comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    /// Offset of the last record that was passed; −1 before the first.
    pub offset: i64,
    /// The term in force there.
    pub term: u64,
    /// Number of the last commit there.
    pub seq: u64,
}

impl From<&Fold> for Place {
    fn from(fold: &Fold) -> Self {
        Self {
            offset: fold.offset,
            term: fold.term,
            seq: fold.seq,
        }
    }
}

/// Why reading cannot go on at a place.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PlaceError {
    /// The log holds no such record there: it is another log, or one that was cut, or nobody ever was at this place.
    #[error("{0} has no such place")]
    Lost(Shard),
    /// The log cannot be read for now.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl Follower {
    /// What is known of each shard.
    #[must_use]
    pub fn folds(&self) -> BTreeMap<Shard, Fold> {
        self.shared.window.folds()
    }

    /// Tells of every record of all shards from now on, with what is known of each of them at this moment. Waits until
    /// the follower is live; none when it has stopped.
    pub async fn subscribe_live(&self) -> Option<(Subscription, BTreeMap<Shard, Fold>)> {
        let mut changes = self.shared.window.watch();
        loop {
            changes.borrow_and_update();
            if let Some((cursor, folds)) = self.shared.window.reserve_here() {
                let subscription = Subscription::live(Arc::clone(&self.shared), cursor, &folds);
                return Some((subscription, folds));
            }
            if self.shared.window.is_closed() {
                return None;
            }
            changes.changed().await.ok()?;
        }
    }

    /// Tells of every record of these shards after these places. Reads the records that lie there: blocks.
    ///
    /// # Errors
    /// One of them is no place of this log, or the log cannot be read.
    pub fn subscribe_after(&self, places: &BTreeMap<Shard, Place>) -> Result<Subscription, PlaceError> {
        let folds = self.folds();
        let mut from = BTreeMap::new();
        for (shard, place) in places {
            if place.offset < 0 {
                continue;
            }
            let fold = folds.get(shard).ok_or(PlaceError::Lost(*shard))?;
            // Who reads the log itself may have been ahead of the follower: only the record tells.
            let found = self.shared.log.read(*shard, place.offset, 1, 0)?;
            let record = found
                .first()
                .filter(|record| place.can_be(record))
                .ok_or(PlaceError::Lost(*shard))?;
            let checkpoint = Checkpoint {
                log: fold.log,
                offset: place.offset,
                term: place.term,
                seq: place.seq,
                owner: None,
                at: record.at,
                hash: record.fingerprint(),
            };
            from.insert(*shard, checkpoint);
        }
        let shards: Vec<Shard> = places.keys().copied().collect();
        Ok(self.subscribe(&shards, &from))
    }
}

impl Place {
    /// Whether somebody may have been here when this was the last record: a commit of its own term says which number it
    /// has, and no record is of a later term.
    fn can_be(&self, record: &Record) -> bool {
        let envelope = &record.envelope;
        let is_void_or_claim = envelope.kind == Kind::Claim || envelope.term < self.term || envelope.seq < self.seq;
        record.offset == self.offset && envelope.term <= self.term && (is_void_or_claim || envelope.seq == self.seq)
    }
}
