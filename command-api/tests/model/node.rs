//! A node: the machine, and whoever performs what it asks for.

use std::sync::Arc;

use command_api::CommandError;
use command_api::shard::{
    Action, Answer, Decoded, Environment, Identity, Input, Loaded, Machine, Mutant, Proposal, Ticket, Versioned,
};
use domain::stream::StreamId;
use domain::value::Timestamp;
use event_log::{Delivered, Delivery, Fold};
use uuid::Uuid;

use crate::fingerprint::fingerprint;
use crate::log::{BEGINNING, Entry};
use crate::script::{NoFacts, PARTITIONS, shard};

/// How much time passes at once: more than every deadline of the machine.
const LEAP_MS: u64 = 100_000;

/// One node.
#[derive(Clone)]
pub(crate) struct Node {
    pub(crate) machine: Arc<Machine>,
    clock_ms: u64,
    /// Stands for the machine and the clock.
    pub(crate) fingerprint: u64,
}

/// What came of an input, as far as others notice.
#[derive(Default)]
pub(crate) struct Effects {
    pub(crate) sent: Vec<Proposal>,
    pub(crate) answers: Vec<(Ticket, Result<Answer, CommandError>)>,
}

impl Node {
    /// A node that was just started and has read nothing.
    pub(crate) fn started(name: usize, mutant: Mutant) -> Self {
        let identity = Identity {
            shard: shard(),
            partitions: PARTITIONS,
            node: format!("node-{name}"),
            url: String::new(),
        };
        let machine = Machine::new(identity, Fold::default(), Timestamp(0)).broken_by(mutant);
        let clock_ms = 0;
        Self {
            fingerprint: fingerprint(&(&machine, clock_ms)),
            machine: Arc::new(machine),
            clock_ms,
        }
    }

    /// Asks for the next term, by the `number`th claim of this world.
    pub(crate) fn claim(&mut self, number: usize) -> Effects {
        let number = number as u128;
        let input = Input::ClaimWanted {
            claim: Uuid::from_u128(0xc000 + number),
            log: Uuid::from_u128(0x1000 + number),
        };
        self.take(input, false)
    }

    pub(crate) fn read(&mut self, entry: &Entry) -> Effects {
        let decoded = if self.machine.needs_events(&entry.record.envelope) {
            Decoded::Events(entry.events.clone())
        } else {
            Decoded::Skipped
        };
        self.take(Input::Read(Arc::clone(&entry.record), decoded), false)
    }

    pub(crate) fn hear(&mut self, claim: Uuid, seq: u64, delivery: Delivery) -> Effects {
        let delivered = Delivered {
            shard: shard(),
            claim,
            seq,
            delivery,
        };
        self.take(Input::Delivered(vec![delivered]), false)
    }

    pub(crate) fn wait(&mut self) -> Effects {
        self.clock_ms += LEAP_MS;
        self.take(Input::Tick, false)
    }

    /// Takes an input in and performs what comes of it, in the order in which the runner does.
    pub(crate) fn take(&mut self, input: Input, is_log_full: bool) -> Effects {
        let mut effects = Effects::default();
        let mut machine = Machine::clone(&self.machine);
        self.perform(&mut machine, input, is_log_full, &mut effects);
        self.fingerprint = fingerprint(&(&machine, self.clock_ms));
        self.machine = Arc::new(machine);
        effects
    }

    fn perform(&self, machine: &mut Machine, input: Input, is_log_full: bool, effects: &mut Effects) {
        let environment = Environment {
            now: BEGINNING,
            clock_ms: self.clock_ms,
            reference: &NoFacts,
            written: 0,
        };
        let mut actions = Vec::new();
        machine.step(input, &environment, &mut actions);
        let (mut appends, mut follow_ups) = (Vec::new(), Vec::new());
        for action in actions {
            match action {
                Action::Append(proposal) => appends.push(*proposal),
                Action::Answer(ticket, answer) => effects.answers.push((ticket, answer)),
                // Nothing was written there: a node that starts reads the whole log.
                Action::Load { streams, .. } => {
                    let initial = |stream: StreamId| (stream.clone(), Versioned::initial(&stream));
                    let streams = streams.into_iter().map(initial).collect();
                    follow_ups.insert(0, Input::Loaded(Loaded { streams, kept: None }));
                }
                Action::ConfirmOwnership { .. } => follow_ups.push(Input::Ownership(None)),
                // Reading is a step of its own, at any time. A stock item is never due.
                Action::ReadBack { .. } | Action::LoadDue { .. } | Action::Committed(_) | Action::Announce(_) => {}
            }
        }
        match appends.first() {
            Some(first) if is_log_full => follow_ups.insert(
                0,
                Input::NotTaken {
                    from_seq: first.envelope.seq,
                    error: CommandError::Busy,
                },
            ),
            _ => effects.sent.append(&mut appends),
        }
        for input in follow_ups {
            self.perform(machine, input, is_log_full, effects);
        }
    }
}
