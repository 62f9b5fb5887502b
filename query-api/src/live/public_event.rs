//! Events as anybody outside may see them, as `CloudEvents` 1.0.

use domain::stream::StreamId;
use domain::{Decided, Event};
use event_log::Commit;
use serde::Serialize;
use serde_json::Value;

use super::summary::summary;
use crate::schema::moment;

/// What every event's type begins with.
const TYPE_PREFIX: &str = "tillroll";

/// An accepted event without personal fields.
#[derive(Clone, Debug)]
pub(crate) struct PublicEvent<'a> {
    commit: &'a Commit,
    /// Its place in its commit, from 0.
    index: usize,
    decided: &'a Decided,
    /// How many events its stream has had, this one included.
    version: u64,
}

/// How much of an event is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// When, where, and its name in words.
    Headline,
    /// All its fields, but the personal ones.
    Fields,
}

/// The JSON form of `CloudEvents` 1.0.
#[derive(Serialize)]
pub(crate) struct CloudEvent {
    specversion: &'static str,
    id: String,
    source: String,
    r#type: String,
    subject: String,
    time: String,
    /// How many events its stream has had, this one included: they come without gap.
    streamversion: String,
    /// In a few words.
    summary: String,
    /// Where to go on behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    datacontenttype: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
}

impl CloudEvent {
    pub(crate) fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }
}

/// The events of a commit; none when nothing can be told of them.
pub(crate) fn public_events(commit: &Commit) -> Vec<PublicEvent<'_>> {
    let Ok(decided) = &commit.events else {
        return Vec::new();
    };
    let touched = commit.envelope().streams.iter();
    let versions = touched.flat_map(|touched| {
        let events = u64::from(touched.events);
        (0..events).map(move |index| (touched.version + index + 1).saturating_sub(events))
    });
    let places = decided.iter().zip(versions).enumerate();
    places
        .map(|(index, (decided, version))| PublicEvent {
            commit,
            index,
            decided,
            version,
        })
        .collect()
}

impl PublicEvent<'_> {
    /// Its id: no other event of the shop has it.
    pub(crate) fn id(&self) -> String {
        format!("{}:{}:{}", self.commit.shard, self.commit.seq, self.index)
    }

    pub(crate) fn event(&self) -> &Event {
        &self.decided.event
    }

    pub(crate) fn stream(&self) -> &StreamId {
        &self.decided.stream
    }

    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    pub(crate) fn summary(&self) -> String {
        summary(self.event())
    }

    /// Its fields without the personal ones.
    pub(crate) fn data(&self) -> Value {
        schemas::public::fields(self.event()).unwrap_or_else(|error| {
            tracing::error!(%error, id = self.id(), "an event has no public form");
            Value::Null
        })
    }

    pub(crate) fn cloud_event(&self, detail: Detail, cursor: Option<String>) -> CloudEvent {
        let has_data = detail == Detail::Fields;
        CloudEvent {
            specversion: "1.0",
            id: self.id(),
            source: format!("urn:uuid:{}", self.commit.fold.log.unwrap_or_default()),
            r#type: format!(
                "{TYPE_PREFIX}.{}.{}",
                self.commit.shard.topic.name(),
                self.event().name()
            ),
            subject: self.stream().to_string(),
            time: moment(self.commit.at),
            streamversion: self.version.to_string(),
            summary: self.summary(),
            cursor,
            datacontenttype: has_data.then_some("application/json"),
            data: has_data.then(|| self.data()),
        }
    }
}
