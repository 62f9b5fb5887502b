use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::IdsError;
use crate::compatibility;

/// A schema with its number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// Its number.
    pub(super) id: u32,
    /// Under which name it was registered.
    pub(super) subject: String,
    /// CRC-64-AVRO of its parsing canonical form, in hexadecimal: what decides how bytes are laid out.
    pub(super) fingerprint: String,
    /// All of it.
    pub(super) schema: Value,
}

/// The schemas registered so far, by number.
#[derive(Clone, Debug, Default)]
pub(super) struct Known(BTreeMap<u32, Entry>);

impl Known {
    /// Takes entries that were stored before, after a look at each.
    pub(super) fn restore(entries: Vec<Entry>) -> Result<Self, IdsError> {
        let mut known = Self::default();
        for entry in entries {
            let fingerprint = fingerprint(&entry.schema.to_string());
            if fingerprint.as_ref() != Ok(&entry.fingerprint) {
                let (id, subject) = (entry.id, &entry.subject);
                return Err(IdsError::Damaged(format!(
                    "schema {id} of {subject} has another fingerprint"
                )));
            }
            if let Some(twin) = known.0.insert(entry.id, entry) {
                return Err(IdsError::Damaged(format!("the id {} is given twice", twin.id)));
            }
        }
        Ok(known)
    }

    pub(super) fn entries(&self) -> Vec<&Entry> {
        self.0.values().collect()
    }

    pub(super) fn text(&self, id: u32) -> Option<String> {
        self.0.get(&id).map(|entry| entry.schema.to_string())
    }

    /// The number of a schema that is known already.
    pub(super) fn id(&self, subject: &str, fingerprint: &str) -> Option<u32> {
        let is_it = |entry: &&Entry| entry.subject == subject && entry.fingerprint == fingerprint;
        self.0.values().find(is_it).map(|entry| entry.id)
    }

    /// Gives a new schema its number, when it can read all earlier ones of its subject.
    ///
    /// The number follows from the fingerprint, so that a program that lost its file gives the
    /// schemas it ships the same numbers again.
    pub(super) fn register(&mut self, subject: &str, schema: &str, fingerprint: String) -> Result<u32, IdsError> {
        let refused = |reason: String| IdsError::Refused {
            subject: subject.to_owned(),
            reason,
        };
        for older in self.0.values().filter(|entry| entry.subject == subject) {
            compatibility::check(&older.schema.to_string(), schema).map_err(|reasons| refused(reasons.to_string()))?;
        }
        let schema = serde_json::from_str(schema).map_err(|error| refused(error.to_string()))?;
        let mut id = first_id(&fingerprint);
        while self.0.contains_key(&id) {
            id = following(id);
        }
        let subject = subject.to_owned();
        self.0.insert(
            id,
            Entry {
                id,
                subject,
                fingerprint,
                schema,
            },
        );
        Ok(id)
    }
}

/// CRC-64-AVRO of the parsing canonical form, in hexadecimal.
pub(super) fn fingerprint(schema: &str) -> Result<String, String> {
    let parsed: serde_avro_fast::Schema = schema.parse().map_err(|error| format!("{error}"))?;
    let bytes = parsed.rabin_fingerprint();
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Registries number from 1 in 31 bits; so do we.
fn first_id(fingerprint: &str) -> u32 {
    let start = fingerprint.get(..8).unwrap_or(fingerprint);
    let number = u32::from_str_radix(start, 16).unwrap_or(0) & 0x7fff_ffff;
    number.max(1)
}

fn following(id: u32) -> u32 {
    ((id + 1) & 0x7fff_ffff).max(1)
}
