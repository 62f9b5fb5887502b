//! What is known of each partition for as long as the log is open: when it was born, and what is wrong with it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use domain::stream::Shard;
use domain::value::Timestamp;
use rdkafka::message::{BorrowedMessage, Message};

use super::record::at;
use crate::port::LogError;

/// When the first record of each partition was taken. A topic that was deleted and created again has a later one,
/// and telling that needs no reading.
#[derive(Default)]
pub(super) struct Births(Mutex<BTreeMap<Shard, Timestamp>>);

impl Births {
    /// Remembers the time of a first record; those of later ones say nothing.
    pub(super) fn learn(&self, shard: Shard, message: &BorrowedMessage<'_>) {
        if message.offset() == 0
            && let Some(at) = at(message)
        {
            let mut births = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            births.entry(shard).or_insert(at);
        }
    }

    pub(super) fn all(&self) -> BTreeMap<Shard, Timestamp> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Partitions that are not what they were. Nothing is read of them or written to them any more: only an operator
/// can know what happened, and a process that starts anew looks anew.
#[derive(Default)]
pub(super) struct Damage(Mutex<BTreeMap<Shard, (i64, String)>>);

impl Damage {
    /// Remembers damage; false when the shard was damaged already.
    pub(super) fn found(&self, shard: Shard, offset: i64, why: String) -> bool {
        let mut damage = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if damage.contains_key(&shard) {
            return false;
        }
        tracing::error!(%shard, offset, why, "the shard's topic is not what it was: nothing more is read or written");
        damage.insert(shard, (offset, why));
        true
    }

    /// What is wrong with a shard.
    pub(super) fn of(&self, shard: Shard) -> Option<LogError> {
        let damage = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (offset, why) = damage.get(&shard)?;
        Some(LogError::Damaged {
            shard,
            offset: *offset,
            why: why.clone(),
        })
    }
}
