//! One view, told again from the log: its rows as they should be, and those that it has given up.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::stream::Shard;
use domain::value::Timestamp;
use event_log::follower::decode_commit;
use event_log::{Commit, Decode, EventLog, Fold, Followed, Kind, LogError, Record, Verdict};
use read_store::{Key, MemoryStore, Mutation, ReadStore, Row, StoreError, Table, Value, Version};
use tokio_util::sync::CancellationToken;

use crate::parity::REPLAY_GENERATION;
use crate::projector::AnyProjector;
use crate::registry::Registered;
use crate::round::Round;
use crate::shared::ProjectorsParts;

/// Most records read at once.
const READ_RECORDS_MAX: usize = 4_096;
/// Most bytes of payload read at once.
const READ_BYTES_MAX: usize = 4 << 20;

/// What the log says of one view.
pub(crate) struct Retold {
    pub(crate) registered: &'static Registered,
    /// The view's key.
    pub(crate) key: Key,
    log: Arc<dyn EventLog>,
    decoder: Arc<dyn Decode>,
    shard: Shard,
    fold: Fold,
    at: Timestamp,
    projector: Box<dyn AnyProjector>,
    memory: Arc<MemoryStore>,
    rows: BTreeMap<(&'static str, Key), Expected>,
}

/// What should be at a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) table: &'static Table,
    /// The commit that caused it.
    pub(crate) version: Version,
    /// None: the view had a row there, and has none any more.
    pub(crate) values: Option<Vec<Value>>,
}

impl Retold {
    /// Nothing is read yet.
    pub(crate) async fn new(
        parts: &ProjectorsParts,
        registered: &'static Registered,
        key: &str,
    ) -> Result<Self, StoreError> {
        let memory = Arc::new(MemoryStore::new());
        let into: Arc<dyn ReadStore> = memory.clone();
        let shards = registered.shards(&parts.log.shards());
        let shard = registered.shard_of_view(key, &shards, parts.log.partitions());
        Ok(Self {
            registered,
            key: Key::of(key.to_owned()),
            log: Arc::clone(&parts.log),
            decoder: Arc::clone(&parts.decoder),
            shard: shard.ok_or_else(|| StoreError::Damaged(format!("the log has no shard for {key:?}")))?,
            fold: Fold::default(),
            at: Timestamp::default(),
            projector: registered.open_one(into, REPLAY_GENERATION, key).await?,
            memory,
            rows: BTreeMap::new(),
        })
    }

    /// The shard that the view is fed from.
    pub(crate) fn shard(&self) -> Shard {
        self.shard
    }

    /// The last commit of its shard that was read.
    pub(crate) fn seq(&self) -> Version {
        self.fold.seq
    }

    /// Whether a commit of it cannot be read.
    pub(crate) fn is_parked(&self) -> bool {
        self.projector.parked_views() > 0
    }

    /// What should be where.
    pub(crate) fn rows(&self) -> &BTreeMap<(&'static str, Key), Expected> {
        &self.rows
    }

    /// Reads on, up to and with this offset, unless that takes too long or nobody needs it any more. Blocks.
    pub(crate) async fn read_to(
        &mut self,
        last: i64,
        patience: Duration,
        stopping: &CancellationToken,
    ) -> Result<(), StoreError> {
        let deadline = Instant::now() + patience;
        let unavailable = |error: LogError| StoreError::Unavailable(error.to_string());
        let mut scan = self.log.scan(BTreeMap::from([(self.shard, self.fold.offset + 1)]));
        while self.fold.offset < last {
            if stopping.is_cancelled() {
                return Err(StoreError::Unavailable("the projectors have stopped".to_owned()));
            }
            if Instant::now() > deadline {
                let why = format!("{} was not read within {} s", self.shard, patience.as_secs());
                return Err(StoreError::Unavailable(why));
            }
            let records = scan.next(READ_RECORDS_MAX, READ_BYTES_MAX).map_err(unavailable)?;
            if records.is_empty() {
                let why = format!(
                    "{} ends at offset {}, and rows say there is more",
                    self.shard, self.fold.offset
                );
                return Err(StoreError::Unavailable(why));
            }
            let mut followed = Vec::new();
            for record in records.iter().take_while(|record| record.offset <= last) {
                followed.extend(self.pass(record)?);
            }
            self.take(followed).await?;
        }
        Ok(())
    }

    /// A commit, if the record is one that feeds the view.
    fn pass(&mut self, record: &Arc<Record>) -> Result<Option<Followed>, StoreError> {
        let verdict = self.fold.apply(record.offset, &record.envelope);
        let halted = |halt| StoreError::Damaged(format!("{} cannot be replayed: {halt}", self.shard));
        let verdict = verdict.map_err(halted)?;
        self.at = self.at.max(record.at);
        let feeds =
            |touched: &event_log::Touched| (self.registered.view_key)(&touched.stream).as_ref() == Some(&self.key);
        let is_about_it = record.envelope.streams.iter().any(feeds);
        if verdict != Verdict::Accepted || record.envelope.kind != Kind::Commit || !is_about_it {
            return Ok(None);
        }
        self.decoder.prepare(&record.payload).map_err(StoreError::Unavailable)?;
        Ok(Some(Followed::Commit(Arc::new(Commit {
            shard: self.shard,
            offset: record.offset,
            at: self.at,
            seq: record.envelope.seq,
            events: decode_commit(self.decoder.as_ref(), record),
            record: Arc::clone(record),
            fold: self.fold.clone(),
        }))))
    }

    async fn take(&mut self, followed: Vec<Followed>) -> Result<(), StoreError> {
        self.projector.take(&Round::new(followed)).await?;
        let Some(batch) = self.projector.batch()? else {
            self.projector.passed();
            return Ok(());
        };
        for mutation in batch.mutations.iter().chain(&batch.views) {
            self.note(mutation);
        }
        self.memory.apply(std::slice::from_ref(&batch)).await?;
        self.projector.applied();
        Ok(())
    }

    /// A projector never goes back, so what comes later is what is true.
    fn note(&mut self, mutation: &Mutation) {
        let (table, key, version, values) = match mutation {
            Mutation::Write { table, row, version } | Mutation::Replace { table, row, version } => {
                (*table, &row.key, *version, Some(row.values.clone()))
            }
            Mutation::Delete { table, key, version } => (*table, key, *version, None),
        };
        // What waits there is told as parked.
        if !std::ptr::eq(table, self.registered.parked) {
            let expected = Expected { table, version, values };
            self.rows.insert((table.name, key.clone()), expected);
        }
    }
}

impl Expected {
    /// The row that should be there, with its version.
    pub(crate) fn row_at(&self, key: &Key) -> Option<(Row, Version)> {
        let row = Row {
            key: key.clone(),
            values: self.values.clone()?,
        };
        Some((row, self.version))
    }
}
