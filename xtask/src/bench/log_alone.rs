//! The log without a shop around it: records that are decided already.

use std::time::{Duration, Instant};

use bytes::Bytes;
use domain::stream::{Shard, StreamId};
use domain::value::CommandId;
use event_log::{Append, Claim, Delivery, Envelope, Kind, Touched};
use uuid::Uuid;

use super::commands_only::Opened;
use super::measure::Failure;

/// Bytes of a row of the log that are not payload.
const ENVELOPE_BYTES: usize = 250;

/// A log with one shard that is written to.
pub(super) struct LogAlone {
    opened: Opened,
    writer: Writer,
}

impl LogAlone {
    /// Claims the shard.
    pub(super) async fn begin(opened: Opened, record_bytes: usize) -> Result<Self, Failure> {
        let shard = StreamId::OrderCounter(0).shard(opened.log.partitions());
        let writer = Writer {
            shard,
            claim: Uuid::new_v4(),
            seq: 0,
            partitions: opened.log.partitions(),
            payload: Bytes::from(vec![7; record_bytes.saturating_sub(ENVELOPE_BYTES)]),
        };
        let mut this = Self { opened, writer };
        this.opened.log.append(vec![this.writer.claim()])?;
        this.delivered().await?;
        Ok(this)
    }

    /// Records a second, with so many on their way at any time.
    pub(super) async fn appends(&mut self, in_flight: usize, time: Duration) -> Result<f64, Failure> {
        let start = Instant::now();
        let (mut done, mut next) = (0, in_flight);
        let mut on_their_way = 0;
        while on_their_way > 0 || next > 0 {
            if next > 0 {
                let records = (0..next).map(|_| self.writer.commit()).collect();
                self.opened.log.append(records)?;
                on_their_way += next;
            }
            let delivered = self.delivered().await?;
            done += delivered;
            on_their_way -= delivered;
            next = if start.elapsed() < time { delivered } else { 0 };
        }
        Ok(done as f64 / start.elapsed().as_secs_f64())
    }

    async fn delivered(&mut self) -> Result<usize, Failure> {
        let group = self.opened.delivered.recv().await.ok_or("the log has stopped")?;
        if let Some(lost) = group.iter().find(|one| !matches!(one.delivery, Delivery::At { .. })) {
            return Err(format!("a record was not taken: {lost:?}").into());
        }
        Ok(group.len())
    }

    /// Ends the log.
    pub(super) fn end(self) {
        (self.opened.close)();
    }
}

struct Writer {
    shard: Shard,
    claim: Uuid,
    seq: u64,
    partitions: u32,
    payload: Bytes,
}

impl Writer {
    fn claim(&self) -> Append {
        let mut append = self.append(Kind::Claim);
        append.envelope.claimed = Some(Claim {
            log: Uuid::new_v4(),
            partitions: self.partitions,
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
