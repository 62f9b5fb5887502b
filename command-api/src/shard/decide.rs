//! The decision: a list of commands, in order, on one speculative state; one refusal refuses all.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use domain::stream::StreamId;
use domain::{Context, Decided, Event, NotLoaded, Refusal, State, Streams};
use event_log::Touched;

use super::action::Changed;
use super::hot::Hot;
use super::in_flight::Speculative;
use super::input::Intent;
use super::{Environment, Machine, Versioned};
use crate::error::CommandError;
use crate::request::Outcome;

/// What commands lead to, before it is sent.
#[derive(Clone, Debug, Default)]
pub(super) struct Staged {
    /// Each changed stream once, with its state afterwards.
    pub(super) changed: Vec<Changed>,
    /// The changes in order; the first entry is the first command's stream, be it without events.
    pub(super) touched: Vec<Touched>,
    pub(super) events: Vec<Event>,
    /// The version of the first command's stream afterwards.
    pub(super) version: u64,
    /// Its state afterwards, when answers show it.
    pub(super) shown: Option<Arc<State>>,
}

/// A decision that went well.
pub(super) enum Unkept {
    /// There is something to write.
    Staged(Staged),
    /// All is so already, and there is no key under which the answer must be kept.
    Nothing(Outcome),
}

/// Why there is no decision.
pub(super) enum Undecided {
    /// The rules, or `If-Match`, say no.
    Refused(CommandError),
    /// Load this first.
    NotLoaded(StreamId),
}

impl Machine {
    pub(super) fn decide(&self, intent: &Intent, environment: &Environment<'_>) -> Result<Unkept, Undecided> {
        let Some(first) = intent.commands.first().map(domain::Command::stream) else {
            return Err(Undecided::Refused(CommandError::Misrouted));
        };
        let mut overlay = Overlay::over(&self.speculative, &self.hot);
        let before = overlay.versioned(&first)?.version;
        if let Some(expected) = intent.expected_version
            && expected != before
        {
            return Err(Undecided::Refused(CommandError::VersionMismatch { current: before }));
        }
        let context = Context {
            now: environment.now.max(self.at),
            cause: intent.command_id.0,
            partition: self.identity.shard.partition,
            partitions: self.identity.partitions,
            reference: environment.reference,
        };
        for command in &intent.commands {
            let decided = domain::decide(command, &overlay, &context).map_err(|refusal| overlay.explain(refusal))?;
            for happened in decided {
                // The first command's stream brought it here.
                let is_here =
                    happened.stream == first || happened.stream.shard(self.identity.partitions) == self.identity.shard;
                if !is_here {
                    return Err(Undecided::Refused(CommandError::Misrouted));
                }
                overlay.take_in(happened)?;
            }
        }
        let after = overlay.versioned(&first)?;
        let shown = after.state.filter(|_| Outcome::shows_state_of(&first));
        if overlay.events.is_empty() && intent.keyed.is_none() {
            return Ok(Unkept::Nothing(Outcome {
                shard: self.identity.shard,
                seq: self.last_sent(),
                at: self.at,
                replayed: false,
                streams: Vec::new(),
                version: after.version,
                state: shown,
            }));
        }
        let mut touched = overlay.touched;
        if touched.first().is_none_or(|entry| entry.stream != first) {
            touched.insert(
                0,
                Touched {
                    stream: first,
                    version: before,
                    events: 0,
                },
            );
        }
        Ok(Unkept::Staged(Staged {
            changed: overlay.changed,
            touched,
            events: overlay.events,
            version: after.version,
            shown,
        }))
    }
}

/// The states that the commands of one list see: what the earlier ones did, over what is in flight, over what
/// is committed.
struct Overlay<'a> {
    speculative: &'a BTreeMap<StreamId, Speculative>,
    hot: &'a Hot,
    changed: Vec<Changed>,
    touched: Vec<Touched>,
    events: Vec<Event>,
    /// The stream that a decision asked for and that cannot be read.
    parked: RefCell<Option<StreamId>>,
}

impl<'a> Overlay<'a> {
    fn over(speculative: &'a BTreeMap<StreamId, Speculative>, hot: &'a Hot) -> Self {
        Self {
            speculative,
            hot,
            // Most commands cause one event of one stream.
            changed: Vec::with_capacity(1),
            touched: Vec::with_capacity(1),
            events: Vec::with_capacity(1),
            parked: RefCell::new(None),
        }
    }

    fn find(&self, stream: &StreamId) -> Option<Versioned> {
        if let Some(changed) = self.changed.iter().find(|changed| changed.stream == *stream) {
            return Some(Versioned {
                version: changed.version,
                state: changed.state.clone(),
            });
        }
        match self.speculative.get(stream) {
            Some(speculative) => Some(speculative.versioned.clone()),
            None => self.hot.peek(stream).cloned(),
        }
    }

    /// A stream that can be read.
    fn versioned(&self, stream: &StreamId) -> Result<Versioned, Undecided> {
        let found = self.find(stream).ok_or_else(|| Undecided::NotLoaded(stream.clone()))?;
        if found.state.is_none() {
            return Err(Undecided::Refused(CommandError::Parked(stream.clone())));
        }
        Ok(found)
    }

    fn take_in(&mut self, happened: Decided) -> Result<(), Undecided> {
        let Decided { stream, event } = happened;
        let index = match self.changed.iter().position(|changed| changed.stream == stream) {
            Some(index) => index,
            None => {
                let Versioned { version, state } = self.versioned(&stream)?;
                self.changed.push(Changed {
                    stream: stream.clone(),
                    version,
                    state,
                });
                self.changed.len() - 1
            }
        };
        let changed = &mut self.changed[index];
        if let Some(state) = &mut changed.state {
            Arc::make_mut(state).evolve(&event);
        }
        changed.version += 1;
        match self.touched.last_mut() {
            Some(last) if last.stream == stream => {
                last.version = changed.version;
                last.events += 1;
            }
            _ => self.touched.push(Touched {
                version: changed.version,
                events: 1,
                stream,
            }),
        }
        self.events.push(event);
        Ok(())
    }

    fn explain(&self, refusal: Refusal) -> Undecided {
        match refusal {
            Refusal::Rejected(rejection) => Undecided::Refused(CommandError::Rejected(rejection)),
            Refusal::NotLoaded(stream) => match self.parked.take() {
                Some(parked) => Undecided::Refused(CommandError::Parked(parked)),
                None => Undecided::NotLoaded(stream),
            },
        }
    }
}

impl Streams for Overlay<'_> {
    fn state(&self, stream: &StreamId) -> Result<Arc<State>, NotLoaded> {
        let found = self.find(stream).ok_or_else(|| NotLoaded(stream.clone()))?;
        found.state.ok_or_else(|| {
            self.parked.replace(Some(stream.clone()));
            NotLoaded(stream.clone())
        })
    }
}
