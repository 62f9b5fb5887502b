//! A machine on a bench: its actions are performed as the runner does, and collected.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::inventory::item;
use domain::shop::settings::Settings;
use domain::stream::{Location, Shard, StreamId, Topic};
use domain::value::{CommandId, Sku, Timestamp};
use domain::{Command, Decided, Reference, State, VariantOffer};
use event_log::{Claim, Delivered, Delivery, Envelope, Fold, Kind, Record, Touched};
use uuid::Uuid;

use super::super::*;
use crate::error::CommandError;
use crate::request::{Key, Outcome};

pub(super) const SHARD: Shard = Shard {
    topic: Topic::Inventory,
    partition: 0,
};
pub(super) const CLAIM: Uuid = Uuid::from_u128(1);
pub(super) const HOUR_MS: i64 = 60 * 60 * 1_000;
pub(super) const NEVER: u64 = u64::MAX;

pub(super) struct Bench {
    pub(super) machine: Machine,
    pub(super) now: Timestamp,
    pub(super) clock_ms: u64,
    pub(super) written: u64,
    /// What the log says when it is asked for the owner.
    pub(super) owned: Option<bool>,
    /// What `state.db` holds.
    pub(super) stored: BTreeMap<StreamId, Versioned>,
    pub(super) stored_answers: BTreeMap<CommandId, Kept>,
    pub(super) sent: Vec<Proposal>,
    pub(super) answers: BTreeMap<Ticket, Result<Answer, CommandError>>,
    pub(super) committed: Vec<Committed>,
    pub(super) standings: Vec<Standing>,
    pub(super) read_backs: Vec<i64>,
    last_ticket: u64,
}

impl Bench {
    /// A machine that follows an empty log.
    pub(super) fn following() -> Self {
        let identity = Identity {
            shard: SHARD,
            partitions: 1,
            node: "bench".to_owned(),
            url: String::new(),
        };
        Self {
            machine: Machine::new(identity, Fold::default(), Timestamp(0)),
            now: Timestamp(1_750_000_000_000),
            clock_ms: 0,
            written: 0,
            owned: Some(true),
            stored: BTreeMap::new(),
            stored_answers: BTreeMap::new(),
            sent: Vec::new(),
            answers: BTreeMap::new(),
            committed: Vec::new(),
            standings: Vec::new(),
            read_backs: Vec::new(),
            last_ticket: 0,
        }
    }

    /// A machine that serves, on a log that can tell who owns a shard.
    pub(super) fn serving() -> Self {
        let mut bench = Self::following();
        bench.claim();
        bench.deliver_at(CLAIM, 0, 0);
        assert_eq!(bench.machine.serves(), Some(CLAIM));
        bench.sent.clear();
        bench
    }

    /// A machine that serves, on a log where only a record can tell who owns a shard.
    pub(super) fn serving_with_barriers() -> Self {
        let mut bench = Self::serving();
        bench.owned = None;
        bench
    }

    pub(super) fn claim(&mut self) {
        let log = Uuid::from_u128(77);
        self.feed(Input::ClaimWanted { claim: CLAIM, log });
    }

    pub(super) fn feed(&mut self, input: Input) {
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            let environment = Environment {
                now: self.now,
                clock_ms: self.clock_ms,
                reference: &Nothing,
                written: self.written,
            };
            let mut actions = Vec::new();
            self.machine.step(input, &environment, &mut actions);
            for action in actions {
                match action {
                    Action::Append(proposal) => self.sent.push(*proposal),
                    Action::Answer(ticket, answer) => {
                        let before = self.answers.insert(ticket, answer);
                        assert_eq!(before, None, "nobody is answered twice");
                    }
                    Action::ReadBack { from } => self.read_backs.push(from),
                    Action::Load { streams, command } => inputs.push(Input::Loaded(self.load(streams, command))),
                    Action::LoadDue { until } => inputs.push(Input::DueLoaded {
                        streams: Vec::new(),
                        until,
                    }),
                    Action::ConfirmOwnership { .. } => inputs.push(Input::Ownership(self.owned)),
                    Action::Committed(committed) => self.committed.push(*committed),
                    Action::Announce(standing) => self.standings.push(standing),
                }
            }
        }
    }

    fn load(&self, streams: Vec<StreamId>, command: Option<CommandId>) -> Loaded {
        let stored = |stream: StreamId| {
            let found = self.stored.get(&stream).cloned();
            (stream.clone(), found.unwrap_or_else(|| Versioned::initial(&stream)))
        };
        Loaded {
            streams: streams.into_iter().map(stored).collect(),
            kept: command.and_then(|command| self.stored_answers.get(&command).cloned()),
        }
    }

    pub(super) fn ask(&mut self, question: Question) -> Ticket {
        self.ask_until(question, NEVER)
    }

    pub(super) fn ask_until(&mut self, question: Question, deadline_ms: u64) -> Ticket {
        self.last_ticket += 1;
        let ticket = Ticket(self.last_ticket);
        self.feed(Input::Asked(ticket, question, deadline_ms));
        ticket
    }

    pub(super) fn deliver(&mut self, claim: Uuid, seq: u64, delivery: Delivery) {
        self.feed(Input::Delivered(vec![Delivered {
            shard: SHARD,
            claim,
            seq,
            delivery,
        }]));
    }

    /// The log took a record, now.
    pub(super) fn deliver_at(&mut self, claim: Uuid, seq: u64, offset: i64) {
        let at = self.now;
        self.deliver(claim, seq, Delivery::At { offset, at });
    }

    /// The log took everything that was sent, at the expected places.
    pub(super) fn deliver_all(&mut self) {
        for proposal in std::mem::take(&mut self.sent) {
            self.deliver_at(proposal.envelope.claim, proposal.envelope.seq, proposal.expected_offset);
        }
    }

    pub(super) fn tick_after(&mut self, milliseconds: u64) {
        self.clock_ms += milliseconds;
        self.feed(Input::Tick);
    }

    /// A record that somebody else wrote.
    pub(super) fn read(&mut self, record: Record, decoded: Decoded) {
        self.feed(Input::Read(Arc::new(record), decoded));
    }

    pub(super) fn done(&self, ticket: Ticket) -> &Outcome {
        match self.answers.get(&ticket) {
            Some(Ok(Answer::Done(outcome))) => outcome,
            other => panic!("it was to be done, but: {other:?}"),
        }
    }

    pub(super) fn refused(&self, ticket: Ticket) -> &CommandError {
        match self.answers.get(&ticket) {
            Some(Err(error)) => error,
            other => panic!("it was to be refused, but: {other:?}"),
        }
    }

    pub(super) fn on_hand(&self, ticket: Ticket) -> i64 {
        match self.answers.get(&ticket) {
            Some(Ok(Answer::State { versioned, .. })) => on_hand(versioned),
            other => panic!("a state was to be told, but: {other:?}"),
        }
    }
}

