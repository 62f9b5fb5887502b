//! Records to write.

use bytes::Bytes;
use domain::stream::{Shard, StreamId, Topic};
use domain::value::CommandId;
use uuid::Uuid;

use crate::envelope::{Claim, Envelope, Kind, Touched};
use crate::port::Append;

use super::PARTITIONS;

/// Some shards of a log under test.
pub const SHARDS: [Shard; 4] = [
    Shard {
        topic: Topic::Sales,
        partition: 3,
    },
    Shard {
        topic: Topic::Catalog,
        partition: 0,
    },
    Shard {
        topic: Topic::Inventory,
        partition: 0,
    },
    Shard {
        topic: Topic::Shop,
        partition: 0,
    },
];

/// The log that all claims name.
const LOG: Uuid = Uuid::from_u128(0x10c);

/// A claim that opens `term`.
#[must_use]
pub fn claim_of(shard: Shard, term: u64, claim: Uuid) -> Append {
    let mut envelope = envelope(Kind::Claim, term, claim, 0);
    envelope.claimed = Some(Claim {
        log: LOG,
        partitions: PARTITIONS,
        node: "node-1".to_owned(),
        url: "http://127.0.0.1:8080".to_owned(),
    });
    Append {
        shard,
        expected_offset: 0,
        envelope,
        payload: Bytes::new(),
    }
}

/// A commit with as many events of one stream as the first byte of its payload says.
#[must_use]
pub fn commit_of(shard: Shard, term: u64, claim: Uuid, seq: u64, expected_offset: i64, payload: &[u8]) -> Append {
    let mut envelope = envelope(Kind::Commit, term, claim, seq);
    envelope.streams = vec![Touched {
        stream: StreamId::OrderCounter(shard.partition),
        version: seq,
        events: payload.first().copied().unwrap_or(0).into(),
    }];
    Append {
        shard,
        expected_offset,
        envelope,
        payload: Bytes::copy_from_slice(payload),
    }
}

/// A commit of nothing.
#[must_use]
pub fn barrier_of(shard: Shard, term: u64, claim: Uuid, seq: u64, expected_offset: i64) -> Append {
    Append {
        shard,
        expected_offset,
        envelope: envelope(Kind::Barrier, term, claim, seq),
        payload: Bytes::new(),
    }
}

fn envelope(kind: Kind, term: u64, claim: Uuid, seq: u64) -> Envelope {
    Envelope {
        kind,
        term,
        seq,
        claim,
        command: CommandId(Uuid::new_v5(&claim, &seq.to_be_bytes())),
        request_hash: [7; 32],
        correlation: claim,
        causation: claim,
        actor: "guest".to_owned(),
        traceparent: String::new(),
        streams: Vec::new(),
        claimed: None,
    }
}
