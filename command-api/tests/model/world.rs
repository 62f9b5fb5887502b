//! Two processes, the requests they get, the records between them and the log, and all that can happen next.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use command_api::shard::{Answer, Input, Intent, Mutant, Proposal, Question, Ticket};
use command_api::{CommandError, Key};
use domain::inventory::item;
use domain::stream::{Location, Shard, Topic};
use domain::value::CommandId;
use domain::{Command, Decided};
use event_log::{Delivered, Delivery, Record};
use stateright::{Model, Property};
use uuid::Uuid;

use crate::node::{Effects, Entry, NOW, Node};
use crate::truth::{Truth, stream};

/// What is asked, and of whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Asked {
    /// One more piece, under a key.
    Receive { node: usize, key: u128 },
    /// One piece fewer, if there is exactly one; otherwise how many there are.
    TakeTheOnlyOne { node: usize },
    /// How many there are.
    Look { node: usize },
}

impl Asked {
    fn node(self) -> usize {
        match self {
            Self::Receive { node, .. } | Self::TakeTheOnlyOne { node } | Self::Look { node } => node,
        }
    }

    fn command_id(self, question: usize) -> CommandId {
        match self {
            Self::Receive { key, .. } => CommandId(Uuid::from_u128(key)),
            Self::TakeTheOnlyOne { .. } | Self::Look { .. } => CommandId(Uuid::from_u128(100 + question as u128)),
        }
    }

    fn question(self, question: usize) -> Question {
        let command = match self {
            Self::Look { .. } => return Question::State(stream()),
            Self::Receive { .. } => item::Command::Receive { quantity: 1 },
            Self::TakeTheOnlyOne { .. } => item::Command::Adjust {
                delta: -1,
                expected: Some(1),
                force: false,
                reason: "lost".to_owned(),
            },
        };
        let lamp = "LAMP".parse().expect("a SKU");
        Question::Do(Box::new(Intent {
            commands: vec![Command::StockItem(lamp, Location::default(), command)],
            command_id: self.command_id(question),
            keyed: matches!(self, Self::Receive { .. }).then_some(Key { drawn_at: None }),
            request_hash: [1; 32],
            expected_version: None,
            actor: String::new(),
            correlation: Uuid::from_u128(question as u128),
            causation: Uuid::nil(),
            traceparent: String::new(),
        }))
    }
}

/// How often each fault may happen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Faults {
    pub(crate) claims: [u8; 2],
    /// A record overtakes an older one of its sender.
    pub(crate) overtakings: u8,
    /// A record lands once more.
    pub(crate) duplicates: u8,
    pub(crate) lost_acknowledgements: u8,
    pub(crate) restarts: u8,
    pub(crate) timeouts: u8,
}

/// What is checked.
#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    pub(crate) asked: Vec<Asked>,
    pub(crate) faults: Faults,
    pub(crate) mutant: Mutant,
}

/// A value that many worlds share, and that is digested once.
#[derive(Clone, Debug)]
pub(crate) struct Shared<T> {
    value: Arc<T>,
    digest: u64,
}

impl<T: Clone + Hash> Shared<T> {
    pub(crate) fn new(value: T) -> Self {
        let digest = digest(&value);
        Self {
            value: Arc::new(value),
            digest,
        }
    }

    fn change<R>(&mut self, change: impl FnOnce(&mut T) -> R) -> R {
        let result = change(Arc::make_mut(&mut self.value));
        self.digest = digest(&*self.value);
        result
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> Hash for Shared<T> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.digest.hash(hasher);
    }
}

fn digest(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// A record between a process and the log.
#[derive(Clone, Debug, Hash)]
struct Flight {
    node: usize,
    proposal: Shared<Proposal>,
    landed: Option<i64>,
    is_answered: bool,
}

/// How far a request is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Progress {
    NotAsked,
    /// Since the commit that was the last one then.
    Waits(u64),
    /// Whether it was a promise that it will never happen.
    Answered {
        is_never: bool,
        is_replay: bool,
    },
}

/// Everything there is.
#[derive(Clone, Debug, Hash)]
pub(crate) struct World {
    nodes: [Shared<Node>; 2],
    log: Vec<Shared<Entry>>,
    flights: Vec<Flight>,
    requests: Vec<Progress>,
    left: Faults,
    truth: Shared<Truth>,
    pub(crate) wrong: Option<&'static str>,
}

