//! Cursors of live updates: a place in each shard that a reader follows, and a fingerprint of the logs.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::stream::Shard;
use event_log::{Fold, Place};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::LiveError;
use crate::limits::LIVE_CURSOR_CHARS_MAX;

/// Namespace of the fingerprints of logs. Part of every cursor: it never changes.
const LOGS: Uuid = Uuid::from_u128(0x51b0_7c2e_9d14_4f83_a6e5_20c9_bb47_18da);
/// The first byte of a cursor: another form has another.
const FORM: u8 = 1;

/// How far a reader is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LiveCursor {
    /// The last record that was passed, of every shard that is followed.
    pub(crate) places: BTreeMap<Shard, Place>,
    /// How many events of the next commit of a shard were given already, when it was not given whole.
    pub(crate) partly: Option<(Shard, u32)>,
}

/// Its bytes; shards by their names, so that new topics change nothing.
#[derive(Serialize, Deserialize)]
struct Wire {
    form: u8,
    logs: u64,
    topics: Vec<(String, Vec<(u32, Place)>)>,
    partly: Option<(String, u32)>,
}

impl LiveCursor {
    /// What somebody keeps; `folds` is what is known of the shards.
    pub(crate) fn encode(&self, folds: &BTreeMap<Shard, Fold>) -> String {
        let mut topics: Vec<(String, Vec<(u32, Place)>)> = Vec::new();
        for (shard, place) in &self.places {
            let name = shard.topic.name();
            match topics.last_mut().filter(|(topic, _)| topic == name) {
                Some((_, places)) => places.push((shard.partition, *place)),
                None => topics.push((name.to_owned(), vec![(shard.partition, *place)])),
            }
        }
        let wire = Wire {
            form: FORM,
            logs: fingerprint(&self.places, folds),
            topics,
            partly: self.partly.map(|(shard, events)| (shard.to_string(), events)),
        };
        let bytes = postcard::to_stdvec(&wire).unwrap_or_default();
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// What somebody has kept, if it comes from these logs.
    ///
    /// # Errors
    /// It is no cursor, or another shop's.
    pub(crate) fn decode(text: &str, folds: &BTreeMap<Shard, Fold>) -> Result<Self, LiveError> {
        if text.len() > LIVE_CURSOR_CHARS_MAX {
            return Err(LiveError::Cursor);
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| LiveError::Cursor)?;
        let (wire, rest): (Wire, _) = postcard::take_from_bytes(&bytes).map_err(|_| LiveError::Cursor)?;
        if wire.form != FORM || !rest.is_empty() {
            return Err(LiveError::Cursor);
        }
        let shard = |topic: &str, partition: u32| format!("{topic}.{partition}").parse().map_err(|_| LiveError::Cursor);
        let mut places = BTreeMap::new();
        for (topic, of_topic) in &wire.topics {
            for (partition, place) in of_topic {
                if place.offset < -1 || places.insert(shard(topic, *partition)?, *place).is_some() {
                    return Err(LiveError::Cursor);
                }
            }
        }
        let partly = match wire.partly {
            None => None,
            Some((name, events)) => {
                let shard: Shard = name.parse().map_err(|_| LiveError::Cursor)?;
                Some((shard, events)).filter(|(shard, _)| places.contains_key(shard))
            }
        };
        if wire.logs != fingerprint(&places, folds) {
            return Err(LiveError::OtherLog);
        }
        Ok(Self { places, partly })
    }
}

/// Tells the logs of these shards from those of another shop. A shard without any record has no log yet.
fn fingerprint(places: &BTreeMap<Shard, Place>, folds: &BTreeMap<Shard, Fold>) -> u64 {
    let mut named = Vec::new();
    for (shard, _) in places.iter().filter(|(_, place)| place.offset >= 0) {
        let log = folds.get(shard).and_then(|fold| fold.log).unwrap_or_default();
        named.extend_from_slice(shard.to_string().as_bytes());
        named.extend_from_slice(log.as_bytes());
    }
    let hash = Uuid::new_v5(&LOGS, &named);
    hash.as_u64_pair().0
}

#[cfg(test)]
mod tests;
