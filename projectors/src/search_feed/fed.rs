//! One file of the index, and where in the log it stands.

use std::collections::BTreeMap;

use domain::stream::{Shard, Topic};
use event_log::{Checkpoint, Followed, Halt, Subscription};
use search::{Changes, ParkedAt, SearchError, SearchWriter};

use super::fold;
use super::state::Shared;
use crate::limits::UNSAVED_RECORDS_MAX;
use crate::round::{Round, checkpoint_of, position_of};

/// What the index is folded from.
pub(super) const TOPICS: [Topic; 3] = [Topic::Catalog, Topic::Inventory, Topic::Sales];

/// A file of the index that is being fed.
pub(super) struct Fed {
    pub(super) writer: SearchWriter,
    subscription: Subscription,
    /// Streams that stand still because a commit of theirs cannot be read.
    parked: BTreeMap<String, ParkedAt>,
    /// What was read, and is to be taken in later.
    ahead: Vec<Followed>,
    /// Positions behind records that changed nothing: they are stored with the next change, or when there are many.
    unsaved: Changes,
    unsaved_records: usize,
    /// Where each shard stands.
    reached: BTreeMap<Shard, Checkpoint>,
}

impl Fed {
    /// Goes on where the file stands.
    pub(super) fn open(writer: SearchWriter, shared: &Shared) -> Result<Self, SearchError> {
        let positions = writer.positions()?;
        let parked = writer.parked()?;
        let at = |(shard, position): (&Shard, _)| (*shard, checkpoint_of(position));
        let reached: BTreeMap<Shard, Checkpoint> = positions.iter().map(at).collect();
        let fed = Self {
            subscription: shared.follower.subscribe(&shards(shared), &reached),
            writer,
            parked,
            ahead: Vec::new(),
            unsaved: Changes::default(),
            unsaved_records: 0,
            reached,
        };
        shared.stands(&fed);
        Ok(fed)
    }

    /// Forgets everything: what was read is of another log.
    pub(super) fn begin_anew(&mut self, shared: &Shared) -> Result<(), SearchError> {
        self.writer.begin_anew()?;
        self.reached.clear();
        self.parked.clear();
        self.ahead.clear();
        self.unsaved = Changes::default();
        self.subscription = shared.follower.subscribe(&shards(shared), &self.reached);
        shared.stands(self);
        Ok(())
    }

    /// The next records, at least one; none when the follower has stopped. May be dropped while it waits.
    pub(super) async fn next(&mut self) -> Option<Vec<Followed>> {
        if !self.ahead.is_empty() {
            return Some(std::mem::take(&mut self.ahead));
        }
        self.subscription.next().await
    }

    /// Folds these records and writes what they change, as long as asking again may help.
    pub(super) async fn take(&mut self, followed: Vec<Followed>, shared: &Shared) -> Result<(), SearchError> {
        let round = Round::new(followed);
        let mut changes = fold::changes(&self.writer, &mut self.parked, &round.followed)?;
        let positions = round.checkpoints.iter().map(|(shard, at)| (*shard, position_of(at)));
        changes.positions = std::mem::take(&mut self.unsaved.positions);
        changes.positions.extend(positions);
        self.unsaved_records += round.followed.len();
        if changes.is_empty() && self.unsaved_records < UNSAVED_RECORDS_MAX {
            self.unsaved = changes;
        } else {
            shared.retrying(|| self.writer.apply(&changes)).await?;
            self.unsaved_records = 0;
        }
        self.reached.extend(round.checkpoints);
        shared.stands(self);
        Ok(())
    }

    /// Takes in what there is up to these commits, and nothing behind them. They are in the log. Whether it has come
    /// to its end: not when the follower has stopped.
    pub(super) async fn bring_to(
        &mut self,
        target: &BTreeMap<Shard, u64>,
        shared: &Shared,
    ) -> Result<bool, SearchError> {
        let mut later = Vec::new();
        while target.iter().any(|(shard, seq)| self.seq(*shard) < *seq) {
            let Some(followed) = self.next().await else {
                return Ok(false);
            };
            let (now, behind): (Vec<_>, Vec<_>) = followed
                .into_iter()
                .partition(|followed| seq_of(followed) <= target.get(&followed.shard()).copied().unwrap_or(0));
            later.extend(behind);
            self.take(now, shared).await?;
        }
        later.append(&mut self.ahead);
        self.ahead = later;
        Ok(true)
    }

    /// Stores how far it was read.
    pub(super) fn store_rest(&mut self) {
        let rest = std::mem::take(&mut self.unsaved);
        if let Err(error) = self.writer.apply(&rest) {
            tracing::warn!(%error, "the position of the search index is not stored: it reads a little again");
        }
    }

    /// Whether everything was taken in that was in the log when this began.
    pub(super) fn is_caught_up(&mut self) -> bool {
        self.subscription.is_caught_up()
    }

    /// Records that the follower has read and this file has not.
    pub(super) fn lag_records(&self) -> u64 {
        self.subscription.lag_records()
    }

    /// The last commit of each shard that is in it.
    pub(super) fn seqs(&self) -> BTreeMap<Shard, u64> {
        self.reached.iter().map(|(shard, at)| (*shard, at.seq)).collect()
    }

    fn seq(&self, shard: Shard) -> u64 {
        self.reached.get(&shard).map_or(0, |at| at.seq)
    }

    pub(super) fn reached(&self) -> &BTreeMap<Shard, Checkpoint> {
        &self.reached
    }

    pub(super) fn parked(&self) -> &BTreeMap<String, ParkedAt> {
        &self.parked
    }

    /// Records that were read, of the whole log.
    pub(super) fn records(&self) -> u64 {
        let ends = self.reached.values().map(|at| (at.offset + 1).cast_unsigned());
        ends.sum()
    }
}

/// The shards that the index is folded from.
pub(super) fn shards(shared: &Shared) -> Vec<Shard> {
    let shards = shared.log.shards().into_iter();
    shards.filter(|shard| TOPICS.contains(&shard.topic)).collect()
}

/// Number of the last commit up to a record; of a shard that tells no more, none.
fn seq_of(followed: &Followed) -> u64 {
    match followed {
        Followed::Commit(commit) => commit.seq,
        Followed::Claimed(claimed) => claimed.fold.seq,
        Followed::Void(voided) => voided.fold.seq,
        Followed::Halted { .. } => 0,
    }
}

/// Whether the place where the index stood is not there, or not what it was.
pub(super) fn is_another_log(followed: &Followed) -> bool {
    matches!(
        followed,
        Followed::Halted {
            halt: Halt::Changed { .. },
            ..
        }
    )
}