/// As the checker tells states apart.
impl PartialEq for World {
    fn eq(&self, other: &Self) -> bool {
        digest(self) == digest(other)
    }
}

/// What can happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Happening {
    Ask(usize),
    Claim(usize),
    Read(usize),
    Land(usize),
    Acknowledge(usize),
    LoseAcknowledgement(usize),
    Restart(usize),
    LosePatience(usize),
}

impl Model for Scenario {
    type State = World;
    type Action = Happening;

    fn init_states(&self) -> Vec<World> {
        vec![World {
            nodes: [(); 2].map(|()| Shared::new(Node::new(self.mutant))),
            log: Vec::new(),
            flights: Vec::new(),
            requests: vec![Progress::NotAsked; self.asked.len()],
            left: self.faults.clone(),
            truth: Shared::new(Truth::new()),
            wrong: None,
        }]
    }

    fn actions(&self, world: &World, happenings: &mut Vec<Happening>) {
        if world.wrong.is_some() {
            return;
        }
        for (question, progress) in world.requests.iter().enumerate() {
            let node = &world.nodes[self.asked[question].node()];
            // Who does not serve says so at once; that is no story.
            if *progress == Progress::NotAsked && node.machine.serves().is_some() {
                happenings.push(Happening::Ask(question));
            }
        }
        for (index, node) in world.nodes.iter().enumerate() {
            if node.machine.is_following() && world.left.claims[index] > 0 {
                happenings.push(Happening::Claim(index));
            }
            // What is read by one that neither serves nor claims, now or later, does not matter.
            let matters = !node.machine.is_following() || world.left.claims[index] > 0;
            let unread = matters && i64::try_from(world.log.len()).expect("records are few") > node.machine.fold().offset + 1;
            if unread {
                happenings.push(Happening::Read(index));
            }
            if world.left.restarts > 0 && node.machine.serves().is_some() {
                happenings.push(Happening::Restart(index));
            }
            if world.left.timeouts > 0 && !node.machine.is_following() {
                happenings.push(Happening::LosePatience(index));
            }
        }
        for (index, flight) in world.flights.iter().enumerate() {
            let may_land = match flight.landed {
                None => world.left.overtakings > 0 || !world.overtakes(index),
                Some(_) => world.left.duplicates > 0,
            };
            if may_land {
                happenings.push(Happening::Land(index));
            }
            if !flight.is_answered {
                if flight.landed.is_some() {
                    happenings.push(Happening::Acknowledge(index));
                }
                if world.left.lost_acknowledgements > 0 {
                    happenings.push(Happening::LoseAcknowledgement(index));
                }
            }
        }
    }

    fn next_state(&self, world: &World, happening: Happening) -> Option<World> {
        let mut next = world.clone();
        let mut effects = Effects::default();
        let acting = next.happen(self, happening, &mut effects);
        if let Some(node) = acting {
            next.take_effects(self, node, effects);
        }
        next.forget_what_cannot_matter();
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("nothing is wrong", |_, world: &World| world.wrong.is_none()),
            Property::sometimes("all requests are answered", |_, world: &World| {
                let mut requests = world.requests.iter();
                requests.all(|progress| matches!(progress, Progress::Answered { .. }))
            }),
        ]
    }
}

impl World {
    /// Lets it happen; tells which process acted.
    fn happen(&mut self, scenario: &Scenario, happening: Happening, effects: &mut Effects) -> Option<usize> {
        match happening {
            Happening::Ask(question) => {
                let asked = scenario.asked[question];
                self.requests[question] = Progress::Waits(self.truth.seq());
                let input = Input::Asked(Ticket(question as u64), asked.question(question), u64::MAX);
                self.nodes[asked.node()].change(|node| node.step(input, effects));
                Some(asked.node())
            }
            Happening::Claim(node) => {
                self.left.claims[node] -= 1;
                let number = node as u128 * 100 + u128::from(scenario.faults.claims[node] - self.left.claims[node]);
                let (claim, log) = (Uuid::from_u128(number), Uuid::from_u128(77));
                self.nodes[node].change(|node| node.step(Input::ClaimWanted { claim, log }, effects));
                Some(node)
            }
            Happening::Read(node) => {
                let log = &self.log;
                self.nodes[node].change(|node| node.read(log, effects));
                Some(node)
            }
            Happening::Land(flight) => {
                self.land(flight);
                None
            }
            Happening::Acknowledge(flight) => {
                let offset = self.flights[flight].landed?;
                Some(self.answer(flight, Delivery::At { offset, at: NOW }, effects))
            }
            Happening::LoseAcknowledgement(flight) => {
                self.left.lost_acknowledgements -= 1;
                Some(self.answer(flight, Delivery::Unknown(String::new()), effects))
            }
            Happening::Restart(node) => {
                self.left.restarts -= 1;
                self.nodes[node].change(|node| node.restart(scenario.mutant));
                for (question, asked) in scenario.asked.iter().enumerate() {
                    if asked.node() == node && matches!(self.requests[question], Progress::Waits(_)) {
                        self.requests[question] = Progress::Answered {
                            is_never: false,
                            is_replay: false,
                        };
                    }
                }
                None
            }
            Happening::LosePatience(node) => {
                self.left.timeouts -= 1;
                self.nodes[node].change(|node| node.lose_patience(effects));
                Some(node)
            }
        }
    }

