//! What is known of one shard's skipped commits.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Event;

/// The skipped commits of one shard.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Skips {
    offsets: BTreeSet<i64>,
}

impl Skips {
    /// Takes an event in.
    pub fn evolve(&mut self, event: &Event) {
        let Event::CommitSkipped { offset, .. } = event;
        self.offsets.insert(*offset);
    }

    /// Where they lie, in order.
    #[must_use]
    pub fn offsets(&self) -> &BTreeSet<i64> {
        &self.offsets
    }
}
