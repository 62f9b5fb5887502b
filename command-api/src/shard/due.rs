//! Streams that want to be told when a moment has come: an index derived from their states.

use std::collections::{BTreeMap, BTreeSet};

use domain::stream::StreamId;
use domain::value::{CommandId, Timestamp};
use uuid::Uuid;

use super::action::Action;
use super::input::Intent;
use super::queue::{Asked, Pending};
use super::{Environment, Machine, Versioned};
use crate::limits::{DUE_HORIZON_MS, DUE_STREAMS_MAX, DUE_WAKES_MAX};

/// Names the commands that a shard gives itself.
const WAKE: Uuid = Uuid::from_u128(0x8a6c_1a4e_53f0_5b7e_9d53_2f7a_41c8_60d1);
/// Who is named as their author.
const CLOCK: &str = "process:clock";

/// The streams that are due soon. What is due later is in `state.db`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct DueIndex {
    /// Everything due until then is in here; none before the first load.
    horizon: Option<Timestamp>,
    moments: BTreeSet<(Timestamp, StreamId)>,
    of: BTreeMap<StreamId, Timestamp>,
}

impl DueIndex {
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    fn note(&mut self, stream: &StreamId, at: Option<Timestamp>) {
        if let Some(before) = self.of.remove(stream) {
            self.moments.remove(&(before, stream.clone()));
        }
        let Some(at) = at.filter(|at| self.horizon.is_some_and(|horizon| *at <= horizon)) else {
            return;
        };
        self.of.insert(stream.clone(), at);
        self.moments.insert((at, stream.clone()));
        if self.moments.len() > DUE_STREAMS_MAX
            && let Some((last, stream)) = self.moments.pop_last()
        {
            self.of.remove(&stream);
            self.horizon = Some(Timestamp(last.0 - 1));
        }
    }

    fn pop(&mut self, now: Timestamp) -> Option<StreamId> {
        if self.moments.first()?.0 > now {
            return None;
        }
        let (_, stream) = self.moments.pop_first()?;
        self.of.remove(&stream);
        Some(stream)
    }
}

impl Machine {
    pub(super) fn note_due(&mut self, stream: &StreamId, versioned: &Versioned) {
        if self.due.horizon.is_some() {
            self.due.note(stream, moment(stream, versioned));
        }
    }

    pub(super) fn due_loaded(&mut self, streams: Vec<(Timestamp, StreamId)>, until: Timestamp) {
        if self.serves().is_none() {
            return;
        }
        self.due.clear();
        self.due.horizon = Some(until);
        for (at, stream) in streams {
            if self.hot.peek(&stream).is_none() {
                self.due.note(&stream, Some(at));
            }
        }
        let in_memory: Vec<_> = self
            .hot
            .iter()
            .map(|(stream, known)| (stream.clone(), moment(stream, known)))
            .collect();
        for (stream, at) in in_memory {
            self.due.note(&stream, at);
        }
    }

    /// Wakes what is due, and keeps the index ahead of the clock.
    pub(super) fn tick_due(&mut self, environment: &Environment<'_>, actions: &mut Vec<Action>) {
        if self.serves().is_none() || self.stopping {
            return;
        }
        let now = environment.now.max(self.at);
        for _ in 0..DUE_WAKES_MAX {
            let Some(stream) = self.due.pop(now) else {
                break;
            };
            self.queue.push_back(Pending {
                ticket: None,
                question: Asked::Wake(stream),
                deadline_ms: u64::MAX,
                is_new: true,
            });
        }
        let half_way = Timestamp(now.0 + DUE_HORIZON_MS / 2);
        if self.due.horizon.is_none_or(|horizon| horizon < half_way) {
            actions.push(Action::LoadDue {
                until: Timestamp(now.0 + DUE_HORIZON_MS),
            });
        }
    }

    /// Gives the stream its due command, if it is still due.
    pub(super) fn wake(
        &mut self,
        pending: Pending,
        versioned: &Versioned,
        environment: &Environment<'_>,
        actions: &mut Vec<Action>,
    ) {
        let Asked::Wake(stream) = &pending.question else {
            return;
        };
        let due = versioned.state.as_ref().and_then(|state| state.due(stream));
        let Some(due) = due.filter(|due| due.at <= environment.now.max(self.at)) else {
            return;
        };
        let name = format!("{stream}@{}", versioned.version);
        let cause = Uuid::new_v5(&WAKE, name.as_bytes());
        let intent = Intent {
            commands: vec![due.command],
            command_id: CommandId(cause),
            keyed: None,
            request_hash: [0; 32],
            expected_version: None,
            actor: CLOCK.to_owned(),
            correlation: cause,
            causation: cause,
            traceparent: String::new(),
        };
        let pending = Pending {
            question: Asked::Do(Box::new(intent)),
            ..pending
        };
        self.attempt_intent(pending, environment, actions);
    }
}

fn moment(stream: &StreamId, versioned: &Versioned) -> Option<Timestamp> {
    let due = versioned.state.as_ref()?.due(stream)?;
    Some(due.at)
}
