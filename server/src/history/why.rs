//! Why a state is as it is: its stream, folded event by event, and for each field the last commit that changed it.

use std::collections::BTreeMap;

use command_api::Wire;
use domain::State;
use domain::stream::StreamId;
use serde_json::Value;

use super::report::{FieldReport, is_sealed, mask, moment};
use super::scan::Found;

/// The field that stands for what cannot be read.
const UNREADABLE: &str = "(unreadable)";

/// Where each field of a stream's state comes from, as of its last commit in `commits`. A commit that cannot be read
/// is named as the reason of a field `(unreadable)`, and nothing is told of what it changed.
pub(crate) fn fields_of(stream: &StreamId, commits: &[Found], wire: &Wire) -> Vec<FieldReport> {
    let mut state = State::initial(stream);
    let mut known = leaves_of(&state);
    let mut reports: BTreeMap<String, FieldReport> = BTreeMap::new();
    for found in commits {
        let events = match found.events_of(stream, wire) {
            Ok(events) => events,
            Err(why) => {
                let field = UNREADABLE.to_owned();
                let report = report(found, stream, field.clone(), Value::String(why), Vec::new());
                reports.insert(field, report);
                continue;
            }
        };
        for event in &events {
            state.evolve(event);
        }
        let names: Vec<String> = events.iter().map(|event| event.name().to_owned()).collect();
        let now = leaves_of(&state);
        reports.retain(|field, _| now.contains_key(field) || field == UNREADABLE);
        for (field, value) in &now {
            if known.get(field) != Some(value) {
                let report = report(found, stream, field.clone(), value.clone(), names.clone());
                reports.insert(field.clone(), report);
            }
        }
        known = now;
    }
    reports.into_values().collect()
}

fn report(found: &Found, stream: &StreamId, field: String, mut value: Value, events: Vec<String>) -> FieldReport {
    mask(&mut value);
    let envelope = &found.record.envelope;
    FieldReport {
        field,
        value,
        version: found.version_of(stream).unwrap_or(0),
        events,
        at: moment(found.at),
        actor: envelope.actor.clone(),
        command: envelope.command.0.to_string(),
        request: envelope.correlation.to_string(),
    }
}

/// Every value in a state by the path that leads to it. A sealed field is one value: another sealing of the same text
/// is a change.
fn leaves_of(state: &State) -> BTreeMap<String, Value> {
    let mut leaves = BTreeMap::new();
    match serde_json::to_value(state) {
        Ok(value) => collect(String::new(), value, &mut leaves),
        Err(error) => {
            leaves.insert("(state)".to_owned(), Value::String(error.to_string()));
        }
    }
    leaves
}

/// In which of its situations something is: the name of an enum's variant. Fields keep their paths when it changes.
const SITUATION: &str = "(situation)";

fn collect(path: String, value: Value, leaves: &mut BTreeMap<String, Value>) {
    let below = |name: &str| {
        if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        }
    };
    match value {
        Value::Object(fields) if !fields.is_empty() && !is_sealed(&fields) => {
            let is_one = fields.len() == 1;
            for (name, value) in fields {
                if is_one && is_variant(&name) {
                    leaves.insert(below(SITUATION), Value::String(name));
                    collect(path.clone(), value, leaves);
                } else {
                    collect(below(&name), value, leaves);
                }
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (index, value) in items.into_iter().enumerate() {
                collect(below(&index.to_string()), value, leaves);
            }
        }
        Value::String(name) if path.is_empty() => {
            leaves.insert(SITUATION.to_owned(), Value::String(name));
        }
        value => {
            leaves.insert(path, value);
        }
    }
}

/// Whether a name is that of an enum's variant: `CheckingOut`, and neither `EUR` nor `quantity`.
fn is_variant(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_uppercase()) && name.contains(|any: char| any.is_ascii_lowercase())
}

#[cfg(test)]
mod tests;
