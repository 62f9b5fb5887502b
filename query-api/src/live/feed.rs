//! One reader's view: the log from where they were, then the hub.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::ConsistencyToken;
use domain::stream::Shard;
use event_log::{Commit, Fold, Place};

use super::hub::{Ear, Hub};
use super::replay::Replay;
use super::{Beginning, Interest, LiveCursor, LiveError};
use crate::limits::REPLAY_COMMITS_MAX;

/// Every commit that is of interest, in each shard's order, without gap or repeat.
pub(crate) struct Feed {
    hub: Arc<Hub>,
    interest: Interest,
    places: BTreeMap<Shard, Place>,
    /// Where the last commit's shard was before it.
    before_last: Option<(Shard, Place)>,
    partly: Option<(Shard, u32)>,
    source: Source,
}

enum Source {
    /// Reads the log; the ear is there once little is left to read, so that its queue stays short.
    Log(Box<Replay>, Option<Ear>),
    Hub(Ear),
    /// Reads the log up to where the hub was, and no further.
    LogOnly(Box<Replay>),
}

/// Why nothing more comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FeedEnd {
    /// The shop stops.
    Closed,
    /// More came than the reader took.
    TooSlow,
}

/// A commit, and how many of its events the reader has had before.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub(crate) commit: Arc<Commit>,
    pub(crate) had: u32,
}

/// How much of the log may be read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// All of it.
    Whole,
    /// The last commits: at most [`REPLAY_COMMITS_MAX`].
    Recent,
}

impl Feed {
    /// Begins to read what comes for ever.
    ///
    /// # Errors
    /// The cursor does not fit, or the log cannot be read.
    pub(crate) async fn open(
        hub: &Arc<Hub>,
        interest: Interest,
        beginning: &Beginning,
        reach: Reach,
    ) -> Result<Self, LiveError> {
        let folds = hub.folds().await?;
        if *beginning == Beginning::Now {
            let (ear, folds) = hub.attend(&interest)?;
            let places = places_at(&interest, hub.partitions(), &folds);
            return Ok(Self::new(hub, interest, places, None, Source::Hub(ear)));
        }
        let (replay, LiveCursor { places, partly }) = replay(hub, &interest, &folds, beginning, reach).await?;
        let source = Source::Log(Box::new(replay), None);
        Ok(Self::new(hub, interest, places, partly, source))
    }

    /// Begins to read what there is, and ends there.
    ///
    /// # Errors
    /// The cursor does not fit, or the log cannot be read.
    pub(crate) async fn open_page(
        hub: &Arc<Hub>,
        interest: Interest,
        beginning: &Beginning,
    ) -> Result<Self, LiveError> {
        let folds = hub.folds().await?;
        let (replay, LiveCursor { places, partly }) = replay(hub, &interest, &folds, beginning, Reach::Whole).await?;
        let source = Source::LogOnly(Box::new(replay));
        Ok(Self::new(hub, interest, places, partly, source))
    }

    fn new(
        hub: &Arc<Hub>,
        interest: Interest,
        places: BTreeMap<Shard, Place>,
        partly: Option<(Shard, u32)>,
        source: Source,
    ) -> Self {
        Self {
            hub: Arc::clone(hub),
            interest,
            places,
            before_last: None,
            partly,
            source,
        }
    }

    /// The next commit of interest; none at the end of a page.
    ///
    /// # Errors
    /// Nothing more will come.
    pub(crate) async fn next(&mut self) -> Result<Option<Given>, FeedEnd> {
        loop {
            let commit = match &mut self.source {
                Source::Hub(ear) => match ear.queue.recv().await {
                    Some(commit) => commit,
                    None if self.hub.is_closed() => return Err(FeedEnd::Closed),
                    None => return Err(FeedEnd::TooSlow),
                },
                Source::LogOnly(replay) => match replay.next().await? {
                    Some(commit) => commit,
                    None => return Ok(None),
                },
                Source::Log(replay, _) => match replay.next().await? {
                    Some(commit) => commit,
                    None => {
                        self.change_over()?;
                        continue;
                    }
                },
            };
            if let Some(given) = self.pass(commit) {
                return Ok(Some(given));
            }
        }
    }

