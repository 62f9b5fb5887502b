//! A projector: one generation of one projection, folding what is read into rows.
//!
//! It goes in steps that the runner performs: [`AnyProjector::take`] folds a round in memory,
//! [`AnyProjector::batch`] says what to write, the runner writes it, and [`AnyProjector::applied`] tells that it
//! is written. A batch is written again until it is; the same batch twice changes nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::stream::{Shard, Topic};
use event_log::{Checkpoint, Decode, EventLog};
use futures::FutureExt;
use futures::future::BoxFuture;
use read_store::model::{Versioned, view_row};
use read_store::{Answer, Batch, Generation, Key, Mutation, ReadStore, StoreError, Table};

use crate::limits::{TOMBSTONES_MAX, UNSAVED_RECORDS_MAX, VIEW_CACHE_BYTES_MAX};
use crate::projection::Projection;
use crate::round::{Round, checkpoint_of, position_of};

mod cache;
mod fold;
mod parking;
mod pending;

use cache::ViewCache;
use parking::Parked;
pub(crate) use parking::parked_commit;
pub use parking::{ParkedCommit, Retried};
use pending::PendingRows;

/// A projector of any projection.
pub(crate) trait AnyProjector: Send {
    /// The projection's name.
    fn name(&self) -> &'static str;

    /// Which generation it fills.
    fn generation(&self) -> Generation;

    /// Whether it reads a topic.
    fn reads(&self, topic: Topic) -> bool;

    /// How far it has read.
    fn checkpoints(&self) -> &BTreeMap<Shard, Checkpoint>;

    /// Views that are parked.
    fn parked_views(&self) -> usize;

    /// Whether a view stands still.
    fn is_parked(&self, view: &str) -> bool;

    /// Reads a view again when it changes next: what is stored may be other than what was read.
    fn forget_view(&mut self, view: &str);

    /// Folds what it has not seen yet. An error leaves everything as it was: the round may be given again.
    fn take<'a>(&'a mut self, round: &'a Round) -> Answer<'a, ()>;

    /// What to write; none when no row changed and the positions may wait.
    fn batch(&mut self) -> Result<Option<Batch>, StoreError>;

    /// The batch is written.
    fn applied(&mut self);

    /// Nothing has to be written: what was read is as good as written.
    fn passed(&mut self);

    /// What is left to write before the end: the positions, when they have waited.
    fn rest(&mut self) -> Result<Option<Batch>, StoreError>;

    /// Forgets deletes that guard against nothing any more, once there are many.
    fn tidy(&mut self) -> Answer<'_, ()>;

    /// Reads parked commits again, and takes in what can be read now.
    fn retry_parked<'a>(
        &'a mut self,
        log: &'a dyn EventLog,
        decoder: &'a dyn Decode,
    ) -> BoxFuture<'a, Result<Retried, StoreError>>;
}

/// One generation of one projection.
pub(crate) struct Projector<P: Projection> {
    store: Arc<dyn ReadStore>,
    generation: Generation,
    /// The only view that it keeps; all of them without.
    only: Option<String>,
    /// How far each shard was read.
    checkpoints: BTreeMap<Shard, Checkpoint>,
    /// Shards whose checkpoint is not stored yet.
    unsaved: Vec<Shard>,
    /// Records read since positions were stored.
    unsaved_records: usize,
    /// Views as they are stored.
    cache: ViewCache<P::View>,
    /// Views that have changed since.
    changed: BTreeMap<String, Changed<P::View>>,
    rows: PendingRows,
    parked: Parked,
    /// Deletes written since they were last forgotten.
    tombstones: usize,
}

/// A view that has changed. Views are large, so they stay where they are.
struct Changed<V> {
    view: Box<Versioned<V>>,
    /// How long it is, once it is encoded.
    encoded_bytes: usize,
}

impl<V> Changed<V> {
    fn new(view: Box<Versioned<V>>) -> Self {
        Self { view, encoded_bytes: 0 }
    }
}

impl<P: Projection> Projector<P> {
    /// Opens a generation where it stands, and creates its tables unless they are there.
    pub(crate) async fn open(store: Arc<dyn ReadStore>, generation: Generation) -> Result<Self, StoreError> {
        store.create(&tables::<P>(), generation).await?;
        let positions = store.positions(P::NAME, generation).await?;
        let checkpoints = positions
            .iter()
            .map(|(shard, position)| (*shard, checkpoint_of(position)))
            .collect();
        let parked = Parked::load(store.as_ref(), P::PARKED, generation).await?;
        let mut projector = Self {
            store,
            generation,
            only: None,
            checkpoints,
            unsaved: Vec::new(),
            unsaved_records: 0,
            cache: ViewCache::new(VIEW_CACHE_BYTES_MAX),
            changed: BTreeMap::new(),
            rows: PendingRows::default(),
            parked,
            // Those of an earlier run are counted as many.
            tombstones: TOMBSTONES_MAX,
        };
        projector.tidy().await?;
        Ok(projector)
    }

