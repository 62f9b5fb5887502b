//! The consistency token: how far each shard must have been read for an answer to be no older than another.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::stream::Shard;

/// Most shards that one token may name.
pub const TOKEN_SHARDS_MAX: usize = 256;

/// A set of positions, shard → number of a commit; two are merged by the larger number.
///
/// Written `inventory.5:9,sales.3:17`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ConsistencyToken(BTreeMap<Shard, u64>);

/// Not a consistency token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("is not a consistency token")]
pub struct MalformedToken;

impl ConsistencyToken {
    /// A token for one commit.
    #[must_use]
    pub fn at(shard: Shard, seq: u64) -> Self {
        Self(BTreeMap::from([(shard, seq)]))
    }

    /// Asks for commit `seq` of `shard` as well.
    pub fn include(&mut self, shard: Shard, seq: u64) {
        let entry = self.0.entry(shard).or_insert(seq);
        *entry = (*entry).max(seq);
    }

    /// Asks for everything that `other` asks for as well.
    pub fn merge(&mut self, other: &Self) {
        for (shard, seq) in &other.0 {
            self.include(*shard, *seq);
        }
    }

    /// What it asks for.
    pub fn iter(&self) -> impl Iterator<Item = (Shard, u64)> + '_ {
        self.0.iter().map(|(shard, seq)| (*shard, *seq))
    }

    /// Whether it asks for nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for ConsistencyToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (shard, seq)) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(formatter, "{comma}{shard}:{seq}")?;
        }
        Ok(())
    }
}

impl FromStr for ConsistencyToken {
    type Err = MalformedToken;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut token = Self::default();
        for (index, part) in text.split(',').filter(|part| !part.is_empty()).enumerate() {
            if index >= TOKEN_SHARDS_MAX {
                return Err(MalformedToken);
            }
            let (shard, seq) = part.trim().split_once(':').ok_or(MalformedToken)?;
            token.include(
                shard.parse().map_err(|_| MalformedToken)?,
                seq.parse().map_err(|_| MalformedToken)?,
            );
        }
        Ok(token)
    }
}

#[cfg(test)]
mod tests;
