//! Finding commits in the log: only those that happened, each with its time.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use command_api::Wire;
use domain::stream::{Shard, StreamId};
use domain::value::Timestamp;
use domain::{Decided, Event};
use event_log::follower::decode_commit;
use event_log::{EventLog, Fold, LogError, Record};
use schemas::Codec;
use thiserror::Error;

use super::walk::{Landmark, Walk};

/// Most commits that one question finds.
const FOUND_COMMITS_MAX: usize = 10_000;
/// Every so many records of a shard it is remembered where its fold was, so that what happened later need not be
/// read from the beginning.
const LANDMARK_RECORDS: i64 = 4_096;
/// Most of these places that are remembered of one shard.
const LANDMARKS_MAX: usize = 4_096;

/// Why the past cannot be told.
#[derive(Debug, Error)]
pub(crate) enum HistoryError {
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The log is not intact.
    #[error("{shard}: {why}")]
    Halted {
        /// Where.
        shard: Shard,
        /// How that showed.
        why: String,
    },
    /// It takes longer than somebody waits.
    #[error("it was not found within {} s", .0.as_secs())]
    TooSlow(Duration),
    /// There is more than one answer holds.
    #[error("there are more than {FOUND_COMMITS_MAX} commits")]
    TooMany,
    /// The thread that read has ended.
    #[error("reading was interrupted: {0}")]
    Interrupted(String),
}

impl HistoryError {
    /// The stable code.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Log(_) | Self::Interrupted(_) => "history.unavailable",
            Self::Halted { .. } => "history.halted",
            Self::TooSlow(_) => "history.too_slow",
            Self::TooMany => "history.too_many",
        }
    }
}

/// A commit that happened.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// When; never earlier than the commit before in its shard.
    pub(crate) at: Timestamp,
    /// What the log holds.
    pub(crate) record: Arc<Record>,
}

impl Found {
    /// Its events with their streams, or why they cannot be read.
    pub(crate) fn events(&self, wire: &Wire) -> Result<Vec<Decided>, String> {
        decode_commit(wire, &self.record).map_err(|undecodable| undecodable.0)
    }

    /// Those of one stream.
    pub(crate) fn events_of(&self, stream: &StreamId, wire: &Wire) -> Result<Vec<Event>, String> {
        let events = self.events(wire)?.into_iter();
        Ok(events
            .filter(|decided| decided.stream == *stream)
            .map(|decided| decided.event)
            .collect())
    }

    /// A stream's version after it.
    pub(crate) fn version_of(&self, stream: &StreamId) -> Option<u64> {
        let touched = self.record.envelope.streams.iter();
        touched
            .filter(|touched| touched.stream == *stream)
            .map(|touched| touched.version)
            .next_back()
    }
}

/// What is looked for.
#[derive(Clone, Debug)]
pub(crate) enum Wanted {
    /// Commits that changed a stream, up to a version; all without.
    Stream(StreamId, Option<u64>),
    /// Commits that changed one of these streams of a shard.
    Streams(BTreeSet<StreamId>),
    /// Commits of one of these commands.
    Commands(BTreeSet<uuid::Uuid>),
    /// Commits of one story.
    Story(uuid::Uuid),
}

impl Wanted {
    fn takes(&self, record: &Record) -> bool {
        let envelope = &record.envelope;
        match self {
            Self::Stream(stream, until) => envelope.streams.iter().any(|touched| {
                touched.stream == *stream && touched.events > 0 && until.is_none_or(|until| touched.version <= until)
            }),
            Self::Streams(streams) => envelope
                .streams
                .iter()
                .any(|touched| touched.events > 0 && streams.contains(&touched.stream)),
            Self::Commands(commands) => commands.contains(&envelope.command.0),
            Self::Story(correlation) => envelope.correlation == *correlation,
        }
    }

    /// Whether nothing more can come after this record.
    fn ends_with(&self, record: &Record) -> bool {
        match self {
            Self::Stream(stream, Some(until)) => {
                let mut touched = record.envelope.streams.iter();
                touched.any(|touched| touched.stream == *stream && touched.version >= *until)
            }
            Self::Stream(_, None) | Self::Streams(_) | Self::Commands(_) | Self::Story(_) => false,
        }
    }
}

