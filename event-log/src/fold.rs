//! The fold: which records of a shard happened, decided from the log alone, the same by every reader.
//!
//! The rules were model-checked; dropping any one of them breaks safety. Keep them all, and keep them here.

use thiserror::Error;
use uuid::Uuid;

use crate::envelope::{Envelope, Kind};

/// What is known of a shard after a prefix of its partition.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fold {
    /// Offset of the last record folded; −1 before the first.
    pub offset: i64,
    /// The term in force; 0 before the first claim.
    pub term: u64,
    /// Number of the last accepted commit.
    pub seq: u64,
    /// The claim that owns the term.
    pub owner: Option<Uuid>,
    /// The log's identity, from the first accepted claim.
    pub log: Option<Uuid>,
}

impl Default for Fold {
    fn default() -> Self {
        Self {
            offset: -1,
            term: 0,
            seq: 0,
            owner: None,
            log: None,
        }
    }
}

/// What the fold says of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It happened.
    Accepted,
    /// It did not.
    Void(Void),
}

/// Why a record did not happen. All are harmless; they are told apart so that they can be counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Void {
    /// A claim of a term that was taken already.
    LostClaim,
    /// A commit of a term that has ended.
    OldTerm,
    /// A commit that is in the log already.
    Repeat,
    /// A commit whose predecessor is not in the log.
    Gap,
}

/// The log is not what it was: nothing may be decided from here on, and nothing is guessed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Error)]
pub enum Halt {
    /// A hole, a trimmed head or a recreated topic.
    #[error("offset {found} follows {last}: records are missing")]
    Hole {
        /// The last offset folded.
        last: i64,
        /// The offset that came.
        found: i64,
    },
    /// A term that no intact log can hold.
    #[error("offset {offset} has term {found}, but the log is in term {term}")]
    Term {
        /// The record's offset.
        offset: i64,
        /// The term in force.
        term: u64,
        /// The record's term.
        found: u64,
    },
    /// A claim that names another log.
    #[error("offset {offset} belongs to log {found}, not {log}")]
    Log {
        /// The record's offset.
        offset: i64,
        /// The log that was folded so far.
        log: Uuid,
        /// The one that the record names.
        found: Uuid,
    },
    /// The record at a checkpoint is gone or another one.
    #[error("offset {offset} does not hold the record that was read there before")]
    Changed {
        /// The checkpoint's offset.
        offset: i64,
    },
    /// A record that the log cannot give back.
    #[error("offset {offset} cannot be read: {why}")]
    Unreadable {
        /// The record's offset.
        offset: i64,
        /// What the log said.
        why: String,
    },
}

impl Fold {
    /// Takes the record at `offset` in.
    ///
    /// # Errors
    /// [`Halt`] when the log is not intact; the fold is unchanged then.
    pub fn apply(&mut self, offset: i64, envelope: &Envelope) -> Result<Verdict, Halt> {
        if offset != self.offset + 1 {
            return Err(Halt::Hole {
                last: self.offset,
                found: offset,
            });
        }
        let verdict = match envelope.kind {
            Kind::Claim => self.apply_claim(offset, envelope)?,
            Kind::Commit | Kind::Barrier => self.apply_commit(offset, envelope)?,
        };
        self.offset = offset;
        Ok(verdict)
    }

    /// The offset of the record to come.
    #[must_use]
    pub fn next(&self) -> i64 {
        self.offset + 1
    }

    fn apply_claim(&mut self, offset: i64, envelope: &Envelope) -> Result<Verdict, Halt> {
        self.refuse_later_term(offset, envelope, self.term + 1)?;
        if envelope.term <= self.term {
            return Ok(Verdict::Void(Void::LostClaim));
        }
        let named = envelope.claimed.as_ref().map(|claim| claim.log);
        match (self.log, named) {
            (Some(log), Some(found)) if log != found => return Err(Halt::Log { offset, log, found }),
            (None, found) => self.log = found,
            _ => {}
        }
        self.term = envelope.term;
        self.owner = Some(envelope.claim);
        Ok(Verdict::Accepted)
    }

    fn apply_commit(&mut self, offset: i64, envelope: &Envelope) -> Result<Verdict, Halt> {
        self.refuse_later_term(offset, envelope, self.term)?;
        let expected = self.seq + 1;
        if envelope.term < self.term {
            return Ok(Verdict::Void(Void::OldTerm));
        }
        if envelope.seq < expected {
            return Ok(Verdict::Void(Void::Repeat));
        }
        if envelope.seq > expected {
            return Ok(Verdict::Void(Void::Gap));
        }
        self.seq = envelope.seq;
        Ok(Verdict::Accepted)
    }

    fn refuse_later_term(&self, offset: i64, envelope: &Envelope, latest: u64) -> Result<(), Halt> {
        if envelope.term <= latest {
            return Ok(());
        }
        Err(Halt::Term {
            offset,
            term: self.term,
            found: envelope.term,
        })
    }
}

#[cfg(test)]
mod tests;
