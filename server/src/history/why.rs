//! Why a state is as it is: its stream, folded event by event, and for each field the last commit that changed it.

use std::collections::BTreeMap;

use command_api::Wire;
use domain::State;
use domain::stream::StreamId;
use serde_json::Value;

use super::report::{ChangeReport, FieldReport, is_sealed, mask, moment};
use super::scan::Found;

/// The field that stands for what cannot be read.
const UNREADABLE: &str = "(unreadable)";

/// An event, and what it made of the state.
pub(crate) struct Step<'a> {
    /// Its commit.
    pub(crate) found: &'a Found,
    /// The stream's version after it.
    pub(crate) version: u64,
    /// Its name; or why the commit cannot be read: nothing is told of what that changed.
    pub(crate) event: Result<String, String>,
    /// The fields that it set, by their paths.
    pub(crate) set: Vec<(String, Value)>,
    /// The fields that there are no more.
    pub(crate) gone: Vec<String>,
}

impl Step<'_> {
    /// Who did it, and by what.
    pub(crate) fn change(&self) -> ChangeReport {
        let envelope = &self.found.record.envelope;
        ChangeReport {
            version: self.version,
            events: self.event.iter().cloned().collect(),
            at: moment(self.found.at),
            actor: envelope.actor.clone(),
            command: envelope.command.0.to_string(),
            request: envelope.correlation.to_string(),
        }
    }

    /// The fields that it set; of a commit that cannot be read, why.
    pub(super) fn settled(self) -> Vec<(String, Value)> {
        match self.event {
            Ok(_) => self.set,
            Err(why) => vec![(UNREADABLE.to_owned(), Value::String(why))],
        }
    }
}

/// How a stream's state came to be, event by event.
pub(crate) fn steps_of<'a>(stream: &StreamId, commits: &'a [Found], wire: &Wire) -> impl Iterator<Item = Step<'a>> {
    let mut state = State::initial(stream);
    let mut known = leaves_of(&state);
    commits.iter().flat_map(move |found| {
        let last = found.version_of(stream).unwrap_or(0);
        let events = match found.events_of(stream, wire) {
            Ok(events) => events,
            Err(why) => {
                return vec![Step {
                    found,
                    version: last,
                    event: Err(why),
                    set: Vec::new(),
                    gone: Vec::new(),
                }];
            }
        };
        let left = (0..events.len() as u64).rev();
        let steps = events.iter().zip(left).map(|(event, left)| {
            state.evolve(event);
            let now = leaves_of(&state);
            let set = now.iter().filter(|(field, value)| known.get(*field) != Some(*value));
            let set = set.map(|(field, value)| (field.clone(), value.clone())).collect();
            let gone = known.keys().filter(|field| !now.contains_key(*field));
            let gone = gone.cloned().collect();
            known = now;
            Step {
                found,
                version: last.saturating_sub(left),
                event: Ok(event.name().to_owned()),
                set,
                gone,
            }
        });
        steps.collect()
    })
}

/// Where each field of a stream's state comes from, as of its last commit in `commits`. A commit that cannot be read
/// is named as the reason of a field `(unreadable)`.
pub(crate) fn fields_of(stream: &StreamId, commits: &[Found], wire: &Wire) -> Vec<FieldReport> {
    let mut reports: BTreeMap<String, FieldReport> = BTreeMap::new();
    for step in steps_of(stream, commits, wire) {
        for field in &step.gone {
            reports.remove(field);
        }
        let by = step.change();
        for (field, mut value) in step.settled() {
            mask(&mut value);
            let report = FieldReport {
                field: field.clone(),
                value,
                by: by.clone(),
            };
            reports.insert(field, report);
        }
    }
    reports.into_values().collect()
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
