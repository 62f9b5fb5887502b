//! A log in memory that tests write to, and its follower.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use domain::Event;
use domain::stream::{Shard, StreamId, Topic};
use event_log::contract::{claim_of, commit_of};
use event_log::{Decode, EventLog, Follower, MemoryLog, Touched};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::PARTITIONS;

/// A log in memory.
pub(crate) struct TestLog {
    log: MemoryLog,
    follower: Follower,
    written: Arc<Written>,
    ends: Mutex<Ends>,
}

/// The events of all commits; a payload is the number of its commit.
#[derive(Default)]
struct Written(Mutex<Vec<Vec<Event>>>);

#[derive(Default)]
struct Ends {
    shards: HashMap<Shard, (Uuid, u64)>,
    versions: HashMap<StreamId, u64>,
}

impl Decode for Written {
    fn decode(&self, _topic: Topic, payload: &[u8]) -> Result<Vec<Event>, String> {
        let number = payload.try_into().map(u32::from_be_bytes).map_err(|_| "no number")?;
        let written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(written[number as usize].clone())
    }
}

impl TestLog {
    pub(crate) fn new() -> Self {
        let (deliveries, _) = mpsc::unbounded_channel();
        let log = MemoryLog::plain(PARTITIONS, deliveries);
        let written = Arc::new(Written::default());
        let decoder = Arc::clone(&written) as Arc<dyn Decode>;
        let follower = Follower::start(Arc::new(log.clone()), decoder, &BTreeMap::new());
        Self {
            log,
            follower: follower.expect("the system gives a thread"),
            written,
            ends: Mutex::default(),
        }
    }

    pub(crate) fn follower(&self) -> Follower {
        self.follower.clone()
    }

    /// What the clock says when the next commits are written.
    pub(crate) fn set_time(&self, now: domain::value::Timestamp) {
        self.log.set_time(now);
    }

    /// Writes events of streams of one shard, in one commit; its place.
    pub(crate) fn commit(&self, events: Vec<(StreamId, Event)>) -> (Shard, u64) {
        let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        let shard = events[0].0.shard(PARTITIONS);
        let (claim, seq) = ends.shards.entry(shard).or_insert_with(|| {
            let claim = Uuid::new_v4();
            self.append(claim_of(shard, 1, claim));
            (claim, 0)
        });
        *seq += 1;
        let (claim, seq) = (*claim, *seq);
        let mut streams = Vec::new();
        for (stream, _) in &events {
            let version = ends.versions.entry(stream.clone()).or_default();
            *version += 1;
            streams.push(Touched {
                stream: stream.clone(),
                version: *version,
                events: 1,
            });
        }
        let mut written = self.written.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = u32::try_from(written.len()).expect("a small number");
        written.push(events.into_iter().map(|(_, event)| event).collect());
        drop(written);
        let offset = i64::try_from(seq).expect("a small number");
        let mut append = commit_of(shard, 1, claim, seq, offset, &number.to_be_bytes());
        append.envelope.streams = streams;
        self.append(append);
        (shard, seq)
    }

    fn append(&self, append: event_log::Append) {
        self.log.append(vec![append]).expect("the log takes records");
    }
}
