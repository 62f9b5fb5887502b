//! What a run came to.

use std::fmt;
use std::time::Duration;

use super::finding::{Finding, Invariant};

/// What a run did and found.
#[derive(Clone, Debug)]
pub struct Report {
    /// Rounds of faults.
    pub rounds: u64,
    /// Keys under which something was done.
    pub settled: usize,
    /// Orders among that.
    pub orders: usize,
    /// Requests under keys.
    pub asked: u64,
    /// Requests that had to be repeated.
    pub unanswered: u64,
    /// Queries.
    pub queries: u64,
    /// Queries that said that they show less than was asked for.
    pub stale: u64,
    /// States that were read through nodes.
    pub states: u64,
    /// The longest time until a request was settled.
    pub slowest: Duration,
    /// The longest time until something new was done after a round.
    pub recovery: Duration,
    /// How long it all took.
    pub took: Duration,
    /// Everything that should not be; of each kind the first ones.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether something was found against this.
    #[must_use]
    pub fn has(&self, invariant: Invariant) -> bool {
        self.findings.iter().any(|finding| finding.invariant == invariant)
    }

    /// Everything held.
    ///
    /// # Panics
    /// When it did not, with all that was found.
    pub fn assert_clean(&self) {
        assert!(self.findings.is_empty(), "{self}");
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} rounds in {:.1} s: {} keys settled ({} orders), {} requests, {} of them repeated; {} queries ({} \
             stale), {} states; slowest answer {:.1} s, served again after at most {:.1} s; {} findings",
            self.rounds,
            self.took.as_secs_f64(),
            self.settled,
            self.orders,
            self.asked,
            self.unanswered,
            self.queries,
            self.stale,
            self.states,
            self.slowest.as_secs_f64(),
            self.recovery.as_secs_f64(),
            self.findings.len(),
        )?;
        for finding in &self.findings {
            write!(formatter, "\n  {finding}")?;
        }
        Ok(())
    }
}