    /// Opens a generation as [`Projector::open`] does, for one view and no other.
    pub(crate) async fn open_one(
        store: Arc<dyn ReadStore>,
        generation: Generation,
        view: String,
    ) -> Result<Self, StoreError> {
        let mut projector = Self::open(store, generation).await?;
        projector.only = Some(view);
        Ok(projector)
    }

    fn views_table() -> &'static Table {
        P::TABLES[0]
    }

    fn reached(&self) -> impl Iterator<Item = (Shard, u64)> + '_ {
        self.unsaved
            .iter()
            .filter_map(|shard| Some((*shard, self.checkpoints.get(shard)?.seq)))
    }

    /// All that has changed: derived rows, the views, and how far they were read.
    fn changes(&mut self) -> Result<Batch, StoreError> {
        let mutations = self.rows.drain();
        let deletes = mutations
            .iter()
            .filter(|mutation| matches!(mutation, Mutation::Delete { .. }))
            .count();
        self.tombstones += deletes;
        let mut views = Vec::with_capacity(self.changed.len());
        for (key, changed) in &mut self.changed {
            let row = view_row(Key::of(key.clone()), &changed.view)?;
            changed.encoded_bytes = row.values.iter().map(|value| value.bytes()).sum();
            views.push(Mutation::Write {
                table: Self::views_table(),
                row,
                version: changed.view.seq,
            });
        }
        let position = |shard: &Shard| Some((*shard, position_of(self.checkpoints.get(shard)?)));
        Ok(Batch {
            projection: P::NAME,
            generation: self.generation,
            mutations,
            views,
            positions: self.unsaved.iter().filter_map(position).collect(),
        })
    }

    /// Forgets what could not be written: the views are read again.
    fn forget_changes(&mut self) {
        self.rows = PendingRows::default();
        self.changed.clear();
    }

    /// Up to which commit nothing older can be written any more: all shards are past it, and nothing older is
    /// parked.
    fn settled_seq(&self) -> u64 {
        let read = self
            .checkpoints
            .values()
            .map(|checkpoint| checkpoint.seq)
            .min()
            .unwrap_or(0);
        self.parked
            .oldest_seq()
            .map_or(read, |parked| read.min(parked.saturating_sub(1)))
    }

    async fn forget_deleted(&mut self) -> Result<(), StoreError> {
        if self.tombstones < TOMBSTONES_MAX {
            return Ok(());
        }
        self.store
            .forget_deleted(&tables::<P>(), self.generation, self.settled_seq())
            .await?;
        self.tombstones = 0;
        Ok(())
    }
}

/// All tables of a projection, with that of its parked commits.
pub(crate) fn tables<P: Projection>() -> Vec<&'static Table> {
    P::TABLES.iter().copied().chain(std::iter::once(P::PARKED)).collect()
}

impl<P: Projection> AnyProjector for Projector<P> {
    fn name(&self) -> &'static str {
        P::NAME
    }

    fn generation(&self) -> Generation {
        self.generation
    }

    fn reads(&self, topic: Topic) -> bool {
        P::TOPICS.contains(&topic)
    }

    fn checkpoints(&self) -> &BTreeMap<Shard, Checkpoint> {
        &self.checkpoints
    }

    fn parked_views(&self) -> usize {
        self.parked.views()
    }

    fn is_parked(&self, view: &str) -> bool {
        self.parked.holds(view, u64::MAX)
    }

    fn forget_view(&mut self, view: &str) {
        drop(self.cache.take(view));
    }

    fn take<'a>(&'a mut self, round: &'a Round) -> Answer<'a, ()> {
        self.fold_round(round).boxed()
    }

    fn batch(&mut self) -> Result<Option<Batch>, StoreError> {
        let has_rows = !self.rows.is_empty() || !self.changed.is_empty();
        if !has_rows && self.unsaved_records < UNSAVED_RECORDS_MAX {
            return Ok(None);
        }
        self.changes().map(Some)
    }

    fn applied(&mut self) {
        for (key, changed) in std::mem::take(&mut self.changed) {
            self.cache.put(key, changed.view, changed.encoded_bytes);
        }
        self.unsaved.clear();
        self.unsaved_records = 0;
    }

    fn passed(&mut self) {
        self.store.progress().advance(P::NAME, self.generation, self.reached());
    }

    fn rest(&mut self) -> Result<Option<Batch>, StoreError> {
        if self.unsaved.is_empty() {
            return Ok(None);
        }
        self.changes().map(Some)
    }

    fn tidy(&mut self) -> Answer<'_, ()> {
        self.forget_deleted().boxed()
    }

    fn retry_parked<'a>(
        &'a mut self,
        log: &'a dyn EventLog,
        decoder: &'a dyn Decode,
    ) -> BoxFuture<'a, Result<Retried, StoreError>> {
        self.retry(log, decoder).boxed()
    }
}

#[cfg(test)]
mod tests;
