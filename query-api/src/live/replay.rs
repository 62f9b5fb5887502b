//! Reading the log again from a place, up to where the hub is.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use domain::stream::Shard;
use event_log::{Commit, Fold, Followed, Follower, LogError, Place, PlaceError, Subscription};
use tokio::sync::OwnedSemaphorePermit;

use super::hub::Hub;
use super::interest::Interest;
use super::{FeedEnd, LiveCursor, LiveError, public_events};

/// Commits of some shards from their places up to given numbers at least.
pub(super) struct Replay {
    subscription: Subscription,
    /// Where it began.
    begun: BTreeMap<Shard, Place>,
    until: BTreeMap<Shard, u64>,
    read: VecDeque<Arc<Commit>>,
    _turn: OwnedSemaphorePermit,
}

impl Replay {
    /// Begins behind `places`, and ends where `folds` are.
    pub(super) async fn begin(
        hub: &Arc<Hub>,
        places: &BTreeMap<Shard, Place>,
        folds: &BTreeMap<Shard, Fold>,
    ) -> Result<Self, LiveError> {
        let from = places.clone();
        let mut replay = Self::subscribe(hub, move |_| Ok(from)).await?;
        replay.extend(places, folds);
        Ok(replay)
    }

    /// Begins with the last events that are of interest, at most `events_max` of them, in the order of their time:
    /// where that is, and how much of the first commit lies before it. Ends where `folds` are, which are those of the
    /// shards of interest. All of it is in memory at once.
    pub(super) async fn begin_last(
        hub: &Arc<Hub>,
        interest: &Interest,
        folds: BTreeMap<Shard, Fold>,
        events_max: usize,
    ) -> Result<(Self, LiveCursor), LiveError> {
        let ends = folds.clone();
        let back = move |follower: &Follower| follower.places_back(&ends, events_max);
        let mut replay = Self::subscribe(hub, back).await?;
        let mut places = replay.begun.clone();
        replay.extend(&places, &folds);
        let mut commits = Vec::new();
        while let Some(commit) = replay.next().await.map_err(|_| LiveError::Unavailable)? {
            commits.push(commit);
        }
        // In a shard times never go back.
        commits.sort_by_key(|commit| (commit.at, commit.shard, commit.seq));
        replay.read = commits.into();
        let partly = replay.tear_off(interest, &mut places, events_max);
        Ok((replay, LiveCursor { places, partly }))
    }

    /// Tears off all but the last events, and what came before all that was read of a shard of which something was read:
    /// what is left of these has no holes. A shard in which little but claims and barriers was read hides nobody else's
    /// past. `places` go along.
    fn tear_off(
        &mut self,
        interest: &Interest,
        places: &mut BTreeMap<Shard, Place>,
        events_max: usize,
    ) -> Option<(Shard, u32)> {
        let count = |commit: &Arc<Commit>| match interest.is_touched_by(commit) {
            true => public_events(commit).len(),
            false => 0,
        };
        let told: BTreeSet<Shard> = self
            .read
            .iter()
            .filter(|commit| count(commit) > 0)
            .map(|commit| commit.shard)
            .collect();
        let begun_within = |shard: &Shard| places.get(shard).is_some_and(|place| place.offset >= 0);
        let first_of = |shard: &Shard| self.read.iter().find(|commit| commit.shard == *shard);
        let firsts = told.iter().filter(|shard| begun_within(shard)).filter_map(first_of);
        let whole_since = firsts.map(|commit| commit.at).max();
        let mut left: usize = self.read.iter().map(count).sum();
        while let Some(first) = self.read.front() {
            let (events, surplus) = (count(first), left.saturating_sub(events_max));
            let is_before = whole_since.is_some_and(|since| first.at < since);
            if !is_before && surplus < events.max(1) {
                let given = u32::try_from(surplus).unwrap_or(u32::MAX);
                return (given > 0).then_some((first.shard, given));
            }
            places.insert(first.shard, Place::from(&first.fold));
            left -= events;
            self.read.pop_front();
        }
        None
    }

    /// Subscribes behind places that are found where blocking is allowed.
    async fn subscribe(
        hub: &Arc<Hub>,
        places: impl FnOnce(&Follower) -> Result<BTreeMap<Shard, Place>, LogError> + Send + 'static,
    ) -> Result<Self, LiveError> {
        let turn = Arc::clone(&hub.replays).acquire_owned().await;
        let turn = turn.map_err(|_| LiveError::Unavailable)?;
        let follower = hub.follower().clone();
        let subscribed = tokio::task::spawn_blocking(move || {
            let places = places(&follower)?;
            let subscription = follower.subscribe_after(&places)?;
            Ok((places, subscription))
        });
        let (begun, subscription) = match subscribed.await {
            Ok(Ok(subscribed)) => subscribed,
            Ok(Err(PlaceError::Lost(_))) => return Err(LiveError::Lost),
            Ok(Err(PlaceError::Log(error))) => {
                tracing::warn!(%error, "the log cannot be read for live updates");
                return Err(LiveError::Unavailable);
            }
            Err(error) => {
                tracing::error!(%error, "reading the log for live updates has failed");
                return Err(LiveError::Unavailable);
            }
        };
        Ok(Self {
            subscription,
            begun,
            until: BTreeMap::new(),
            read: VecDeque::new(),
            _turn: turn,
        })
    }

    /// Ends where `folds` are instead.
    pub(super) fn extend(&mut self, places: &BTreeMap<Shard, Place>, folds: &BTreeMap<Shard, Fold>) {
        let of_shard = |shard: &Shard| folds.get(shard).map(|fold| (*shard, fold.seq));
        self.until = places.keys().filter_map(of_shard).collect();
    }

    /// The next commit; none when the end is reached.
    pub(super) async fn next(&mut self) -> Result<Option<Arc<Commit>>, FeedEnd> {
        loop {
            // Maybe more than was asked for: what comes from the hub again is passed over by its number.
            if let Some(commit) = self.read.pop_front() {
                return Ok(Some(commit));
            }
            if self.has_reached_the_end() {
                return Ok(None);
            }
            let batch = self.subscription.next().await.ok_or(FeedEnd::Closed)?;
            self.read
                .extend(batch.into_iter().filter_map(|followed| match followed {
                    Followed::Commit(commit) => Some(commit),
                    Followed::Claimed(_) | Followed::Void(_) | Followed::Halted { .. } => None,
                }));
        }
    }

    /// Nothing more comes of a shard whose log is not intact.
    fn has_reached_the_end(&self) -> bool {
        let positions = self.subscription.positions();
        let is_reached = |(shard, end): (&Shard, &u64)| positions.get(shard).is_none_or(|seq| seq >= end);
        self.until.iter().all(is_reached)
    }
}
