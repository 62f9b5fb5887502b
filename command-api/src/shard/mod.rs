//! One shard as a state machine without IO: inputs in, actions out.
//!
//! It decides on a speculative state while earlier commits are still in flight, and believes only what the
//! log's fold accepts. Whoever runs it performs the actions at once and in order, and feeds what came of them
//! back before anything else: `Load` is answered by `Loaded`, `ConfirmOwnership` by `Ownership`, and an
//! `Append` that the log did not take by `NotTaken`. The same machine serves, and is driven by the model check.
//!
//! The rules: `claim` (a fresh claim for each attempt), `in_flight` and `serve` (nothing waits to be sent, and
//! acknowledgements are believed in order; what is unclear is read back), `step_down` (on any doubt), `confirm`
//! (answers that write nothing), `known` (a repeat gets the same answer), `fold` (what others wrote).

mod action;
mod budget;
mod claim;
mod confirm;
mod decide;
mod due;
mod fold;
mod hot;
mod in_flight;
mod input;
mod known;
mod mutant;
mod queue;
mod serve;
mod step_down;

use std::collections::{BTreeMap, VecDeque};

use domain::Reference;
use domain::stream::{Shard, StreamId};
use domain::value::Timestamp;
use event_log::Fold;
use uuid::Uuid;

pub use action::{Action, Answer, Changed, Committed, Kept, Proposal, Standing};
pub use hot::Versioned;
pub use input::{Decoded, Input, Intent, Loaded, Question, Ticket};
pub use mutant::Mutant;

use budget::Budget;
use confirm::Waiting;
use due::DueIndex;
use hot::Hot;
use in_flight::{InFlight, Speculative};
use known::Known;
use queue::{Loading, Pending};
use serve::ReadBack;

/// What a step may know beside its input. All of it comes in; nothing is looked up.
#[derive(Clone, Copy)]
pub struct Environment<'a> {
    /// The wall clock of this node.
    pub now: Timestamp,
    /// A clock that never goes back, in milliseconds from anywhere.
    pub clock_ms: u64,
    /// Facts from other shards.
    pub reference: &'a dyn Reference,
    /// The last commit of this shard that `state.db` holds.
    pub written: u64,
}

/// What distinguishes one machine from another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    /// Which shard.
    pub shard: Shard,
    /// Partitions of the topics that have many.
    pub partitions: u32,
    /// This node's name.
    pub node: String,
    /// Where this node takes commands.
    pub url: String,
}

/// Whether this machine may decide.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Role {
    /// It folds what others write.
    Following,
    /// It has asked for a term and waits to see what the log says.
    Claiming { claim: Uuid, log: Uuid, deadline_ms: u64 },
    /// It owns the term in force, as far as it has read.
    Serving { claim: Uuid },
    /// The log is not what it was: an operator must look.
    Halted(String),
}

/// One shard.
#[derive(Clone, Debug, Hash)]
pub struct Machine {
    identity: Identity,
    /// What is certain: the log as far as it was read.
    fold: Fold,
    /// The log's time: the largest timestamp read.
    at: Timestamp,
    role: Role,
    /// Committed states.
    hot: Hot,
    /// Own commits whose fate is not settled, oldest first, without gaps.
    in_flight: VecDeque<InFlight>,
    /// States after the commits in flight.
    speculative: BTreeMap<StreamId, Speculative>,
    /// Set while the oldest commit in flight is being looked for in the log.
    read_back: Option<ReadBack>,
    known: Known,
    /// Requests that nothing was decided about yet.
    queue: VecDeque<Pending>,
    /// What goes on once its states are loaded.
    loading: Option<Loading>,
    /// Answers that write nothing, until they are confirmed.
    waiting: Vec<Waiting>,
    barriers: Budget,
    /// Whether the log can tell at once who owns a shard; none until it was asked.
    log_tells_owner: Option<bool>,
    due: DueIndex,
    stopping: bool,
    mutant: Mutant,
    /// Claims of its own, which only the mutant that resumes old terms remembers.
    own_claims: Vec<Uuid>,
}

