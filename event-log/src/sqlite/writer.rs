//! The writer's thread: one transaction per group.

use std::collections::VecDeque;
use std::sync::Arc;

use domain::value::Timestamp;
use rusqlite::{Connection, params};

use super::heads::Heads;
use super::queue::Queued;
use super::schema::{INSERT_HEADS, INSERT_RECORD};
use super::{GROUP_BYTES_MAX, GROUP_RECORDS_MAX, Inner};
use crate::envelope::{Envelope, Kind};
use crate::fold::Verdict;
use crate::port::{Delivered, Deliveries, Delivery, Record};

/// Records between two rows of heads: what a restart folds again, and what a reader looks through to find the
/// middle of a shard.
pub(super) const HEADS_EVERY_RECORDS: i64 = 1_024;

pub(super) struct Writer {
    pub(super) inner: Arc<Inner>,
    pub(super) connection: Connection,
    pub(super) deliveries: Deliveries,
    /// Where the shards end once the group being written is durable.
    pub(super) heads: Heads,
}

/// A record that the fold accepts, on its way into the file.
struct Accepted {
    record: Arc<Record>,
    envelope: Vec<u8>,
    checksum: u32,
}

/// Why a group did not get into the log.
enum Failure {
    /// Before COMMIT: it was rolled back.
    Refused(rusqlite::Error),
    /// In COMMIT.
    Unknown(rusqlite::Error),
}

impl Writer {
    pub(super) fn run(mut self) {
        let mut waiting = VecDeque::new();
        while self.inner.queue.take(&mut waiting) {
            while !waiting.is_empty() {
                let group = next_group(&mut waiting);
                self.write(group);
            }
        }
    }

    fn write(&mut self, group: Vec<Queued>) {
        let mut delivered = Vec::with_capacity(group.len());
        let mut accepted = Vec::with_capacity(group.len());
        let before = self.heads.clone();
        let now = now().max(self.heads.at);
        for queued in group {
            match self.check(&queued) {
                Ok(offset) => accepted.push(accept(queued, offset, now)),
                Err(why) => delivered.push(answer(
                    &queued.append.shard,
                    &queued.append.envelope,
                    Delivery::Refused(why),
                )),
            }
        }
        if !accepted.is_empty() {
            let written = self.transact(&accepted, now);
            match written {
                Ok(()) => self.publish(&accepted),
                Err(_) => self.heads = before,
            }
            let answers = accepted.iter().map(|Accepted { record, .. }| {
                let delivery = match &written {
                    Ok(()) => Delivery::At {
                        offset: record.offset,
                        at: record.at,
                    },
                    Err(Failure::Refused(error)) => Delivery::Refused(error.to_string()),
                    Err(Failure::Unknown(error)) => Delivery::Unknown(error.to_string()),
                };
                answer(&record.shard, &record.envelope, delivery)
            });
            delivered.extend(answers);
        }
        // The receiver may have stopped before the log has.
        let _ = self.deliveries.send(delivered);
    }

    /// The record's place, if it may be written there; the fold takes it in then.
    fn check(&mut self, queued: &Queued) -> Result<i64, String> {
        let (append, envelope) = (&queued.append, &queued.append.envelope);
        let Some(fold) = self.heads.fold_mut(append.shard) else {
            return Err(format!("there is no shard {}", append.shard));
        };
        let offset = fold.next();
        if envelope.kind != Kind::Claim {
            if append.expected_offset != offset {
                return Err(format!("the next offset is {offset}, not {}", append.expected_offset));
            }
            if fold.owner != Some(envelope.claim) {
                return Err("another claim owns the shard".to_owned());
            }
        }
        match fold.clone().apply(offset, envelope) {
            Ok(Verdict::Accepted) => {}
            Ok(Verdict::Void(why)) => return Err(format!("it would be void: {why:?}")),
            Err(halt) => return Err(halt.to_string()),
        }
        // Accepted on a copy, so accepted here.
        let _ = fold.apply(offset, envelope);
        Ok(offset)
    }

