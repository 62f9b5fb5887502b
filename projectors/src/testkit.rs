//! A log to project, written by hand.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use domain::shop::generation::{self, Generations};
use domain::stream::{Shard, StreamId, Topic};
use domain::value::{CommandId, Timestamp};
use domain::{Decided, Event};
use event_log::{
    Append, Claim, Commit, Decode, Envelope, EventLog, Fold, Followed, Follower, Kind, MemoryLog, Record, Touched,
    Undecodable,
};
use futures::FutureExt;
use futures::future::BoxFuture;
use read_store::model::Versioned;
use read_store::{ActiveGenerations, Generation, PAGE_ROWS_MAX, ReadStore, Row, Table, Version};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::generation_log::{GenerationError, GenerationLog};
use crate::projection::Projection;
use crate::shared::ProjectorsParts;

pub(crate) mod samples;
pub(crate) mod unsteady;

/// Partitions of the topics that have many.
pub(crate) const PARTITIONS: u32 = 2;

/// How long a test waits for what must come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// The moment of the commit with this number.
pub(crate) fn moment(seq: u64) -> Timestamp {
    Timestamp(1_750_000_000_000 + seq.cast_signed() * 1_000)
}

/// Waits for something that must come, however slow the machine is.
pub(crate) async fn must<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("it comes in time")
}

