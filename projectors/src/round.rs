//! What is read at once, and where that leaves the reader.

use std::collections::{BTreeMap, BTreeSet};

use domain::stream::{Shard, Topic};
use event_log::{Checkpoint, Followed};
use read_store::Position;
use uuid::Uuid;

/// Records that were read at once, for all projections. What is the same for each of them is found out once.
pub(crate) struct Round {
    pub(crate) followed: Vec<Followed>,
    /// Where to go on in each of the shards.
    pub(crate) checkpoints: BTreeMap<Shard, Checkpoint>,
    pub(crate) topics: BTreeSet<Topic>,
}

impl Round {
    pub(crate) fn new(followed: Vec<Followed>) -> Self {
        let last: BTreeMap<Shard, &Followed> = followed.iter().map(|followed| (followed.shard(), followed)).collect();
        let checkpoints: BTreeMap<Shard, Checkpoint> = last
            .into_iter()
            .filter_map(|(shard, followed)| Some((shard, checkpoint(followed)?)))
            .collect();
        let topics = checkpoints.keys().map(|shard| shard.topic).collect();
        Self {
            followed,
            checkpoints,
            topics,
        }
    }
}

fn checkpoint(followed: &Followed) -> Option<Checkpoint> {
    match followed {
        Followed::Commit(commit) => Some(commit.checkpoint()),
        Followed::Claimed(claimed) => Some(Checkpoint::after(&claimed.fold, claimed.at, &claimed.record)),
        Followed::Void(voided) => Some(Checkpoint::after(&voided.fold, voided.at, &voided.record)),
        Followed::Halted { .. } => None,
    }
}

/// What the read store keeps of a checkpoint: all but the owner, who is nobody's concern here.
pub(crate) fn position_of(checkpoint: &Checkpoint) -> Position {
    Position {
        offset: checkpoint.offset,
        term: checkpoint.term,
        seq: checkpoint.seq,
        at: checkpoint.at,
        hash: checkpoint.hash,
        log: checkpoint.log.map_or(0, |log| log.as_u128()),
    }
}

/// Where a position says to go on.
pub(crate) fn checkpoint_of(position: &Position) -> Checkpoint {
    Checkpoint {
        log: (position.log != 0).then(|| Uuid::from_u128(position.log)),
        offset: position.offset,
        term: position.term,
        seq: position.seq,
        owner: None,
        at: position.at,
        hash: position.hash,
    }
}
