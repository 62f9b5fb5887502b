//! What the operator is told of the past, as JSON. `--json` prints it as it is. Personal fields are masked.

use command_api::Wire;
use domain::value::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::scan::Found;

/// What stands in the place of a personal field.
const MASK: &str = "(personal)";
/// The fields of a sealed value.
const SEALED_FIELDS: [&str; 4] = ["subject", "key_id", "nonce", "ciphertext"];

/// A commit that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct CommitReport {
    /// When, in UTC.
    pub(crate) at: String,
    /// Of which shard, for example `sales.3`.
    pub(crate) shard: String,
    /// Where in it.
    pub(crate) offset: i64,
    /// Its number: what consistency tokens name.
    pub(crate) seq: u64,
    /// Who.
    pub(crate) actor: String,
    /// The command's id.
    pub(crate) command: String,
    /// What caused it: the command itself, or the one of another commit.
    pub(crate) caused_by: String,
    /// What all commits of one story share: the request's id.
    pub(crate) request: String,
    /// What it changed.
    pub(crate) streams: Vec<StreamReport>,
    /// Why its events cannot be read.
    pub(crate) unreadable: Option<String>,
}

/// What a commit did to one stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct StreamReport {
    /// Which.
    pub(crate) stream: String,
    /// Its version after it.
    pub(crate) version: u64,
    /// What happened.
    pub(crate) events: Vec<EventReport>,
}

/// An event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct EventReport {
    /// Its name.
    pub(crate) name: String,
    /// Its fields.
    pub(crate) fields: Value,
}

/// Where a field of a state comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct FieldReport {
    /// Which, for example `lines.0.quantity`.
    pub(crate) field: String,
    /// What it holds.
    pub(crate) value: Value,
    /// What last changed it.
    #[serde(flatten)]
    pub(crate) by: ChangeReport,
}

/// What changed a field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ChangeReport {
    /// The stream's version after the event that did.
    pub(crate) version: u64,
    /// That event, by name; none where it cannot be read.
    pub(crate) events: Vec<String>,
    /// When.
    pub(crate) at: String,
    /// Who.
    pub(crate) actor: String,
    /// By which command.
    pub(crate) command: String,
    /// In which request.
    pub(crate) request: String,
}

/// How a stream's state differs between two points of its past.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct DiffReport {
    /// The stream's version at the first point; 0 before its first event.
    pub(crate) from_version: u64,
    /// At the second one.
    pub(crate) to_version: u64,
    /// The fields that differ.
    pub(crate) fields: Vec<FieldDiff>,
}

/// A field that differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct FieldDiff {
    /// Which, for example `lines.0.quantity`.
    pub(crate) field: String,
    /// What it held; none where there was no such field.
    pub(crate) before: Option<Value>,
    /// What it holds.
    pub(crate) after: Option<Value>,
    /// All that changed it in between, the oldest first.
    pub(crate) by: Vec<ChangeReport>,
}

impl CommitReport {
    pub(crate) fn of(found: &Found, wire: &Wire) -> Self {
        let record = &found.record;
        let (events, unreadable) = match found.events(wire) {
            Ok(events) => (events, None),
            Err(why) => (Vec::new(), Some(why)),
        };
        let mut events = events.into_iter();
        let streams = record.envelope.streams.iter().map(|touched| {
            let events = events.by_ref().take(touched.events as usize);
            StreamReport {
                stream: touched.stream.to_string(),
                version: touched.version,
                events: events.map(|decided| EventReport::of(&decided.event)).collect(),
            }
        });
        Self {
            at: moment(found.at),
            streams: streams.collect(),
            shard: record.shard.to_string(),
            offset: record.offset,
            seq: record.envelope.seq,
            actor: record.envelope.actor.clone(),
            command: record.envelope.command.0.to_string(),
            caused_by: record.envelope.causation.to_string(),
            request: record.envelope.correlation.to_string(),
            unreadable,
        }
    }
}

impl EventReport {
    fn of(event: &domain::Event) -> Self {
        let mut fields = match serde_json::to_value(event) {
            // An event is its name and what is in it.
            Ok(Value::Object(named)) if named.len() == 1 => named.into_iter().next().map_or(Value::Null, |(_, it)| it),
            Ok(other) => other,
            Err(error) => Value::String(format!("cannot be shown: {error}")),
        };
        mask(&mut fields);
        Self {
            name: event.name().to_owned(),
            fields,
        }
    }
}

/// Whether a value is a sealed field.
pub(crate) fn is_sealed(fields: &Map<String, Value>) -> bool {
    fields.len() == SEALED_FIELDS.len() && SEALED_FIELDS.iter().all(|name| fields.contains_key(*name))
}

/// Takes what is personal out, wherever it stands.
pub(crate) fn mask(value: &mut Value) {
    match value {
        Value::Object(fields) if is_sealed(fields) => *value = Value::String(MASK.to_owned()),
        Value::Object(fields) => fields.values_mut().for_each(mask),
        Value::Array(items) => items.iter_mut().for_each(mask),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A moment in UTC.
pub(crate) fn moment(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0).map_or_else(|_| at.0.to_string(), |moment| format!("{moment:.3}"))
}
