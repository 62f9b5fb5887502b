//! One reader's place in each of its shards, and what a record means there.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::stream::Shard;
use domain::value::Timestamp;

use super::{Claimed, Commit, Decode, Followed, Voided, decode_commit};
use crate::checkpoint::Checkpoint;
use crate::envelope::Kind;
use crate::fold::{Fold, Halt, Verdict};
use crate::port::{EventLog, LogError, Record};

/// Where a reader is in its shards.
#[derive(Clone)]
pub(super) struct Reading {
    places: BTreeMap<Shard, Place>,
}

#[derive(Clone)]
struct Place {
    state: State,
    at: Timestamp,
    /// Where it resumed or the last record since: what a checkpoint is made of.
    last: Option<Last>,
}

#[derive(Clone)]
enum State {
    /// The record at the checkpoint has not been compared yet.
    Resuming(Checkpoint),
    Following(Fold),
    Halted,
}

#[derive(Clone)]
enum Last {
    Checkpoint(Checkpoint),
    Record(Arc<Record>),
}

/// How a record relates to where the reader is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    /// It is the one to be read.
    Next,
    /// It has been read, or its shard is not read (any more).
    Past,
    /// Records before it have not been read.
    Ahead,
}

impl Reading {
    /// At the checkpoints in `from`; in other shards at the beginning.
    pub(super) fn new(shards: &[Shard], from: &BTreeMap<Shard, Checkpoint>) -> Self {
        let place = |shard: &Shard| match from.get(shard) {
            Some(checkpoint) => Place::resuming(checkpoint.clone()),
            None => Place {
                state: State::Following(Fold::default()),
                at: Timestamp::default(),
                last: None,
            },
        };
        Self {
            places: shards.iter().map(|shard| (*shard, place(shard))).collect(),
        }
    }

    /// Behind what these folds have taken in.
    pub(super) fn behind(folds: &BTreeMap<Shard, Fold>) -> Self {
        let place = |fold: &Fold| Place {
            state: State::Following(fold.clone()),
            at: Timestamp::default(),
            last: None,
        };
        Self {
            places: folds.iter().map(|(shard, fold)| (*shard, place(fold))).collect(),
        }
    }

    /// Skips to the end of every shard that would be read from its beginning, where the log keeps its folds. Blocks.
    pub(super) fn skip_to_heads(&mut self, log: &dyn EventLog) -> Result<(), LogError> {
        for (shard, place) in &mut self.places {
            if place.last.is_none()
                && let Some(head) = log.head(*shard)?
            {
                *place = Place::resuming(head);
            }
        }
        Ok(())
    }

    /// Compares the records at all checkpoints that were not compared yet. Blocks.
    pub(super) fn resume(&mut self, log: &dyn EventLog) -> Result<Vec<Followed>, LogError> {
        let mut halted = Vec::new();
        for (shard, place) in &mut self.places {
            let State::Resuming(checkpoint) = &place.state else {
                continue;
            };
            let resumed = match log.read(*shard, checkpoint.offset, 1, 0) {
                Ok(found) => {
                    place.at = place.at.max(found.first().map_or(place.at, |record| record.at));
                    checkpoint.resume(found.first().map(AsRef::as_ref))
                }
                Err(LogError::Damaged { offset, why, .. }) => Err(Halt::Unreadable { offset, why }),
                Err(error) => return Err(error),
            };
            place.state = match resumed {
                Ok(fold) => State::Following(fold),
                Err(halt) => {
                    halted.push(Followed::Halted { shard: *shard, halt });
                    State::Halted
                }
            };
        }
        Ok(halted)
    }

    /// Where to read on, of each shard that is not halted.
    pub(super) fn from(&self) -> BTreeMap<Shard, i64> {
        self.places
            .iter()
            .filter_map(|(shard, place)| place.next().map(|next| (*shard, next)))
            .collect()
    }

    pub(super) fn follows(&self, shard: Shard) -> bool {
        self.next(shard).is_some()
    }

    pub(super) fn reads(&self, shard: Shard) -> bool {
        self.places.contains_key(&shard)
    }