    /// Whether an older record of the same sender is still on its way.
    fn overtakes(&self, index: usize) -> bool {
        let node = self.flights[index].node;
        let mut older = self.flights[..index].iter();
        older.any(|flight| flight.node == node && flight.landed.is_none())
    }

    fn land(&mut self, index: usize) {
        if self.flights[index].landed.is_none() && self.overtakes(index) {
            self.left.overtakings -= 1;
        }
        let flight = &mut self.flights[index];
        let offset = i64::try_from(self.log.len()).expect("records are few");
        match flight.landed {
            None => flight.landed = Some(offset),
            Some(_) => self.left.duplicates -= 1,
        }
        let Proposal { envelope, events, .. } = &*flight.proposal;
        let decided = events.iter().map(|event| Decided {
            stream: stream(),
            event: event.clone(),
        });
        let entry = Entry {
            record: Arc::new(Record {
                shard: Shard {
                    topic: Topic::Inventory,
                    partition: 0,
                },
                offset,
                at: NOW,
                envelope: envelope.clone(),
                payload: bytes::Bytes::new(),
            }),
            events: decided.collect(),
        };
        match self.truth.change(|truth| truth.take_in(&entry.record, &entry.events)) {
            Ok(Some(question)) if matches!(self.requests[question], Progress::Answered { is_never: true, .. }) => {
                self.wrong = Some("what was said never to happen did");
            }
            Ok(_) => {}
            Err(why) => self.wrong = Some(why),
        }
        self.log.push(Shared::new(entry));
    }

    fn answer(&mut self, index: usize, delivery: Delivery, effects: &mut Effects) -> usize {
        let flight = &mut self.flights[index];
        flight.is_answered = true;
        let node = flight.node;
        let delivered = Delivered {
            shard: Shard {
                topic: Topic::Inventory,
                partition: 0,
            },
            claim: flight.proposal.envelope.claim,
            seq: flight.proposal.envelope.seq,
            delivery,
        };
        self.nodes[node].change(|node| node.step(Input::Delivered(vec![delivered]), effects));
        node
    }

    fn take_effects(&mut self, scenario: &Scenario, node: usize, effects: Effects) {
        for (Ticket(question), answer) in effects.answers {
            let question = usize::try_from(question).expect("questions are few");
            let Progress::Waits(since) = self.requests[question] else {
                self.wrong = Some("a request was answered twice");
                return;
            };
            let command = scenario.asked[question].command_id(question);
            if let Err(why) = self.truth.fits(question, command, since, &answer) {
                self.wrong = Some(why);
            }
            self.requests[question] = Progress::Answered {
                is_never: matches!(answer, Err(CommandError::NotExecuted | CommandError::Moving { .. })),
                is_replay: matches!(&answer, Ok(Answer::Done(outcome)) if outcome.replayed),
            };
        }
        for proposal in effects.proposals {
            self.flights.push(Flight {
                node,
                proposal: Shared::new(proposal),
                landed: None,
                is_answered: false,
            });
        }
    }

    /// Acknowledgements of claims that are not in force any more are not heard; what landed and is answered
    /// matters only as long as it may land again.
    fn forget_what_cannot_matter(&mut self) {
        let Self { nodes, flights, left, .. } = self;
        for flight in flights.iter_mut() {
            let machine = &nodes[flight.node].machine;
            let serves_another = machine.serves().is_some_and(|claim| claim != flight.proposal.envelope.claim);
            flight.is_answered |= machine.is_following() || serves_another;
        }
        flights.retain(|flight| flight.landed.is_none() || !flight.is_answered || left.duplicates > 0);
    }
}
