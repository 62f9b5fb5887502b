//! A process with one machine: it performs the machine's actions as the runner does.

use std::sync::Arc;

use command_api::CommandError;
use command_api::shard::{
    Action, Answer, Decoded, Environment, Identity, Input, Loaded, Machine, Mutant, Proposal, Ticket, Versioned,
};
use domain::shop::settings::Settings;
use domain::stream::{Shard, Topic};
use domain::value::{Sku, Timestamp};
use domain::{Decided, Reference, VariantOffer};
use event_log::{Fold, Record};

use crate::world::Shared;

/// The one moment of the model: nothing here depends on dates.
pub(crate) const NOW: Timestamp = Timestamp(1_750_000_000_000);
/// Longer than any deadline of a machine.
const JUMP_MS: u64 = 100_000;

/// A record and its events.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Entry {
    pub(crate) record: Arc<Record>,
    pub(crate) events: Arc<[Decided]>,
}

/// What a step led to outside.
#[derive(Default)]
pub(crate) struct Effects {
    pub(crate) proposals: Vec<Proposal>,
    pub(crate) answers: Vec<(Ticket, Result<Answer, CommandError>)>,
}

/// A process.
#[derive(Clone, Debug, Hash)]
pub(crate) struct Node {
    pub(crate) machine: Machine,
    clock_ms: u64,
}

impl Node {
    pub(crate) fn new(mutant: Mutant) -> Self {
        Self {
            machine: machine(mutant),
            clock_ms: 0,
        }
    }

    /// The process dies and comes back without anything.
    pub(crate) fn restart(&mut self, mutant: Mutant) {
        self.machine = machine(mutant);
    }

    pub(crate) fn step(&mut self, input: Input, effects: &mut Effects) {
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            let environment = Environment {
                now: NOW,
                clock_ms: self.clock_ms,
                reference: &Nothing,
                written: 0,
            };
            let mut actions = Vec::new();
            self.machine.step(input, &environment, &mut actions);
            for action in actions {
                match action {
                    Action::Append(proposal) => effects.proposals.push(*proposal),
                    Action::Answer(ticket, answer) => effects.answers.push((ticket, answer)),
                    // Nothing is ever written to a `state.db` here, so nothing leaves the machine's memory.
                    Action::Load { streams, .. } => {
                        let initial = |stream| (Versioned::initial(&stream), stream);
                        let streams = streams.into_iter().map(initial).map(|(versioned, stream)| (stream, versioned));
                        inputs.push(Input::Loaded(Loaded {
                            streams: streams.collect(),
                            kept: None,
                        }));
                    }
                    Action::ConfirmOwnership { .. } => inputs.push(Input::Ownership(None)),
                    // The model reads when it likes; nothing here is ever due.
                    Action::ReadBack { .. } | Action::LoadDue { .. } => {}
                    Action::Committed(_) | Action::Announce(_) => {}
                }
            }
        }
    }

    /// Reads the log to its end.
    pub(crate) fn read(&mut self, log: &[Shared<Entry>], effects: &mut Effects) {
        let next = usize::try_from(self.machine.fold().offset + 1).expect("offsets begin at 0");
        for entry in log.iter().skip(next) {
            let decoded = match self.machine.needs_events(&entry.record.envelope) {
                true => Decoded::Events(entry.events.to_vec()),
                false => Decoded::Skipped,
            };
            self.step(Input::Read(Arc::clone(&entry.record), decoded), effects);
        }
    }

    /// Every deadline passes.
    pub(crate) fn lose_patience(&mut self, effects: &mut Effects) {
        self.clock_ms += JUMP_MS;
        self.step(Input::Tick, effects);
        self.clock_ms += JUMP_MS;
        self.step(Input::Tick, effects);
    }
}

fn machine(mutant: Mutant) -> Machine {
    let identity = Identity {
        shard: Shard {
            topic: Topic::Inventory,
            partition: 0,
        },
        partitions: 1,
        node: String::new(),
        url: String::new(),
    };
    Machine::new(identity, Fold::default(), Timestamp::default()).broken_by(mutant)
}

/// No facts from other shards.
struct Nothing;

impl Reference for Nothing {
    fn offer(&self, _sku: &Sku) -> Option<VariantOffer> {
        None
    }

    fn has_sku(&self, _sku: &Sku) -> bool {
        false
    }

    fn settings(&self) -> &Settings {
        static SETTINGS: std::sync::LazyLock<Settings> = std::sync::LazyLock::new(Settings::default);
        &SETTINGS
    }

    fn catalog_seq(&self) -> u64 {
        0
    }
}
