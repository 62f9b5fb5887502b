//! What the operator is told of shards, and of what is wrong, as JSON. `--json` prints it as it is.

use serde::{Deserialize, Serialize};

/// How one shard is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ShardCondition {
    /// Which.
    pub(crate) shard: String,
    /// `serving`, `standby` while another node has it, or `halted`.
    pub(crate) standing: String,
    /// In which term this process serves it.
    pub(crate) term: Option<u64>,
    /// Records in its log, as far as this process knows.
    pub(crate) records: i64,
    /// Number of the last commit that was read here.
    pub(crate) seq: u64,
    /// Streams in which nothing is decided because a commit cannot be read.
    pub(crate) parked: usize,
    /// Why it is halted.
    pub(crate) why: Option<String>,
}

/// Something that an operator should look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Finding {
    /// The stable code.
    pub(crate) code: String,
    /// Of what.
    pub(crate) what: String,
    /// What is wrong with it.
    pub(crate) why: String,
    /// What to do.
    pub(crate) advice: String,
}

impl Finding {
    pub(super) fn new(code: &str, what: impl Into<String>, why: impl Into<String>, advice: &str) -> Self {
        Self {
            code: code.to_owned(),
            what: what.into(),
            why: why.into(),
            advice: advice.to_owned(),
        }
    }

    pub(super) fn text(&self) -> String {
        let Self {
            code,
            what,
            why,
            advice,
        } = self;
        format!("{code}  {what}: {why}\n  {advice}\n")
    }
}
