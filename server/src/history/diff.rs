//! What differs in a stream's state between two points of its past, field by field, and what did it.

use std::collections::BTreeMap;

use command_api::Wire;
use domain::stream::StreamId;
use query_api::AsOf;
use serde_json::Value;

use super::report::{ChangeReport, DiffReport, FieldDiff, mask};
use super::scan::Found;
use super::why::steps_of;

/// Two points of a stream's past of which the second is the earlier one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Backwards;

/// What differs between the two points. Values are compared as they are, and masked when they are told: another
/// sealing of a personal field is a change.
pub(super) fn between(
    stream: &StreamId,
    commits: &[Found],
    wire: &Wire,
    from: AsOf,
    to: AsOf,
) -> Result<DiffReport, Backwards> {
    let (from_version, to_version) = (version_at(stream, commits, from), version_at(stream, commits, to));
    if from_version > to_version {
        return Err(Backwards);
    }
    let mut before: BTreeMap<String, Value> = BTreeMap::new();
    let mut changed: BTreeMap<String, Changed> = BTreeMap::new();
    for step in steps_of(stream, commits, wire).take_while(|step| step.version <= to_version) {
        if step.version <= from_version {
            for field in &step.gone {
                before.remove(field);
            }
            before.extend(step.settled());
            continue;
        }
        let by = step.change();
        for field in &step.gone {
            changed.entry(field.clone()).or_default().take(None, &by);
        }
        for (field, value) in step.settled() {
            changed.entry(field).or_default().take(Some(value), &by);
        }
    }
    let differing = changed.into_iter().filter_map(|(field, changed)| {
        let (earlier, later) = (held(before.remove(&field)), held(changed.value));
        (earlier != later).then(|| FieldDiff {
            field,
            before: earlier.map(masked),
            after: later.map(masked),
            by: changed.by,
        })
    });
    Ok(DiffReport {
        from_version,
        to_version,
        fields: differing.collect(),
    })
}

/// What became of a field.
#[derive(Default)]
struct Changed {
    value: Option<Value>,
    by: Vec<ChangeReport>,
}

impl Changed {
    fn take(&mut self, value: Option<Value>, by: &ChangeReport) {
        self.value = value;
        self.by.push(by.clone());
    }
}

/// A field that holds nothing is as good as none.
fn held(value: Option<Value>) -> Option<Value> {
    value.filter(|value| !value.is_null())
}

fn masked(mut value: Value) -> Value {
    mask(&mut value);
    value
}

/// The stream's version at a point; the last one when it lies in the future.
fn version_at(stream: &StreamId, commits: &[Found], point: AsOf) -> u64 {
    let until_then = commits.iter().take_while(|found| match point {
        AsOf::Version(_) => true,
        AsOf::Moment(moment) => found.at <= moment,
    });
    let last = until_then
        .last()
        .and_then(|found| found.version_of(stream))
        .unwrap_or(0);
    match point {
        AsOf::Version(version) => version.min(last),
        AsOf::Moment(_) => last,
    }
}

#[cfg(test)]
mod tests;
