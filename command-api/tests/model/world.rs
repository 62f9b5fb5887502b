//! The world: two nodes, their callers, the log between them, and every step that it can take.

use std::hash::{Hash, Hasher};

use command_api::CommandError;
use command_api::shard::{Answer, Input, Mutant, Ticket};
use domain::value::Timestamp;
use event_log::Delivery;

use crate::log::{BEGINNING, Log, Sent};
use crate::node::{Effects, Node};
use crate::script::{Call, Operation};

/// How many nodes there are.
pub(crate) const NODES: usize = 2;

/// What happens in a world, and how much of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scenario {
    /// What is asked, each once, in any order and of any node.
    pub(crate) operations: &'static [Operation],
    /// How often the shard is claimed.
    pub(crate) claims: usize,
    /// How many things go wrong: a record is doubled, an acknowledgement lost, an append refused or not taken, a
    /// node restarted, a deadline passed. Delay and disorder are free.
    pub(crate) faults: usize,
    /// The rule that is broken.
    pub(crate) mutant: Mutant,
}

/// Something that can happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A node that only follows reads up to some offset and asks for the next term.
    ///
    /// Nobody notices how far it has read before, so its reading is no step of its own.
    Claim { node: usize, read_until: i64 },
    /// Another node reads the record after the last one that it knows.
    Read { node: usize },
    /// A caller asks a node that believes it owns the shard.
    Ask { call: usize, node: usize },
    /// The same, while the log's queue is full.
    AskWhileFull { call: usize, node: usize },
    /// What was sent comes to lie at the end of the log, for the first time or once more.
    Land { sent: usize },
    /// A node hears where it lies.
    Acknowledge { sent: usize },
    /// A node hears that nobody knows what became of it.
    Lose { sent: usize },
    /// A node hears that the log will never hold it.
    Refuse { sent: usize },
    /// A node loses all but the log.
    Restart { node: usize },
    /// For a node so much time passes that whoever waits has waited too long.
    Wait { node: usize },
}

/// What others noticed of a step.
pub(crate) enum Notice {
    /// A record came to lie at the end of the log.
    Landed,
    /// A caller was told something; none in `since` when nobody was waiting any more.
    Told {
        call: usize,
        since: Option<u64>,
        answer: Result<Answer, CommandError>,
    },
    /// A node no longer waits to hear of this.
    HungUp { node: usize, sent: Sent },
}

/// All there is at one moment.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) scenario: Scenario,
    pub(crate) nodes: [Node; NODES],
    pub(crate) log: Log,
    pub(crate) calls: Vec<Call>,
    claims: usize,
    faults: usize,
}

impl Hash for World {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        for node in &self.nodes {
            node.fingerprint.hash(hasher);
        }
        (&self.log, &self.calls, self.claims, self.faults).hash(hasher);
    }
}

impl World {
    pub(crate) fn new(scenario: Scenario) -> Self {
        Self {
            nodes: std::array::from_fn(|name| Node::started(name, scenario.mutant)),
            log: Log::default(),
            calls: vec![Call::Silent; scenario.operations.len()],
            claims: 0,
            faults: 0,
            scenario,
        }
    }

