//! What rows hold: postcard behind a checksum, so that a damaged row is noticed and never decoded.

use std::sync::Arc;

use domain::State;
use domain::stream::{Shard, StreamId, Topic};
use domain::value::CommandId;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StateDbError;
use crate::request::Outcome;
use crate::shard::{Kept, Versioned};

const CHECKSUM_BYTES: usize = 4;

/// The number that stands for a shard in this file.
pub(super) fn shard_number(shard: Shard) -> i64 {
    let topic = match shard.topic {
        Topic::Catalog => 1,
        Topic::Inventory => 2,
        Topic::Sales => 3,
        Topic::Shop => 4,
    };
    (topic << 32) | i64::from(shard.partition)
}

/// Appends a value, with a checksum that also covers what names its row.
fn seal<T: Serialize>(value: &T, name: &[u8], bytes: &mut Vec<u8>) {
    bytes.clear();
    bytes.extend_from_slice(&[0; CHECKSUM_BYTES]);
    // A value of ours always has bytes; one that had none would be found damaged.
    *bytes = postcard::to_extend(value, std::mem::take(bytes)).unwrap_or_else(|_| vec![0; CHECKSUM_BYTES]);
    let checksum = checksum(name, &bytes[CHECKSUM_BYTES..]);
    bytes[..CHECKSUM_BYTES].copy_from_slice(&checksum.to_le_bytes());
}

fn unseal<T: DeserializeOwned>(bytes: &[u8], name: &[u8], what: impl Fn() -> String) -> Result<T, StateDbError> {
    let damaged = || StateDbError::Damaged(what());
    let (found, body) = bytes.split_first_chunk::<CHECKSUM_BYTES>().ok_or_else(damaged)?;
    if u32::from_le_bytes(*found) != checksum(name, body) {
        return Err(damaged());
    }
    postcard::from_bytes(body).map_err(|_| damaged())
}

fn checksum(name: &[u8], body: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(name);
    hasher.update(body);
    hasher.finalize()
}

/// A stream's version and state, as one value, so that one checksum covers both.
pub(super) fn seal_state(stream: &str, version: u64, state: Option<&State>, bytes: &mut Vec<u8>) {
    seal(&(version, state), stream.as_bytes(), bytes);
}

pub(super) fn unseal_state(stream: &str, bytes: &[u8]) -> Result<Versioned, StateDbError> {
    let (version, state): (u64, Option<State>) = unseal(bytes, stream.as_bytes(), || stream.to_owned())?;
    Ok(Versioned {
        version,
        state: state.map(Arc::new),
    })
}

pub(super) fn parse_stream(name: &str) -> Result<StreamId, StateDbError> {
    name.parse().map_err(|_| StateDbError::Damaged(name.to_owned()))
}

pub(super) fn seal_answer(kept: &Kept, bytes: &mut Vec<u8>) {
    seal(&(kept.request_hash, &*kept.outcome), kept.command.0.as_bytes(), bytes);
}

pub(super) fn unseal_answer(command: CommandId, bytes: &[u8]) -> Result<Kept, StateDbError> {
    let what = || format!("the answer to {command}");
    let (request_hash, outcome): ([u8; 32], Outcome) = unseal(bytes, command.0.as_bytes(), what)?;
    Ok(Kept {
        command,
        request_hash,
        outcome: Arc::new(outcome),
    })
}

pub(super) fn seal_checkpoint(shard: &str, checkpoint: &event_log::Checkpoint, bytes: &mut Vec<u8>) {
    seal(checkpoint, shard.as_bytes(), bytes);
}

pub(super) fn unseal_checkpoint(shard: &str, bytes: &[u8]) -> Result<event_log::Checkpoint, StateDbError> {
    unseal(bytes, shard.as_bytes(), || format!("the checkpoint of {shard}"))
}

#[cfg(test)]
mod tests;