/// The view and the rows that events of one stream give, each event a commit of its own.
pub(crate) fn folded<P: Projection>(stream: &StreamId, events: &[Event]) -> (P::View, Vec<(&'static str, Row)>) {
    let mut view = None;
    for (seq, event) in (1..).zip(events) {
        let decided = Decided {
            stream: stream.clone(),
            event: event.clone(),
        };
        view = P::evolve(view, &decided, moment(seq));
    }
    let versioned = Versioned {
        seq: events.len() as u64,
        version: events.len() as u64,
        changed: moment(events.len() as u64),
        view: view.expect("the events begin a view"),
    };
    let rows = P::rows(&versioned).expect("rows can be encoded");
    (
        versioned.view,
        rows.into_iter().map(|(table, row)| (table.name, row)).collect(),
    )
}

/// Every row of these tables, by table and key.
pub(crate) async fn dump(
    store: &dyn ReadStore,
    tables: &[&'static Table],
    generation: Generation,
) -> Vec<(&'static str, Row, Version)> {
    let mut all = Vec::new();
    for table in tables {
        let mut rows: Vec<(&'static str, Row, Version)> = Vec::new();
        let mut after = None;
        loop {
            let page = store
                .scan(table, generation, after, PAGE_ROWS_MAX)
                .await
                .expect("a table can be scanned");
            let Some((last, _)) = page.last() else { break };
            after = Some(last.key.clone());
            rows.extend(page.into_iter().map(|(row, version)| (table.name, row, version)));
        }
        rows.sort_by(|left, right| left.1.key.cmp(&right.1.key));
        all.extend(rows);
    }
    all
}

/// What each shard's writer knows.
#[derive(Clone, Debug, Default)]
struct Writer {
    offset: i64,
    seq: u64,
    claim: Option<Uuid>,
}

/// Writes commits as an owner would: first a claim, then number by number.
#[derive(Default)]
pub(crate) struct Writers {
    shards: BTreeMap<Shard, Writer>,
    versions: HashMap<StreamId, u64>,
}

impl Writers {
    /// The records of a commit of these events; before the first of its shard, a claim.
    fn commit(&mut self, events: &[(StreamId, Event)]) -> Vec<(Shard, i64, Envelope)> {
        let shard = events[0].0.shard(PARTITIONS);
        let writer = self.shards.entry(shard).or_default();
        let mut records = Vec::new();
        let claim = *writer.claim.get_or_insert_with(|| {
            let claim = Uuid::new_v5(&Uuid::nil(), shard.to_string().as_bytes());
            records.push((shard, 0, claim_of(claim)));
            writer.offset = 1;
            claim
        });
        writer.seq += 1;
        let streams = touched(&mut self.versions, events);
        records.push((shard, writer.offset, commit_of(claim, writer.seq, streams)));
        writer.offset += 1;
        records
    }
}

fn touched(versions: &mut HashMap<StreamId, u64>, events: &[(StreamId, Event)]) -> Vec<Touched> {
    let mut streams: Vec<Touched> = Vec::new();
    for (stream, _) in events {
        let version = versions.entry(stream.clone()).or_default();
        *version += 1;
        match streams.last_mut() {
            Some(last) if last.stream == *stream => {
                last.version = *version;
                last.events += 1;
            }
            _ => streams.push(Touched {
                stream: stream.clone(),
                version: *version,
                events: 1,
            }),
        }
    }
    streams
}

fn claim_of(claim: Uuid) -> Envelope {
    Envelope {
        kind: Kind::Claim,
        term: 1,
        seq: 0,
        claimed: Some(Claim {
            log: claim,
            partitions: PARTITIONS,
            node: "test".to_owned(),
            url: String::new(),
        }),
        ..commit_of(claim, 0, Vec::new())
    }
}

fn commit_of(claim: Uuid, seq: u64, streams: Vec<Touched>) -> Envelope {
    Envelope {
        kind: Kind::Commit,
        term: 1,
        seq,
        claim,
        command: CommandId(Uuid::from_u128(u128::from(seq))),
        request_hash: [0; 32],
        correlation: Uuid::nil(),
        causation: Uuid::nil(),
        actor: "admin:test".to_owned(),
        traceparent: String::new(),
        streams,
        claimed: None,
    }
}

/// What a follower would tell of commits, without a log. A commit of which `is_readable` says no is undecodable.
pub(crate) fn told(commits: &[Vec<(StreamId, Event)>], is_readable: impl Fn(usize) -> bool) -> Vec<Followed> {
    let mut writers = Writers::default();
    let mut told = Vec::new();
    for (index, events) in commits.iter().enumerate() {
        for (shard, offset, envelope) in writers.commit(events) {
            if envelope.kind == Kind::Commit {
                let events = if is_readable(index) {
                    Ok(decided(events))
                } else {
                    Err(Undecodable("poison".to_owned()))
                };
                told.push(Followed::Commit(Arc::new(commit(shard, offset, envelope, events))));
            }
        }
    }
    told
}

fn decided(events: &[(StreamId, Event)]) -> Vec<Decided> {
    let decided = events.iter().map(|(stream, event)| Decided {
        stream: stream.clone(),
        event: event.clone(),
    });
    decided.collect()
}

fn commit(shard: Shard, offset: i64, envelope: Envelope, events: Result<Vec<Decided>, Undecodable>) -> Commit {
    let (seq, at) = (envelope.seq, moment(envelope.seq));
    let fold = Fold {
        offset,
        term: 1,
        seq,
        owner: Some(envelope.claim),
        log: Some(envelope.claim),
    };
    let record = Record {
        shard,
        offset,
        at,
        envelope,
        payload: Bytes::new(),
    };
    Commit {
        shard,
        offset,
        at,
        seq,
        events,
        record: Arc::new(record),
        fold,
    }
}

/// A log in memory whose payloads are numbers of what was written.
#[derive(Clone)]
pub(crate) struct TestLog {
    pub(crate) log: MemoryLog,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    writers: Writers,
    payloads: Vec<Vec<Event>>,
    /// Payloads that cannot be read for now.
    poison: BTreeSet<usize>,
    generations: BTreeMap<String, Generations>,
    /// Whether the log shows the next change of a generation only when a command after it is refused.
    is_late: bool,
    withheld: Option<(StreamId, Event)>,
}

impl TestLog {
    pub(crate) fn new() -> Self {
        // Whoever would wait for deliveries reads the log instead.
        let (deliveries, _) = mpsc::unbounded_channel();
        Self {
            log: MemoryLog::plain(PARTITIONS, deliveries),
            state: Arc::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes one commit, and says its shard and number.
    pub(crate) fn write(&self, events: &[(StreamId, Event)]) -> (Shard, u64) {
        let mut state = self.state();
        let number = state.payloads.len();
        state
            .payloads
            .push(events.iter().map(|(_, event)| event.clone()).collect());
        let records = state.writers.commit(events);
        let (shard, _, envelope) = records.last().expect("a commit is a record");
        let written = (*shard, envelope.seq);
        let appends = records.into_iter().map(|(shard, expected_offset, envelope)| {
            let is_commit = envelope.kind == Kind::Commit;
            let payload = if is_commit {
                Bytes::copy_from_slice(&number.to_be_bytes())
            } else {
                Bytes::new()
            };
            Append {
                shard,
                expected_offset,
                envelope,
                payload,
            }
        });
        self.log.append(appends.collect()).expect("the log takes everything");
        written
    }

    /// Writes one commit that cannot be read until the log is healed.
    pub(crate) fn write_poison(&self, events: &[(StreamId, Event)]) -> (Shard, u64) {
        let number = self.state().payloads.len();
        self.state().poison.insert(number);
        self.write(events)
    }

    /// Lets everything be read from now on.
    pub(crate) fn heal(&self) {
        self.state().poison.clear();
    }

    /// Shows the next change of a generation so late that who waits for it asks again, and is refused.
    pub(crate) fn show_next_generation_late(&self) {
        self.state().is_late = true;
    }

    /// Whether a generation was opened, shown or not.
    pub(crate) fn has_opened(&self, projection: &str, generation: Generation) -> bool {
        let state = self.state();
        let generations = state.generations.get(projection);
        generations.is_some_and(|generations| generations.get(generation).is_some())
    }

    pub(crate) fn follower(&self) -> Follower {
        let (log, decoder) = (Arc::new(self.log.clone()), Arc::new(self.clone()));
        Follower::start(log, decoder, &BTreeMap::new()).expect("the system gives a thread")
    }

    pub(crate) fn parts(&self, store: Arc<dyn ReadStore>) -> ProjectorsParts {
        ProjectorsParts {
            store,
            log: Arc::new(self.log.clone()),
            decoder: Arc::new(self.clone()),
            follower: self.follower(),
            generation_log: Arc::new(self.clone()),
            active: ActiveGenerations::new(),
        }
    }

    fn change_generation(
        &self,
        projection: &str,
        event: impl Fn(&Generations) -> Result<generation::Event, &'static str>,
    ) -> Result<(), GenerationError> {
        let decided = event(self.state().generations.entry(projection.to_owned()).or_default());
        let event = decided.map_err(|code| {
            let withheld = self.state().withheld.take();
            if let Some(withheld) = withheld {
                self.write(&[withheld]);
            }
            GenerationError::Refused {
                code: code.to_owned(),
                message: "no".to_owned(),
            }
        })?;
        if let Some(generations) = self.state().generations.get_mut(projection) {
            generations.evolve(&event);
        }
        let event = (StreamId::Generation(projection.to_owned()), event.into());
        if std::mem::take(&mut self.state().is_late) {
            self.state().withheld = Some(event);
        } else {
            self.write(&[event]);
        }
        Ok(())
    }
}

impl Decode for TestLog {
    fn decode(&self, _topic: Topic, payload: &[u8]) -> Result<Vec<Event>, String> {
        let number = payload
            .try_into()
            .map(usize::from_be_bytes)
            .map_err(|_| "no number".to_owned())?;
        let state = self.state();
        if state.poison.contains(&number) {
            return Err("poison".to_owned());
        }
        state
            .payloads
            .get(number)
            .cloned()
            .ok_or_else(|| "no such payload".to_owned())
    }
}

impl GenerationLog for TestLog {
    fn open(&self, projection: &'static str, version: u32, held: bool) -> BoxFuture<'_, Result<(), GenerationError>> {
        let opened = self.change_generation(projection, |generations| match generations.filling() {
            Some(_) => Err("generation.open"),
            None => Ok(generation::Event::GenerationOpened {
                generation: generations.last_number() + 1,
                version,
                held,
            }),
        });
        async { opened }.boxed()
    }

    fn switch(&self, projection: &'static str, generation: Generation) -> BoxFuture<'_, Result<(), GenerationError>> {
        let switched = self.change_generation(projection, |_| Ok(generation::Event::GenerationSwitched { generation }));
        async { switched }.boxed()
    }

    fn drop_tables(
        &self,
        projection: &'static str,
        generation: Generation,
    ) -> BoxFuture<'_, Result<(), GenerationError>> {
        let dropped = self.change_generation(projection, |_| Ok(generation::Event::GenerationDropped { generation }));
        async { dropped }.boxed()
    }
}

/// A fingerprint of a view and its rows as they are stored. When it changes for the same events, rows of earlier
/// programs are not what this one expects: raise the projection's `VERSION`, then the number in the test.
pub(crate) fn shape<P: Projection>(stream: &StreamId, events: &[Event]) -> u64 {
    let (view, rows) = folded::<P>(stream, events);
    let versioned = Versioned {
        seq: 1,
        version: 1,
        changed: moment(1),
        view,
    };
    let key = P::view_key(stream).expect("the stream feeds a view");
    let row = read_store::model::view_row(key, &versioned).expect("a view can be encoded");
    let stored = format!("{} {row:?} {rows:?}", P::VERSION);
    let fnv = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    stored.bytes().fold(0xcbf2_9ce4_8422_2325, fnv)
}