    /// Everything that can happen next, in the same order for the same world.
    pub(crate) fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        let may_fail = self.faults < self.scenario.faults;
        for node in 0..NODES {
            self.steps_of(node, may_fail, &mut steps);
        }
        for (index, sent) in self.log.sent.iter().enumerate() {
            let (is_awaited, has_landed) = (sent.awaited_by.is_some(), sent.landed.is_some());
            if !has_landed || may_fail {
                steps.push(Step::Land { sent: index });
            }
            if is_awaited && has_landed {
                steps.push(Step::Acknowledge { sent: index });
            }
            if is_awaited && may_fail {
                steps.push(Step::Lose { sent: index });
            }
            if is_awaited && may_fail && !has_landed {
                steps.push(Step::Refuse { sent: index });
            }
        }
        steps
    }

    fn steps_of(&self, node: usize, may_fail: bool, steps: &mut Vec<Step>) {
        let machine = &self.nodes[node].machine;
        // Both nodes are alike, so it may as well be the first one that begins.
        let may_claim = self.claims < self.scenario.claims && (node == 0 || self.claims > 0);
        if machine.is_following() {
            let offsets = machine.fold().offset..self.log.end();
            steps.extend(
                offsets
                    .filter(|_| may_claim)
                    .map(|read_until| Step::Claim { node, read_until }),
            );
            return;
        }
        if machine.fold().next() < self.log.end() {
            steps.push(Step::Read { node });
        }
        if machine.serves().is_some() {
            for call in (0..self.calls.len()).filter(|call| self.may_be_asked(*call)) {
                steps.push(Step::Ask { call, node });
                if may_fail {
                    steps.push(Step::AskWhileFull { call, node });
                }
            }
        }
        if may_fail {
            steps.push(Step::Restart { node });
            steps.push(Step::Wait { node });
        }
    }

    /// Everybody asks once, and whoever repeats himself has asked before.
    fn may_be_asked(&self, call: usize) -> bool {
        let operations = self.scenario.operations;
        let is_repeat = operations[call] == Operation::ReceiveAgain;
        let first = operations.iter().position(|other| *other == Operation::Receive);
        let is_begun = first.is_some_and(|first| self.calls[first] != Call::Silent);
        self.calls[call] == Call::Silent && (!is_repeat || is_begun)
    }

    /// The world once a node has read one record more.
    pub(crate) fn after_reading(&self, node: usize) -> Self {
        let mut world = self.clone();
        world.read(node, &mut Vec::new());
        world
    }

    /// The world after a step, and what others noticed of it.
    pub(crate) fn after(&self, step: Step) -> (Self, Vec<Notice>) {
        let mut world = self.clone();
        let mut notices = Vec::new();
        world.faults += usize::from(self.is_fault(step));
        world.take(step, &mut notices);
        let may_double = world.faults < world.scenario.faults;
        world.log.tidy(may_double);
        (world, notices)
    }

    fn is_fault(&self, step: Step) -> bool {
        match step {
            Step::Claim { .. } | Step::Read { .. } | Step::Ask { .. } | Step::Acknowledge { .. } => false,
            Step::Land { sent } => self.log.sent[sent].landed.is_some(),
            Step::AskWhileFull { .. }
            | Step::Lose { .. }
            | Step::Refuse { .. }
            | Step::Restart { .. }
            | Step::Wait { .. } => true,
        }
    }

    fn take(&mut self, step: Step, notices: &mut Vec<Notice>) {
        match step {
            Step::Claim { node, read_until } => {
                while self.nodes[node].machine.fold().offset < read_until {
                    self.read(node, notices);
                }
                self.claims += 1;
                let effects = self.nodes[node].claim(self.claims);
                self.spread(node, effects, notices);
            }
            Step::Read { node } => self.read(node, notices),
            Step::Ask { call, node } => self.ask(call, node, false, notices),
            Step::AskWhileFull { call, node } => self.ask(call, node, true, notices),
            Step::Land { sent } => {
                self.log.land(sent);
                notices.push(Notice::Landed);
            }
            Step::Acknowledge { sent } => {
                if let Some(offset) = self.log.sent[sent].landed {
                    let at = Timestamp(BEGINNING.0 + offset);
                    self.tell(sent, Delivery::At { offset, at }, notices);
                }
            }
            Step::Lose { sent } => self.tell(sent, Delivery::Unknown("lost".to_owned()), notices),
            Step::Refuse { sent } => {
                let refused = self.log.sent[sent].clone();
                self.tell(sent, Delivery::Refused("refused".to_owned()), notices);
                self.log.sent.retain(|sent| sent.fingerprint != refused.fingerprint);
            }
            Step::Restart { node } => self.restart(node),
            Step::Wait { node } => {
                let effects = self.nodes[node].wait();
                self.spread(node, effects, notices);
            }
        }
    }

    fn read(&mut self, node: usize, notices: &mut Vec<Notice>) {
        let next = self.nodes[node].machine.fold().next();
        if let Some(entry) = self.log.entry(next) {
            let effects = self.nodes[node].read(entry);
            self.spread(node, effects, notices);
        }
    }

    fn ask(&mut self, call: usize, node: usize, is_log_full: bool, notices: &mut Vec<Notice>) {
        let operation = self.scenario.operations[call];
        let ticket = Ticket(call as u64);
        let since = self.log.fold().seq;
        self.calls[call] = Call::Waits { node, since };
        let input = Input::Asked(ticket, operation.question(ticket), operation.deadline_ms());
        let effects = self.nodes[node].take(input, is_log_full);
        self.spread(node, effects, notices);
    }

    fn tell(&mut self, index: usize, delivery: Delivery, notices: &mut Vec<Notice>) {
        let sent = &mut self.log.sent[index];
        let (claim, seq) = (sent.envelope().claim, sent.envelope().seq);
        if let Some(node) = sent.awaited_by.take() {
            let effects = self.nodes[node].hear(claim, seq, delivery);
            self.spread(node, effects, notices);
        }
    }

    fn restart(&mut self, node: usize) {
        self.nodes[node] = Node::started(node, self.scenario.mutant);
        self.log.hang_up(node, |_| true);
        for call in &mut self.calls {
            if matches!(call, Call::Waits { node: asked, .. } if *asked == node) {
                *call = Call::InTheDark;
            }
        }
    }

    fn spread(&mut self, node: usize, effects: Effects, notices: &mut Vec<Notice>) {
        for proposal in effects.sent {
            self.log.send(node, proposal);
        }
        for (Ticket(ticket), answer) in effects.answers {
            let call = usize::try_from(ticket).unwrap_or(usize::MAX);
            let since = match &self.calls[call] {
                Call::Waits { since, .. } => Some(*since),
                _ => None,
            };
            self.calls[call] = Call::told(&answer);
            notices.push(Notice::Told { call, since, answer });
        }
        self.hang_up(node, notices);
    }

    /// A node that gave a claim up does not wait to hear of what it sent under it.
    fn hang_up(&mut self, node: usize, notices: &mut Vec<Notice>) {
        let machine = &self.nodes[node].machine;
        let is_over = |sent: &Sent| match machine.serves() {
            Some(claim) => sent.envelope().claim != claim || sent.envelope().seq == 0,
            None => machine.is_following() || machine.halted().is_some(),
        };
        let awaited = self.log.sent.iter().filter(|sent| sent.awaited_by == Some(node));
        let over = awaited.filter(|sent| is_over(sent)).cloned();
        notices.extend(over.map(|sent| Notice::HungUp { node, sent }));
        self.log.hang_up(node, is_over);
    }
}