    pub(super) fn shards(&self) -> impl Iterator<Item = Shard> + '_ {
        self.places.keys().copied()
    }

    /// The offset to read next; none in a shard that is halted or not read.
    pub(super) fn next(&self, shard: Shard) -> Option<i64> {
        self.places.get(&shard).and_then(Place::next)
    }

    /// Number of the last commit; none in a shard that is halted or not read.
    pub(super) fn seq(&self, shard: Shard) -> Option<u64> {
        match &self.places.get(&shard)?.state {
            State::Following(fold) => Some(fold.seq),
            State::Resuming(checkpoint) => Some(checkpoint.seq),
            State::Halted => None,
        }
    }

    /// What is known of a shard; nothing of one that is halted or not read.
    pub(super) fn fold(&self, shard: Shard) -> Option<Fold> {
        match &self.places.get(&shard)?.state {
            State::Following(fold) => Some(fold.clone()),
            State::Resuming(_) | State::Halted => None,
        }
    }

    /// Where to go on, of a shard of which at least one record has been read.
    pub(super) fn checkpoint(&self, shard: Shard) -> Option<Checkpoint> {
        let place = self.places.get(&shard)?;
        match (place.last.as_ref()?, &place.state) {
            (Last::Record(record), State::Following(fold)) => Some(Checkpoint::after(fold, place.at, record)),
            (Last::Checkpoint(checkpoint), _) => Some(checkpoint.clone()),
            (Last::Record(_), _) => None,
        }
    }

    pub(super) fn relation(&self, shard: Shard, offset: i64) -> Relation {
        match self.next(shard) {
            Some(next) if offset > next => Relation::Ahead,
            Some(next) if offset == next => Relation::Next,
            _ => Relation::Past,
        }
    }

    /// Folds the record and says what it means; without a decoder it is folded only. A record that must not
    /// come here halts its shard; those of a shard that is not followed mean nothing.
    pub(super) fn take(&mut self, record: &Arc<Record>, decoder: Option<&dyn Decode>) -> Option<Followed> {
        let place = self.places.get_mut(&record.shard)?;
        let State::Following(fold) = &mut place.state else {
            return None;
        };
        let verdict = match fold.apply(record.offset, &record.envelope) {
            Ok(verdict) => verdict,
            Err(halt) => return self.halt(record.shard, halt),
        };
        place.at = place.at.max(record.at);
        place.last = Some(Last::Record(Arc::clone(record)));
        let decoder = decoder?;
        Some(tell(record, fold, place.at, verdict, decoder))
    }

    /// Takes over what somebody else has folded; it must be the next of its shard.
    pub(super) fn pass(&mut self, followed: &Followed) {
        let (fold, at, record) = match followed {
            Followed::Commit(commit) => (&commit.fold, commit.at, &commit.record),
            Followed::Claimed(claimed) => (&claimed.fold, claimed.at, &claimed.record),
            Followed::Void(voided) => (&voided.fold, voided.at, &voided.record),
            Followed::Halted { shard, halt } => {
                self.halt(*shard, halt.clone());
                return;
            }
        };
        if let Some(place) = self.places.get_mut(&record.shard) {
            place.state = State::Following(fold.clone());
            place.at = place.at.max(at);
            place.last = Some(Last::Record(Arc::clone(record)));
        }
    }

    /// Follows the shard no more; says so when it did until now. The last checkpoint stays.
    pub(super) fn halt(&mut self, shard: Shard, halt: Halt) -> Option<Followed> {
        let last = self.checkpoint(shard);
        let place = self.places.get_mut(&shard)?;
        if matches!(place.state, State::Halted) {
            return None;
        }
        place.last = last.map(Last::Checkpoint);
        place.state = State::Halted;
        Some(Followed::Halted { shard, halt })
    }
}

impl Place {
    fn resuming(checkpoint: Checkpoint) -> Self {
        Self {
            at: checkpoint.at,
            last: Some(Last::Checkpoint(checkpoint.clone())),
            state: State::Resuming(checkpoint),
        }
    }

    fn next(&self) -> Option<i64> {
        match &self.state {
            State::Resuming(checkpoint) => Some(checkpoint.offset + 1),
            State::Following(fold) => Some(fold.next()),
            State::Halted => None,
        }
    }
}

fn tell(record: &Arc<Record>, fold: &Fold, at: Timestamp, verdict: Verdict, decoder: &dyn Decode) -> Followed {
    let (shard, offset, fold, record) = (record.shard, record.offset, fold.clone(), Arc::clone(record));
    match verdict {
        Verdict::Void(why) => Followed::Void(Arc::new(Voided {
            shard,
            offset,
            at,
            why,
            record,
            fold,
        })),
        Verdict::Accepted if record.envelope.kind == Kind::Claim => Followed::Claimed(Arc::new(Claimed {
            shard,
            offset,
            at,
            record,
            fold,
        })),
        Verdict::Accepted => Followed::Commit(Arc::new(Commit {
            shard,
            offset,
            at,
            seq: record.envelope.seq,
            events: decode_commit(decoder, &record),
            record,
            fold,
        })),
    }
}