    fn transact(&mut self, accepted: &[Accepted], now: Timestamp) -> Result<(), Failure> {
        let written = self.insert(accepted, now);
        if let Err(error) = written {
            tracing::error!(%error, records = accepted.len(), "a group could not be written and is refused");
            self.roll_back();
            return Err(Failure::Refused(error));
        }
        let committed = self
            .connection
            .prepare_cached("COMMIT")
            .and_then(|mut commit| commit.execute([]));
        if let Err(error) = committed {
            tracing::error!(%error, records = accepted.len(), "a commit of the log failed: its outcome is unknown");
            self.roll_back();
            return Err(Failure::Unknown(error));
        }
        Ok(())
    }

    fn insert(&mut self, accepted: &[Accepted], now: Timestamp) -> rusqlite::Result<()> {
        self.connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let first_id = self.heads.last_id + 1;
        let mut insert = self.connection.prepare_cached(INSERT_RECORD)?;
        for accepted in accepted {
            let Record {
                shard,
                offset,
                at,
                envelope,
                payload,
            } = accepted.record.as_ref();
            self.heads.last_id += 1;
            insert.execute(params![
                self.heads.last_id,
                shard.topic.name(),
                shard.partition,
                offset,
                at.0,
                accepted.checksum,
                kind_name(envelope.kind),
                // SQLite has no unsigned numbers; neither of these comes near the limit in the life of a shop.
                envelope.term.cast_signed(),
                envelope.seq.cast_signed(),
                envelope.command.0.as_bytes(),
                accepted.envelope,
                payload.as_ref(),
            ])?;
        }
        self.heads.at = now;
        if self.heads.last_id / HEADS_EVERY_RECORDS != (first_id - 1) / HEADS_EVERY_RECORDS {
            let mut insert = self.connection.prepare_cached(INSERT_HEADS)?;
            insert.execute(params![self.heads.last_id, self.heads.encode()])?;
        }
        Ok(())
    }

    /// Ends the transaction if a failure has left it open.
    fn roll_back(&self) {
        if self.connection.is_autocommit() {
            return;
        }
        if let Err(error) = self.connection.execute_batch("ROLLBACK") {
            tracing::error!(%error, "rolling back has failed");
        }
    }

    /// Lets readers see the group, then whoever follows the tail.
    fn publish(&self, accepted: &[Accepted]) {
        let records = accepted.iter().map(|accepted| &accepted.record);
        let places = records.filter_map(|record| Some((self.heads.index(record.shard)?, record)));
        self.inner.recent.take_in(places);
        self.inner.heads().clone_from(&self.heads);
        if self.inner.tail.receiver_count() > 0 {
            let records: Arc<[Arc<Record>]> = accepted.iter().map(|accepted| Arc::clone(&accepted.record)).collect();
            // They may all have left in between.
            let _ = self.inner.tail.send(records);
        }
    }
}

fn next_group(waiting: &mut VecDeque<Queued>) -> Vec<Queued> {
    let mut bytes = 0;
    let fits = |queued: &&Queued| {
        let is_first = bytes == 0;
        bytes += queued.append.payload.len().max(1);
        is_first || bytes <= GROUP_BYTES_MAX
    };
    let count = waiting.iter().take(GROUP_RECORDS_MAX).take_while(fits).count();
    waiting.drain(..count).collect()
}

fn accept(queued: Queued, offset: i64, at: Timestamp) -> Accepted {
    let checksum = checksum(queued.checksum, offset, at);
    let record = Arc::new(Record {
        shard: queued.append.shard,
        offset,
        at,
        envelope: queued.append.envelope,
        payload: queued.append.payload,
    });
    Accepted {
        record,
        envelope: queued.envelope,
        checksum,
    }
}

/// CRC-32 over envelope, payload, offset and time, so that a bit that flips in the file does not pass for truth.
pub(super) fn checksum(mut blobs: crc32fast::Hasher, offset: i64, at: Timestamp) -> u32 {
    blobs.update(&offset.to_be_bytes());
    blobs.update(&at.0.to_be_bytes());
    blobs.finalize()
}

fn answer(shard: &domain::stream::Shard, envelope: &Envelope, delivery: Delivery) -> Delivered {
    Delivered {
        shard: *shard,
        claim: envelope.claim,
        seq: envelope.seq,
        delivery,
    }
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Commit => "commit",
        Kind::Claim => "claim",
        Kind::Barrier => "barrier",
    }
}

fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Timestamp(since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX)))
}
