use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::IdsError;
use crate::compatibility;

/// A schema with its number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// Its number.
    pub(crate) id: u32,
    /// Under which name it was registered; empty when only its number was asked for.
    pub(crate) subject: String,
    /// CRC-64-AVRO of its parsing canonical form, in hexadecimal: what decides how bytes are laid out.
    pub(crate) fingerprint: String,
    /// All of it.
    pub(crate) schema: Value,
}

/// The schemas registered so far, by number. A number is one schema; several subjects may have it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Known(BTreeMap<(u32, String), Entry>);

impl Known {
    /// Takes entries that were stored before, after a look at each.
    pub(super) fn restore(entries: Vec<Entry>) -> Result<Self, IdsError> {
        let mut known = Self::default();
        for entry in entries {
            let (id, subject) = (entry.id, entry.subject.clone());
            if fingerprint(&entry.schema.to_string()).as_ref() != Ok(&entry.fingerprint) {
                return Err(IdsError::Damaged(format!(
                    "schema {id} of {subject} has another fingerprint"
                )));
            }
            if known.conflict(&entry).is_some() || known.0.insert((id, subject), entry).is_some() {
                return Err(IdsError::Damaged(format!("the id {id} is given twice")));
            }
        }
        Ok(known)
    }

    pub(super) fn entries(&self) -> Vec<&Entry> {
        self.0.values().collect()
    }

    /// Everything known of a subject.
    #[cfg(feature = "registry")]
    pub(crate) fn of_subject(&self, subject: &str) -> impl Iterator<Item = &Entry> {
        self.0.values().filter(move |entry| entry.subject == subject)
    }

    pub(crate) fn text(&self, id: u32) -> Option<String> {
        self.of_id(id).next().map(|entry| entry.schema.to_string())
    }

    /// The number of a schema that is known already.
    pub(crate) fn id(&self, subject: &str, fingerprint: &str) -> Option<u32> {
        let is_it = |entry: &&Entry| entry.subject == subject && entry.fingerprint == fingerprint;
        self.0.values().find(is_it).map(|entry| entry.id)
    }

    /// The schema that stands behind the number of `entry` already, when it is another one.
    pub(crate) fn conflict(&self, entry: &Entry) -> Option<&Entry> {
        self.of_id(entry.id)
            .find(|other| other.fingerprint != entry.fingerprint)
    }

    /// Takes in what somebody else has numbered.
    #[cfg(feature = "registry")]
    pub(crate) fn insert(&mut self, entry: Entry) {
        self.0.insert((entry.id, entry.subject.clone()), entry);
    }

    fn of_id(&self, id: u32) -> impl Iterator<Item = &Entry> {
        let all = (id, String::new())..;
        self.0
            .range(all)
            .map(|(_, entry)| entry)
            .take_while(move |entry| entry.id == id)
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
        while self.of_id(id).next().is_some() {
            id = following(id);
        }
        let subject = subject.to_owned();
        self.0.insert(
            (id, subject.clone()),
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
pub(crate) fn fingerprint(schema: &str) -> Result<String, String> {
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
