//! Read your writes: what a query waits for, and what its answer says about it.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use domain::ConsistencyToken;
use domain::stream::{Shard, Topic};
use read_store::{Generation, Progress, Reached};

use crate::planted;

/// What a resolver is about to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Rows that come from one shard.
    Shard(Shard),
    /// A row of which it is not known yet which shard of the topic it comes from.
    Topic(Topic),
}

/// How far a projection was when rows of one shard were read from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sighting {
    pub(crate) projection: &'static str,
    pub(crate) generation: Generation,
    pub(crate) shard: Shard,
    pub(crate) reached: Reached,
}

/// The consistency of one answer: one deadline for all that its resolvers wait for.
pub(crate) struct Consistency {
    token: ConsistencyToken,
    patience: Duration,
    account: Mutex<Account>,
}

#[derive(Default)]
struct Account {
    waiting_since: Option<Instant>,
    waited: Duration,
    is_stale: bool,
    sightings: Vec<Sighting>,
    /// Whether something was read of which it is not known where it came from.
    read_elsewhere: bool,
}

/// What an answer says of its consistency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConsistencyReport {
    /// Asks for everything that this answer shows, and for what the request asked for: with it, the next answer
    /// is no older.
    pub(crate) token: ConsistencyToken,
    /// How long the answer waited.
    pub(crate) waited: Duration,
    /// Whether something that was asked for had not come when the wait was over.
    pub(crate) is_stale: bool,
}

impl Consistency {
    /// An answer that shall hold what `token` asks for, and waits `patience` for it, once, not per resolver.
    #[must_use]
    pub(crate) fn new(token: ConsistencyToken, patience: Duration) -> Self {
        Self {
            token,
            patience,
            account: Mutex::new(Account::default()),
        }
    }

    /// Waits until the rows of a projection hold what the token asks for of `source`, or the time is over; then
    /// they may be read.
    pub(crate) async fn wait(
        &self,
        progress: &Progress,
        projection: &'static str,
        generation: Generation,
        source: Source,
    ) {
        let is_of_source = |shard: &Shard| match source {
            Source::Shard(wanted) => *shard == wanted,
            Source::Topic(topic) => shard.topic == topic,
        };
        let mut wanted: Vec<(Shard, u64)> = self.token.iter().filter(|(shard, _)| is_of_source(shard)).collect();
        if planted::ignores_tokens() {
            wanted.clear();
        }
        let is_there = |(shard, seq): &(Shard, u64)| progress.seq(projection, generation, *shard) >= *seq;
        if !wanted.iter().all(is_there) {
            let since = *self.account().waiting_since.get_or_insert_with(Instant::now);
            let arrived = progress
                .wait_for(projection, generation, &wanted, since + self.patience)
                .await;
            let mut account = self.account();
            account.waited = account.waited.max(since.elapsed());
            account.is_stale |= !arrived;
        }
        let Source::Shard(shard) = source else {
            self.account().read_elsewhere = true;
            return;
        };
        // Asked before the rows are read: they may be newer than what is promised, never older.
        let sighting = Sighting {
            projection,
            generation,
            shard,
            reached: progress.reached(projection, generation, shard),
        };
        let mut account = self.account();
        if !account.sightings.contains(&sighting) {
            account.sightings.push(sighting);
        }
    }

    /// What the answer shall hold.
    pub(crate) fn token(&self) -> &ConsistencyToken {
        &self.token
    }

    /// Takes over what was seen when an answer was made that is given again.
    pub(crate) fn see_again(&self, sightings: &[Sighting]) {
        self.account().sightings.extend_from_slice(sightings);
    }

    /// Everything that was read; none when that is not known, or was not as new as it should have been.
    pub(crate) fn all_seen(&self) -> Option<Vec<Sighting>> {
        let account = self.account();
        (!account.read_elsewhere && !account.is_stale).then(|| account.sightings.clone())
    }

    /// What the answer says when all is read.
    #[must_use]
    pub(crate) fn report(&self) -> ConsistencyReport {
        let account = self.account();
        let mut token = self.token.clone();
        for sighting in account.sightings.iter().filter(|sighting| sighting.reached.seq > 0) {
            token.include(sighting.shard, sighting.reached.seq);
        }
        ConsistencyReport {
            token,
            waited: account.waited,
            is_stale: account.is_stale,
        }
    }

    fn account(&self) -> std::sync::MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