impl Machine {
    /// A machine that has read the log as far as `fold`, whose largest timestamp was `at`.
    #[must_use]
    pub fn new(identity: Identity, fold: Fold, at: Timestamp) -> Self {
        Self {
            identity,
            fold,
            at,
            role: Role::Following,
            hot: Hot::new(),
            in_flight: VecDeque::new(),
            speculative: BTreeMap::new(),
            read_back: None,
            known: Known::default(),
            queue: VecDeque::new(),
            loading: None,
            waiting: Vec::new(),
            barriers: Budget::full(),
            log_tells_owner: None,
            due: DueIndex::default(),
            stopping: false,
            mutant: Mutant::None,
            own_claims: Vec::new(),
        }
    }

    /// The same machine with one rule broken: what the model check must notice.
    #[doc(hidden)]
    #[must_use]
    pub fn broken_by(mut self, mutant: Mutant) -> Self {
        self.mutant = mutant;
        self
    }

    /// Takes an input in and says what is to be done.
    pub fn step(&mut self, input: Input, environment: &Environment<'_>, actions: &mut Vec<Action>) {
        self.known.forget_written(environment.written);
        self.hot.set_written(environment.written);
        let is_log_full = matches!(input, Input::NotTaken { .. });
        match input {
            Input::Asked(ticket, question, deadline_ms) => self.asked(ticket, question, deadline_ms, actions),
            Input::Loaded(loaded) => self.loaded(loaded, environment, actions),
            Input::Broken(why) => self.halt(why, actions),
            Input::NotTaken { from_seq, error } => self.not_taken(from_seq, &error, actions),
            Input::Delivered(deliveries) => self.all_delivered(deliveries, environment, actions),
            Input::Read(record, decoded) => self.read(record, decoded, environment, actions),
            Input::Ownership(owned) => self.ownership(owned, actions),
            Input::ClaimWanted { claim, log } => self.claim_wanted(claim, log, environment, actions),
            Input::DueLoaded { streams, until } => self.due_loaded(streams, until),
            Input::Unparked(changed) => self.unparked(changed, actions),
            Input::Tick => self.tick(environment, actions),
            Input::Stop => self.stopping = true,
        }
        self.drain_queue(environment, actions);
        // A barrier would not be taken either; the next tick sends it.
        if !is_log_full {
            self.settle_waiting(environment, actions);
        }
    }

    /// What is certain: the log as far as it was read.
    #[must_use]
    pub fn fold(&self) -> &Fold {
        &self.fold
    }

    /// Which shard it is.
    #[must_use]
    pub fn shard(&self) -> Shard {
        self.identity.shard
    }

    /// The claim under which it serves; none when it does not.
    #[must_use]
    pub fn serves(&self) -> Option<Uuid> {
        match self.role {
            Role::Serving { claim } => Some(claim),
            _ => None,
        }
    }

    /// Whether it neither owns the shard nor has asked for it.
    #[must_use]
    pub fn is_following(&self) -> bool {
        self.role == Role::Following
    }

    /// Why it does nothing any more; none when it works.
    #[must_use]
    pub fn halted(&self) -> Option<&str> {
        match &self.role {
            Role::Halted(why) => Some(why),
            _ => None,
        }
    }

    /// Whether nobody waits for it.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.in_flight.is_empty() && self.queue.is_empty() && self.waiting.is_empty() && self.loading.is_none()
    }

    /// The committed state of a stream, when it is in memory.
    #[must_use]
    pub fn committed(&self, stream: &StreamId) -> Option<&Versioned> {
        self.hot.peek(stream)
    }

    fn tick(&mut self, environment: &Environment<'_>, actions: &mut Vec<Action>) {
        self.tick_claim(environment.clock_ms, actions);
        self.tick_serving(environment.clock_ms, actions);
        self.tick_callers(environment.clock_ms, actions);
        self.tick_due(environment, actions);
    }
}

#[cfg(test)]
mod tests;
