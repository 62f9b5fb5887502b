//! What makes two sides comparable while one or both of them go on.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use domain::stream::Shard;
use event_log::{Followed, Follower, Subscription};
use futures::FutureExt;
use futures::future::BoxFuture;
use read_store::{Answer, Generation, MemoryStore, Position, ReadStore, StoreError};

use crate::compare::Align;
use crate::limits::REPLAY_STALL_MAX;
use crate::projector::AnyProjector;
use crate::registry::Registered;
use crate::round::Round;
use crate::writes::{Stillness, Writes};

type Positions = BTreeMap<Shard, Position>;

/// Generations that one runner keeps up together: once their rows have changed their stored positions move, so
/// both hold the same as long as the positions stand still and nothing is being written.
pub(crate) struct StoredPositions<'a> {
    store: &'a dyn ReadStore,
    projection: &'static str,
    generations: [Generation; 2],
    seen: [Positions; 2],
}

impl<'a> StoredPositions<'a> {
    pub(crate) fn new(store: &'a dyn ReadStore, projection: &'static str, generations: [Generation; 2]) -> Self {
        Self {
            store,
            projection,
            generations,
            seen: Default::default(),
        }
    }

    async fn positions(&self) -> Result<[Positions; 2], StoreError> {
        let [first, second] = self.generations;
        Ok([
            self.store.positions(self.projection, first).await?,
            self.store.positions(self.projection, second).await?,
        ])
    }
}

impl Align for StoredPositions<'_> {
    fn align(&mut self) -> Answer<'_, ()> {
        async {
            self.seen = self.positions().await?;
            Ok(())
        }
        .boxed()
    }

    fn is_aligned(&mut self) -> Answer<'_, bool> {
        async { Ok(self.positions().await? == self.seen) }.boxed()
    }
}

/// A fresh replay into memory, which follows the stored rows: it stops where they are.
pub(crate) struct Replay<'a> {
    store: &'a dyn ReadStore,
    registered: &'static Registered,
    generation: Generation,
    projector: Box<dyn AnyProjector>,
    memory: Arc<MemoryStore>,
    subscription: Subscription,
    /// What was read beyond the stored rows, for the next time.
    ahead: VecDeque<Followed>,
    seen: Positions,
}

/// The generation of a replay's own tables.
pub(crate) const REPLAY_GENERATION: Generation = 1;

impl<'a> Replay<'a> {
    pub(crate) async fn new(
        store: &'a dyn ReadStore,
        registered: &'static Registered,
        generation: Generation,
        follower: &Follower,
        shards: &[Shard],
    ) -> Result<Self, StoreError> {
        let memory = Arc::new(MemoryStore::new());
        let into: Arc<dyn ReadStore> = memory.clone();
        Ok(Self {
            store,
            registered,
            generation,
            projector: registered.open(into, REPLAY_GENERATION).await?,
            memory,
            subscription: follower.subscribe(&registered.shards(shards), &BTreeMap::new()),
            ahead: VecDeque::new(),
            seen: Positions::new(),
        })
    }

    /// Where the replayed rows are.
    pub(crate) fn memory(&self) -> Arc<MemoryStore> {
        Arc::clone(&self.memory)
    }

    async fn advance(&mut self) -> Result<(), StoreError> {
        self.seen = self.store.positions(self.registered.name, self.generation).await?;
        let ahead: Vec<Followed> = std::mem::take(&mut self.ahead).into();
        self.take(ahead).await?;
        while self.is_behind() {
            let followed = tokio::time::timeout(REPLAY_STALL_MAX, self.subscription.next()).await;
            let stopped = || StoreError::Unavailable("the follower has stopped".to_owned());
            let stalled =
                |_| StoreError::Unavailable("the log tells nothing more, and rows say there is more".to_owned());
            self.take(followed.map_err(stalled)?.ok_or_else(stopped)?).await?;
        }
        Ok(())
    }

    fn is_behind(&self) -> bool {
        let reached = self.projector.checkpoints();
        self.seen.iter().any(|(shard, position)| {
            reached
                .get(shard)
                .is_none_or(|checkpoint| checkpoint.offset < position.offset)
        })
    }

    /// Takes in what the stored rows hold as well, and keeps the rest.
    async fn take(&mut self, followed: Vec<Followed>) -> Result<(), StoreError> {
        let is_stored = |followed: &Followed| {
            let stored = self.seen.get(&followed.shard());
            stored.is_some_and(|position| offset(followed).is_some_and(|offset| offset <= position.offset))
        };
        let (stored, ahead): (Vec<_>, Vec<_>) = followed.into_iter().partition(is_stored);
        if let Some(Followed::Halted { shard, halt }) = ahead.iter().find(|followed| offset(followed).is_none()) {
            return Err(StoreError::Damaged(format!("{shard} cannot be replayed: {halt}")));
        }
        self.ahead.extend(ahead);
        self.projector.take(&Round::new(stored)).await?;
        match self.projector.batch()? {
            Some(batch) => {
                self.memory.apply(std::slice::from_ref(&batch)).await?;
                self.projector.applied();
            }
            None => self.projector.passed(),
        }
        Ok(())
    }
}

fn offset(followed: &Followed) -> Option<i64> {
    match followed {
        Followed::Commit(commit) => Some(commit.offset),
        Followed::Claimed(claimed) => Some(claimed.offset),
        Followed::Void(voided) => Some(voided.offset),
        Followed::Halted { .. } => None,
    }
}

/// An alignment during which this process writes nothing: where a store has no transactions, rows may be ahead of
/// the positions until a batch is written to its end.
pub(crate) struct Still<'a, A> {
    inner: A,
    writes: &'a Writes,
    since: Option<Stillness>,
}

impl<'a, A> Still<'a, A> {
    pub(crate) fn new(inner: A, writes: &'a Writes) -> Self {
        Self {
            inner,
            writes,
            since: None,
        }
    }
}

impl<A: Align> Align for Still<'_, A> {
    fn align(&mut self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.since = self.writes.stillness();
        self.inner.align()
    }

    fn is_aligned(&mut self) -> BoxFuture<'_, Result<bool, StoreError>> {
        async {
            let is_aligned = self.inner.is_aligned().await?;
            Ok(is_aligned && self.since.is_some() && self.since == self.writes.stillness())
        }
        .boxed()
    }
}

impl Align for Replay<'_> {
    fn align(&mut self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.advance().boxed()
    }

    fn is_aligned(&mut self) -> BoxFuture<'_, Result<bool, StoreError>> {
        async { Ok(self.store.positions(self.registered.name, self.generation).await? == self.seen) }.boxed()
    }
}
