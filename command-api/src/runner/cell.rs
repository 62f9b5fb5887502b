//! One shard's machine and those who wait for it, behind one lock.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::stream::{Shard, StreamId};
use event_log::Membership;
use tokio::sync::{Notify, oneshot};

use crate::error::CommandError;
use crate::shard::{Action, Answer, Machine, Standing, Ticket, Versioned};
use crate::state_db::Written;

/// The shortest pause before a shard is claimed again.
const BACK_OFF_MIN: Duration = Duration::from_millis(100);
/// The longest one.
const BACK_OFF_MAX: Duration = Duration::from_secs(5);
/// For how long two nodes may each have a part of the shop, before the one with the later name takes the rest.
const SPLIT_BELIEVED: Duration = Duration::from_secs(5);

/// A shard.
pub(super) struct Cell {
    pub(super) shard: Shard,
    /// How far `state.db` is.
    pub(super) written: Written,
    inner: Mutex<Inner>,
}

/// What its lock protects.
pub(super) struct Inner {
    pub(super) machine: Machine,
    pub(super) callers: Callers,
    /// Actions of the last step; kept for its memory.
    pub(super) actions: Vec<Action>,
    /// Those who wait for a stream to change.
    pub(super) watched: HashMap<StreamId, Arc<Notify>>,
    /// The process managers that are not finished.
    pub(super) unfinished: BTreeMap<StreamId, Versioned>,
    pub(super) standing: Standing,
    pub(super) claims: Claims,
}

impl Cell {
    pub(super) fn new(machine: Machine, unfinished: BTreeMap<StreamId, Versioned>, written: Written) -> Self {
        Self {
            shard: machine.shard(),
            written,
            inner: Mutex::new(Inner {
                machine,
                callers: Callers::default(),
                actions: Vec::new(),
                watched: HashMap::new(),
                unfinished,
                standing: Standing::Following,
                claims: Claims::default(),
            }),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Those who wait for an answer.
#[derive(Default)]
pub(super) struct Callers {
    waiting: HashMap<Ticket, oneshot::Sender<Result<Answer, CommandError>>>,
    last: u64,
}

impl Callers {
    pub(super) fn admit(&mut self, sender: oneshot::Sender<Result<Answer, CommandError>>) -> Ticket {
        self.last += 1;
        let ticket = Ticket(self.last);
        self.waiting.insert(ticket, sender);
        ticket
    }

    /// One who has hung up hears nothing.
    pub(super) fn answer(&mut self, ticket: Ticket, answer: Result<Answer, CommandError>) {
        if let Some(sender) = self.waiting.remove(&ticket) {
            let _ = sender.send(answer);
        }
    }
}

/// When the shard is claimed next, unless it is served.
#[derive(Default)]
pub(super) struct Claims {
    failed: u32,
    next: Option<Instant>,
    rival: Option<Rival>,
}

/// Another node that took the shard over while this one wanted it.
struct Rival {
    node: String,
    since: Instant,
}

/// The node that may claim a shard.
pub(super) struct Candidate<'a> {
    pub(super) node: &'a str,
    /// Whether it serves any shard of the shop.
    pub(super) serves_some: bool,
    /// Who else is alive.
    pub(super) membership: &'a dyn Membership,
}

impl Claims {
    /// Whether it is time, and nobody else is there to serve the shard.
    pub(super) fn are_due(&self, now: Instant, candidate: &Candidate<'_>) -> bool {
        self.next.is_none_or(|next| next <= now) && !self.stand_by(now, candidate)
    }

    /// Whether the shard is left to the node that has it.
    fn stand_by(&self, now: Instant, candidate: &Candidate<'_>) -> bool {
        let Some(rival) = &self.rival else {
            return false;
        };
        if now < rival.since + candidate.membership.delay() {
            return true;
        }
        // Of nodes that claim at the same moment each may get a part, and no part of a shop is a shop.
        let is_split = candidate.serves_some && now >= rival.since + SPLIT_BELIEVED;
        if is_split && rival.node.as_str() < candidate.node {
            return false;
        }
        candidate.membership.is_alive(&rival.node)
    }

    /// Whether this node has wanted the shard before: until then, what is read of others is the past.
    pub(super) fn have_begun(&self) -> bool {
        self.failed > 0 || self.rival.is_some()
    }

    /// Another node's claim was accepted.
    pub(super) fn lost_to(&mut self, node: &str) {
        self.rival = Some(Rival {
            node: node.to_owned(),
            since: Instant::now(),
        });
    }

    /// The next pause is twice as long, less up to half of it, so that nodes do not meet again.
    pub(super) fn back_off(&mut self) {
        let longest = BACK_OFF_MIN.saturating_mul(1 << self.failed.min(8)).min(BACK_OFF_MAX);
        let share = f64::from(uuid::Uuid::new_v4().as_bytes()[0]) / f64::from(u8::MAX);
        self.next = Some(Instant::now() + longest.mul_f64(0.5 + share / 2.0));
        self.failed += 1;
    }

    pub(super) fn succeeded(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests;