pub(super) fn on_hand(versioned: &Versioned) -> i64 {
    match versioned.state.as_deref() {
        Some(State::StockItem(item)) => item.stock().levels.on_hand,
        other => panic!("{other:?} is no stock item"),
    }
}

pub(super) fn sku(name: &str) -> Sku {
    name.parse().expect("a SKU")
}

pub(super) fn item(name: &str) -> StreamId {
    StreamId::StockItem(sku(name), Location::default())
}

/// So many pieces come in; enough to be no low stock.
pub(super) fn receive(name: &str, quantity: i64) -> Command {
    Command::StockItem(sku(name), Location::default(), item::Command::Receive { quantity })
}

pub(super) fn intent(id: u128, commands: Vec<Command>) -> Intent {
    Intent {
        commands,
        command_id: CommandId(Uuid::from_u128(id)),
        keyed: None,
        request_hash: [7; 32],
        expected_version: None,
        actor: "guest".to_owned(),
        correlation: Uuid::nil(),
        causation: Uuid::nil(),
        traceparent: String::new(),
    }
}

/// More comes in, without a key.
pub(super) fn receiving(id: u128, name: &str) -> Question {
    Question::Do(Box::new(intent(id, vec![receive(name, 100)])))
}

/// More comes in, under a key that tells nothing.
pub(super) fn keyed(id: u128, name: &str) -> Question {
    keyed_at(id, name, None)
}

/// More comes in, under a key drawn at this moment.
pub(super) fn keyed_at(id: u128, name: &str, drawn_at: Option<Timestamp>) -> Question {
    Question::Do(Box::new(Intent {
        keyed: Some(Key { drawn_at }),
        ..intent(id, vec![receive(name, 100)])
    }))
}

/// What nobody can do.
pub(super) fn refusable(id: u128, name: &str) -> Question {
    Question::Do(Box::new(intent(id, vec![receive(name, 0)])))
}

/// A claim of another node.
pub(super) fn foreign_claim(offset: i64, term: u64, claim: u128, partitions: u32) -> Record {
    let claim = Uuid::from_u128(claim);
    let envelope = Envelope {
        kind: Kind::Claim,
        claimed: Some(Claim {
            log: Uuid::from_u128(77),
            partitions,
            node: "other".to_owned(),
            url: String::new(),
        }),
        ..foreign_envelope(term, 0, claim, Vec::new())
    };
    record(offset, envelope)
}

/// A commit of another node: so many pieces of one SKU, until there are so many.
pub(super) fn foreign_receipt(
    offset: i64,
    (term, seq): (u64, u64),
    name: &str,
    version: u64,
    on_hand: i64,
) -> (Record, Decoded) {
    let touched = Touched {
        stream: item(name),
        version,
        events: 1,
    };
    let levels_after = item::Levels {
        on_hand,
        ..item::Levels::default()
    };
    let event = item::Event::StockReceived {
        quantity: 100,
        levels_after,
    };
    let decided = Decided {
        stream: item(name),
        event: event.into(),
    };
    let envelope = foreign_envelope(term, seq, Uuid::from_u128(9), vec![touched]);
    (record(offset, envelope), Decoded::Events(vec![decided]))
}

fn foreign_envelope(term: u64, seq: u64, claim: Uuid, streams: Vec<Touched>) -> Envelope {
    Envelope {
        kind: Kind::Commit,
        term,
        seq,
        claim,
        command: CommandId(Uuid::nil()),
        request_hash: [0; 32],
        correlation: Uuid::nil(),
        causation: Uuid::nil(),
        actor: String::new(),
        traceparent: String::new(),
        streams,
        claimed: None,
    }
}

fn record(offset: i64, envelope: Envelope) -> Record {
    Record {
        shard: SHARD,
        offset,
        at: Timestamp(1_750_000_000_000),
        envelope,
        payload: bytes::Bytes::new(),
    }
}

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
