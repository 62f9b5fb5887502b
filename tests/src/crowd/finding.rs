//! What a crowd found wrong: values, so that a run can end and say all of it.

use std::fmt;
use std::sync::{Mutex, PoisonError};

/// Findings of one kind that are kept; all are counted.
const FINDINGS_KEPT_MAX: usize = 8;
/// Most characters of one.
const FINDING_CHARACTERS_MAX: usize = 600;

/// What must hold whatever fails: the invariants of the fault harness, by their numbers in `docs/faults.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Invariant {
    /// I1
    NothingAcknowledgedIsLost,
    /// I2
    NothingHappensTwice,
    /// I3, I4, I6
    TheStockAddsUp,
    /// I5
    OneWriterForEachShard,
    /// I8
    NoOrphans,
    /// I9
    ReadModelsFollowFromTheLog,
    /// I10
    WritesAreReadWithTheirToken,
    /// I11
    SessionsNeverGoBack,
    /// I12
    NoQueryFails,
    /// I14
    ItServesAgainInTime,
    /// I15
    TheUnknownIsSettledByAsking,
    /// I16
    NothingKeptContradictsTheLog,
    /// I17
    NobodyAnswersFromThePast,
}

impl Invariant {
    /// Its numbers.
    #[must_use]
    pub fn numbers(self) -> &'static str {
        match self {
            Self::NothingAcknowledgedIsLost => "I1",
            Self::NothingHappensTwice => "I2",
            Self::TheStockAddsUp => "I3, I4, I6",
            Self::OneWriterForEachShard => "I5",
            Self::NoOrphans => "I8",
            Self::ReadModelsFollowFromTheLog => "I9",
            Self::WritesAreReadWithTheirToken => "I10",
            Self::SessionsNeverGoBack => "I11",
            Self::NoQueryFails => "I12",
            Self::ItServesAgainInTime => "I14",
            Self::TheUnknownIsSettledByAsking => "I15",
            Self::NothingKeptContradictsTheLog => "I16",
            Self::NobodyAnswersFromThePast => "I17",
        }
    }
}

/// One thing that should not be.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What does not hold.
    pub invariant: Invariant,
    /// How that showed.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{:?} ({}): {}",
            self.invariant,
            self.invariant.numbers(),
            self.what
        )
    }
}

/// Everything found so far.
#[derive(Default)]
pub(crate) struct Findings(Mutex<(Vec<Finding>, u64)>);

impl Findings {
    pub(crate) fn add(&self, invariant: Invariant, what: impl Into<String>) {
        let mut findings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        findings.1 += 1;
        // The first of each kind are told, however many of another kind there are.
        let same = findings.0.iter().filter(|known| known.invariant == invariant).count();
        if same < FINDINGS_KEPT_MAX {
            let what = what.into().chars().take(FINDING_CHARACTERS_MAX).collect();
            findings.0.push(Finding { invariant, what });
        }
    }

    pub(crate) fn count(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1
    }

    pub(crate) fn kept(&self) -> Vec<Finding> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0.clone()
    }
}
