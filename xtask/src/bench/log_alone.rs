//! The log without a shop around it: records that are decided already.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use domain::stream::{Shard, StreamId};
use domain::value::CommandId;
use event_log::sqlite::{DirectoryLock, SqliteLog, SqliteOptions};
use event_log::{Append, Claim, Delivery, Envelope, EventLog, Kind, Touched};
use tempfile::TempDir;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::measure::Failure;

/// Bytes of a row of the log that are not payload.
const ENVELOPE_BYTES: usize = 250;

/// Records a second, with so many on their way at any time.
pub(super) async fn appends(in_flight: usize, row_bytes: usize, time: Duration) -> Result<f64, Failure> {
    let data = TempDir::new()?;
    let lock = Arc::new(DirectoryLock::acquire(data.path())?);
    let (deliveries, mut delivered) = mpsc::unbounded_channel();
    let log = SqliteLog::open(&lock, SqliteOptions::default(), deliveries)?;
    let shard = StreamId::OrderCounter(0).shard(log.partitions());
    let mut writer = Writer {
        shard,
        claim: Uuid::new_v4(),
        seq: 0,
        payload: Bytes::from(vec![7; row_bytes.saturating_sub(ENVELOPE_BYTES)]),
    };
    log.append(vec![writer.claim()])?;
    delivered.recv().await.ok_or("the log has stopped")?;
    let start = Instant::now();
    log.append((0..in_flight).map(|_| writer.commit()).collect())?;
    let mut done = 0_usize;
    while start.elapsed() < time {
        let group = delivered.recv().await.ok_or("the log has stopped")?;
        if let Some(lost) = group.iter().find(|one| !matches!(one.delivery, Delivery::At { .. })) {
            return Err(format!("a record was not taken: {lost:?}").into());
        }
        done += group.len();
        log.append(group.iter().map(|_| writer.commit()).collect())?;
    }
    Ok(done as f64 / start.elapsed().as_secs_f64())
}

struct Writer {
    shard: Shard,
    claim: Uuid,
    seq: u64,
    payload: Bytes,
}

impl Writer {
    fn claim(&self) -> Append {
        let mut append = self.append(Kind::Claim);
        append.envelope.claimed = Some(Claim {
            log: Uuid::new_v4(),
            partitions: SqliteOptions::default().partitions,
            node: "bench".to_owned(),
            url: String::new(),
        });
        append
    }

    fn commit(&mut self) -> Append {
        self.seq += 1;
        let mut append = self.append(Kind::Commit);
        append.payload = self.payload.clone();
        append.envelope.streams = vec![Touched {
            stream: StreamId::OrderCounter(0),
            version: self.seq,
            events: 1,
        }];
        append
    }

    fn append(&self, kind: Kind) -> Append {
        let seq = self.seq;
        Append {
            shard: self.shard,
            expected_offset: seq.cast_signed(),
            envelope: Envelope {
                kind,
                term: 1,
                seq,
                claim: self.claim,
                command: CommandId(Uuid::new_v4()),
                request_hash: [1; 32],
                correlation: self.claim,
                causation: self.claim,
                actor: "guest".to_owned(),
                traceparent: String::new(),
                streams: Vec::new(),
                claimed: None,
            },
            payload: Bytes::new(),
        }
    }
}
