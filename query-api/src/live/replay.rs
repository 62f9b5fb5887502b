//! Reading the log again from a place, up to where the hub is.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use domain::stream::Shard;
use event_log::{Commit, Fold, Followed, Place, PlaceError, Subscription};
use tokio::sync::OwnedSemaphorePermit;

use super::hub::Hub;
use super::{FeedEnd, LiveError};

/// Commits of some shards from their places up to given numbers at least.
pub(super) struct Replay {
    subscription: Subscription,
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
        let turn = Arc::clone(&hub.replays).acquire_owned().await;
        let turn = turn.map_err(|_| LiveError::Unavailable)?;
        let (follower, from) = (hub.follower().clone(), places.clone());
        let subscribed = tokio::task::spawn_blocking(move || follower.subscribe_after(&from)).await;
        let subscription = match subscribed {
            Ok(Ok(subscription)) => subscription,
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
        let mut replay = Self {
            subscription,
            until: BTreeMap::new(),
            read: VecDeque::new(),
            _turn: turn,
        };
        replay.extend(places, folds);
        Ok(replay)
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