/// Where a shard's fold was, now and then.
#[derive(Default)]
pub(crate) struct Landmarks(Mutex<BTreeMap<Shard, Vec<Landmark>>>);

impl Landmarks {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Shard, Vec<Landmark>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The last known place before this moment; the beginning without.
    fn before(&self, shard: Shard, moment: Option<Timestamp>) -> Landmark {
        let Some(moment) = moment else {
            return Landmark::default();
        };
        let known = self.lock();
        let places = known.get(&shard).into_iter().flatten();
        places
            .take_while(|place| place.at < moment)
            .last()
            .cloned()
            .unwrap_or_default()
    }

    fn remember(&self, shard: Shard, fold: &Fold, at: Timestamp) {
        let mut known = self.lock();
        let places = known.entry(shard).or_default();
        let is_new = places.last().is_none_or(|last| last.fold.offset < fold.offset);
        if is_new && places.len() < LANDMARKS_MAX {
            places.push(Landmark { fold: fold.clone(), at });
        }
    }
}

/// Reads the log for commits.
#[derive(Clone)]
pub(crate) struct Reader {
    log: Arc<dyn EventLog>,
    /// Reads payloads.
    pub(crate) wire: Arc<Wire>,
    landmarks: Arc<Landmarks>,
    patience: Duration,
}

impl Reader {
    pub(crate) fn new(log: Arc<dyn EventLog>, codec: Arc<Codec>, patience: Duration) -> Self {
        Self {
            log,
            wire: Arc::new(Wire(codec)),
            landmarks: Arc::default(),
            patience,
        }
    }

    /// The shard of a stream.
    pub(crate) fn shard_of(&self, stream: &StreamId) -> Shard {
        stream.shard(self.log.partitions())
    }

    /// The commits of a stream, the oldest first. `since`: that it did not begin earlier. Blocks.
    pub(crate) fn stream(
        &self,
        stream: &StreamId,
        until: Option<u64>,
        since: Option<Timestamp>,
    ) -> Result<Vec<Found>, HistoryError> {
        let shard = self.shard_of(stream);
        self.shard(shard, &Wanted::Stream(stream.clone(), until), since)
    }

    /// The commits that are wanted, in all shards, the oldest first. Blocks.
    pub(crate) fn everywhere(&self, wanted: &Wanted) -> Result<Vec<Found>, HistoryError> {
        let mut found = Vec::new();
        for shard in self.log.shards() {
            found.extend(self.shard(shard, wanted, None)?);
        }
        found.sort_by_key(|found| (found.at, found.record.shard, found.record.offset));
        Ok(found)
    }

    /// The commits of one shard that are wanted. Blocks.
    pub(crate) fn shard(
        &self,
        shard: Shard,
        wanted: &Wanted,
        since: Option<Timestamp>,
    ) -> Result<Vec<Found>, HistoryError> {
        let mut found = Vec::new();
        self.each(shard, wanted, since, |commit| {
            if found.len() == FOUND_COMMITS_MAX {
                return Err(HistoryError::TooMany);
            }
            found.push(commit);
            Ok(())
        })?;
        Ok(found)
    }

    /// Takes the commits of one shard that are wanted, one after the other, and keeps none of them. Blocks.
    pub(crate) fn each(
        &self,
        shard: Shard,
        wanted: &Wanted,
        since: Option<Timestamp>,
        mut take: impl FnMut(Found) -> Result<(), HistoryError>,
    ) -> Result<(), HistoryError> {
        let end = self.log.end(shard)?;
        let place = self.landmarks.before(shard, since);
        let mut walk = Walk::from(Arc::clone(&self.log), shard, place);
        walk.to(end, self.patience, |passed| {
            if passed.record.offset % LANDMARK_RECORDS == 0 {
                self.landmarks.remember(shard, passed.fold, passed.at);
            }
            if !passed.is_commit {
                return Ok(ControlFlow::Continue(()));
            }
            if wanted.takes(passed.record) {
                take(Found {
                    at: passed.at,
                    record: Arc::clone(passed.record),
                })?;
            }
            Ok(if wanted.ends_with(passed.record) {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            })
        })
    }
}
