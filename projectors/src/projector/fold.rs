//! Folding a round into views and rows.

use std::collections::{HashMap, HashSet};

use domain::Decided;
use domain::stream::Shard;
use event_log::{Commit, Followed};
use read_store::model::Versioned;
use read_store::{Key, StoreError};

use super::{Changed, Projector};
use crate::projection::{DerivedRow, Projection};
use crate::round::Round;

/// Why a commit is parked that could be read.
const BEHIND_A_PARKED_ONE: &str = "an earlier commit is parked";

/// What one commit means for one view.
pub(super) struct Step<'a> {
    /// The view's key.
    key: String,
    commit: &'a Commit,
    /// Of the stream that feeds the view, after the commit.
    version: u64,
    /// Whether the stream begins here.
    is_beginning: bool,
    what: What<'a>,
}

enum What<'a> {
    /// In order.
    Events(Vec<&'a Decided>),
    /// The commit cannot be read, and why.
    Undecodable(&'a str),
}

impl<P: Projection> Projector<P> {
    pub(super) async fn fold_round(&mut self, round: &Round) -> Result<(), StoreError> {
        if P::TOPICS.iter().all(|topic| !round.topics.contains(topic)) {
            return Ok(());
        }
        let mut steps = Vec::new();
        let mut records = 0;
        for followed in &round.followed {
            if !P::TOPICS.contains(&followed.shard().topic) || self.has_read(followed) {
                continue;
            }
            records += 1;
            if let Followed::Commit(commit) = followed {
                steps_of::<P>(commit, &mut steps);
            }
        }
        if let Some(only) = &self.only {
            steps.retain(|step| step.key == *only);
        }
        let mut loaded = self.load(&steps).await?;
        for step in steps {
            self.fold(step, &mut loaded)?;
        }
        self.pass(round, records);
        Ok(())
    }

    fn has_read(&self, followed: &Followed) -> bool {
        let offset = match followed {
            Followed::Commit(commit) => commit.offset,
            Followed::Claimed(claimed) => claimed.offset,
            Followed::Void(voided) => voided.offset,
            Followed::Halted { .. } => return true,
        };
        self.checkpoints
            .get(&followed.shard())
            .is_some_and(|checkpoint| offset <= checkpoint.offset)
    }

    /// The stored views that the steps begin from and that are not in memory.
    async fn load(&self, steps: &[Step<'_>]) -> Result<HashMap<String, Versioned<P::View>>, StoreError> {
        let is_new = |step: &Step<'_>| step.is_beginning && !P::IS_FED_BY_MANY_STREAMS;
        let is_at_hand = |step: &Step<'_>| {
            let key = step.key.as_str();
            self.changed.contains_key(key) || self.cache.contains(key) || self.parked.holds(key, step.commit.seq)
        };
        let mut known = HashSet::new();
        let mut keys = Vec::new();
        for step in steps {
            if known.insert(step.key.as_str()) && !is_new(step) && !is_at_hand(step) {
                keys.push(Key::of(step.key.clone()));
            }
        }
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        let rows = self.store.get(Self::views_table(), self.generation, &keys).await?;
        let views = rows.into_iter().flatten().map(|row| {
            let view = Versioned::of_row(&row)?;
            Ok((row.key.partition, view))
        });
        views.collect()
    }

    pub(super) fn fold(
        &mut self,
        step: Step<'_>,
        loaded: &mut HashMap<String, Versioned<P::View>>,
    ) -> Result<(), StoreError> {
        let is_behind_another = self.parked.holds(&step.key, step.commit.seq);
        let events = match &step.what {
            What::Events(events) if !is_behind_another => events,
            What::Events(_) => return self.park(&step, BEHIND_A_PARKED_ONE),
            What::Undecodable(why) => {
                self.tell_parked(&step, why);
                return self.park(&step, why);
            }
        };
        let before = self.view_before(&step.key, loaded);
        if let Some(known) = before.as_ref()
            && known.seq >= step.commit.seq
        {
            self.changed.extend(before.map(|known| (step.key, Changed::new(known))));
            return Ok(());
        }
        let rows_before = before.as_deref().map_or(Ok(Vec::new()), P::rows)?;
        let view = before.map(|before| before.view);
        let view = events
            .iter()
            .fold(view, |view, decided| P::evolve(view, decided, step.commit.at));
        let Some(view) = view else {
            return Ok(());
        };
        let after = Versioned {
            seq: step.commit.seq,
            version: step.version,
            changed: step.commit.at,
            view,
        };
        self.write_difference(rows_before, P::rows(&after)?, after.seq);
        self.changed.insert(step.key, Changed::new(Box::new(after)));
        Ok(())
    }

    fn view_before(
        &mut self,
        key: &str,
        loaded: &mut HashMap<String, Versioned<P::View>>,
    ) -> Option<Box<Versioned<P::View>>> {
        let changed = self.changed.remove(key).map(|changed| changed.view);
        let known = changed.or_else(|| self.cache.take(key));
        known.or_else(|| loaded.remove(key).map(Box::new))
    }

    /// A row that moved is a delete and a write.
    fn write_difference(&mut self, before: Vec<DerivedRow>, after: Vec<DerivedRow>, seq: u64) {
        let mut gone: HashMap<_, _> = before
            .into_iter()
            .map(|(table, row)| ((table.name, row.key), (table, row.values)))
            .collect();
        for (table, row) in after {
            let entry = (table.name, row.key);
            let known = gone.remove(&entry);
            if known.is_none_or(|(_, values)| values != row.values) {
                let row = read_store::Row {
                    key: entry.1,
                    values: row.values,
                };
                self.rows.write(table, row, seq);
            }
        }
        for ((_, key), (table, _)) in gone {
            self.rows.delete(table, key, seq);
        }
    }

    fn park(&mut self, step: &Step<'_>, why: &str) -> Result<(), StoreError> {
        let row = self.parked.park(&step.key, step.commit, why)?;
        self.rows.write(P::PARKED, row, step.commit.seq);
        Ok(())
    }

    /// Tells the operator of a commit that cannot be read; those behind it say nothing new.
    fn tell_parked(&self, step: &Step<'_>, why: &str) {
        tracing::error!(
            projection = P::NAME,
            generation = self.generation,
            view = step.key,
            shard = %step.commit.shard,
            offset = step.commit.offset,
            why,
            "a commit is parked: its view stands still until it can be read and `retry` is asked for"
        );
    }

    /// Remembers how far the round went.
    fn pass(&mut self, round: &Round, records: usize) {
        for (shard, checkpoint) in &round.checkpoints {
            let known = self.checkpoints.get(shard);
            let is_new = known.is_none_or(|known| known.offset < checkpoint.offset);
            if P::TOPICS.contains(&shard.topic) && is_new {
                self.checkpoints.insert(*shard, checkpoint.clone());
                remember(&mut self.unsaved, *shard);
            }
        }
        self.unsaved_records += records;
    }
}

fn remember(unsaved: &mut Vec<Shard>, shard: Shard) {
    if !unsaved.contains(&shard) {
        unsaved.push(shard);
    }
}

/// Adds what a commit means for each view that it feeds.
pub(super) fn steps_of<'a, P: Projection>(commit: &'a Commit, steps: &mut Vec<Step<'a>>) {
    let first = steps.len();
    let mut passed = 0;
    for touched in &commit.envelope().streams {
        let range = passed..passed + touched.events as usize;
        passed = range.end;
        let Some(key) = P::view_key(&touched.stream) else {
            continue;
        };
        let events = match &commit.events {
            Ok(events) => What::Events(events.get(range).unwrap_or_default().iter().collect()),
            Err(undecodable) => What::Undecodable(&undecodable.0),
        };
        let known = steps[first..].iter_mut().find(|step| step.key == key.partition);
        match (known, events) {
            (Some(step), more) => step.extend(more, touched.version),
            (None, what) => steps.push(Step {
                key: key.partition,
                commit,
                version: touched.version,
                is_beginning: touched.version == u64::from(touched.events),
                what,
            }),
        }
    }
}

impl<'a> Step<'a> {
    fn extend(&mut self, more: What<'a>, version: u64) {
        self.version = version;
        if let (What::Events(events), What::Events(more)) = (&mut self.what, more) {
            events.extend(more);
        }
    }

    /// Only what a commit means for one view.
    pub(super) fn of_view<P: Projection>(commit: &'a Commit, key: &str) -> Option<Self> {
        let mut steps = Vec::new();
        steps_of::<P>(commit, &mut steps);
        steps.into_iter().find(|step| step.key == key)
    }

    pub(super) fn is_decodable(&self) -> bool {
        matches!(self.what, What::Events(_))
    }
}