    /// The log was read to where the hub was: listens, reads what came meanwhile, and goes on with what was heard.
    fn change_over(&mut self) -> Result<(), FeedEnd> {
        let Source::Log(replay, ear) = &mut self.source else {
            return Ok(());
        };
        if let Some(ear) = ear.take() {
            self.source = Source::Hub(ear);
            return Ok(());
        }
        let (listening, folds) = self.hub.attend(&self.interest).map_err(|_| FeedEnd::Closed)?;
        replay.extend(&self.places, &folds);
        *ear = Some(listening);
        Ok(())
    }

    /// Goes behind a commit; it is given when it is of interest and was not given before.
    fn pass(&mut self, commit: Arc<Commit>) -> Option<Given> {
        let place = self.places.get_mut(&commit.shard)?;
        if commit.seq <= place.seq {
            return None;
        }
        let is_wanted = self.interest.is_touched_by(&commit);
        let before = std::mem::replace(place, Place::from(&commit.fold));
        self.before_last = Some((commit.shard, before));
        let partly = self.partly.take_if(|(shard, _)| *shard == commit.shard);
        let had = partly.map_or(0, |(_, had)| had);
        is_wanted.then_some(Given { commit, had })
    }

    /// Where to go on behind everything that was given.
    pub(crate) fn cursor(&self) -> LiveCursor {
        LiveCursor {
            places: self.places.clone(),
            partly: self.partly,
        }
    }

    /// Asks for everything that was passed: it is not given any more.
    pub(crate) fn passed(&self) -> ConsistencyToken {
        let mut token = ConsistencyToken::default();
        for (shard, place) in self.places.iter().filter(|(_, place)| place.seq > 0) {
            token.include(*shard, place.seq);
        }
        token
    }

    /// Where to go on behind the first `events` events of the commit that was given last.
    pub(crate) fn cursor_within(&self, events: u32) -> LiveCursor {
        let mut cursor = self.cursor();
        if let Some((shard, before)) = self.before_last {
            cursor.places.insert(shard, before);
            cursor.partly = Some((shard, events));
        }
        cursor
    }

    /// The hub that it reads.
    pub(crate) fn hub(&self) -> &Arc<Hub> {
        &self.hub
    }
}

fn places_at(interest: &Interest, partitions: u32, folds: &BTreeMap<Shard, Fold>) -> BTreeMap<Shard, Place> {
    let shards = interest.shards(partitions, folds).into_iter();
    shards
        .filter_map(|shard| Some((shard, Place::from(folds.get(&shard)?))))
        .collect()
}

/// Reads the log from where reading begins.
async fn replay(
    hub: &Arc<Hub>,
    interest: &Interest,
    folds: &BTreeMap<Shard, Fold>,
    beginning: &Beginning,
    reach: Reach,
) -> Result<(Replay, LiveCursor), LiveError> {
    if let Beginning::Last(events_max) = *beginning {
        let shards = interest.shards(hub.partitions(), folds);
        let mut of_interest = folds.clone();
        of_interest.retain(|shard, _| shards.contains(shard));
        return Replay::begin_last(hub, interest, of_interest, events_max).await;
    }
    let cursor = begin(interest, hub.partitions(), folds, beginning, reach)?;
    let replay = Replay::begin(hub, &cursor.places, folds).await?;
    Ok((replay, cursor))
}

/// Where reading begins.
fn begin(
    interest: &Interest,
    partitions: u32,
    folds: &BTreeMap<Shard, Fold>,
    beginning: &Beginning,
    reach: Reach,
) -> Result<LiveCursor, LiveError> {
    let mut places = places_at(interest, partitions, folds);
    let mut partly = None;
    match beginning {
        // Where the last events begin is known only once they are read.
        Beginning::Now | Beginning::Last(_) => {}
        Beginning::First => {
            let first = Place {
                offset: -1,
                term: 0,
                seq: 0,
            };
            places.values_mut().for_each(|place| *place = first);
        }
        Beginning::After(cursor) => {
            for (shard, place) in &mut places {
                let kept = cursor.places.get(shard);
                *place = *kept.ok_or_else(|| LiveError::OtherTopics(shard.to_string()))?;
            }
            partly = cursor.partly.filter(|(shard, _)| places.contains_key(shard));
        }
    }
    let missed = places.iter().map(|(shard, place)| {
        let now = folds.get(shard).map_or(0, |fold| fold.seq);
        now.saturating_sub(place.seq)
    });
    if reach == Reach::Recent && missed.sum::<u64>() > REPLAY_COMMITS_MAX {
        return Err(LiveError::TooOld);
    }
    Ok(LiveCursor { places, partly })
}
