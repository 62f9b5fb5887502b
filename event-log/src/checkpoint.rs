//! A checkpoint: where a reader may go on, and how it knows that the log is still the same one.

use domain::value::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::fold::{Fold, Halt};
use crate::port::Record;

/// A place in one shard's log, with all that a fold needs to go on from there.
///
/// Taken from committed records only, never from what is only decided.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The log's identity.
    pub log: Option<Uuid>,
    /// Offset of the last record folded.
    pub offset: i64,
    /// The term in force there.
    pub term: u64,
    /// Number of the last accepted commit there.
    pub seq: u64,
    /// The claim that owns the term; who never asks about owners need not keep it.
    pub owner: Option<Uuid>,
    /// The largest timestamp up to there.
    pub at: Timestamp,
    /// [`Record::fingerprint`] of the record at `offset`.
    pub hash: u64,
}

impl Checkpoint {
    /// The checkpoint after `record`, the last one that `fold` took in; `at` is the largest timestamp so far.
    #[must_use]
    pub fn after(fold: &Fold, at: Timestamp, record: &Record) -> Self {
        Self {
            log: fold.log,
            offset: fold.offset,
            term: fold.term,
            seq: fold.seq,
            owner: fold.owner,
            at,
            hash: record.fingerprint(),
        }
    }

    /// The fold to go on with, given the record that lies at the checkpoint's offset now.
    ///
    /// # Errors
    /// [`Halt::Changed`] when there is none or another one: the log was cut, rolled back or replaced.
    pub fn resume(&self, found: Option<&Record>) -> Result<Fold, Halt> {
        let unchanged = found.is_some_and(|record| record.offset == self.offset && record.fingerprint() == self.hash);
        if !unchanged {
            return Err(Halt::Changed { offset: self.offset });
        }
        Ok(Fold {
            offset: self.offset,
            term: self.term,
            seq: self.seq,
            owner: self.owner,
            log: self.log,
        })
    }
}

#[cfg(test)]
mod tests;
