//! Answers that write nothing: refusals, and states that are only read.
//!
//! Such an answer is true only if this machine still owned the shard after it was asked. So it waits for the
//! commits in flight that it rests on, and for a sign of ownership that was sought after the decision: the log's
//! own word where it can tell at once, else any own commit sent later; a barrier is sent when there is none.

use std::hash::{Hash, Hasher};

use event_log::Kind;

use super::action::{Action, Answer};
use super::input::Ticket;
use super::queue::answer;
use super::{Environment, Machine, Mutant, Role, Versioned};
use crate::error::CommandError;
use crate::limits::WAITING_ANSWERS_MAX;

/// An answer that waits to be confirmed.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    ticket: Option<Ticket>,
    answer: Result<Answer, CommandError>,
    /// The last commit that was in flight when it was decided.
    rests_on: u64,
    is_confirmed: bool,
    deadline_ms: u64,
}

/// The ticket stands for the answer: it is answered once.
impl Hash for Waiting {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        (self.ticket, self.rests_on, self.is_confirmed, self.deadline_ms).hash(hasher);
        match &self.answer {
            Ok(Answer::Done(outcome)) => outcome.hash(hasher),
            Ok(Answer::State { versioned, .. }) => versioned.hash(hasher),
            Err(error) => error.code().hash(hasher),
        }
    }
}

impl Waiting {
    /// Whether the caller still waits; tells one whose deadline passed.
    pub(super) fn still_waits(&self, clock_ms: u64, actions: &mut Vec<Action>) -> bool {
        let waits = self.deadline_ms > clock_ms;
        if !waits {
            answer(self.ticket, Err(CommandError::DeadlinePassed), actions);
        }
        waits
    }
}

impl Machine {
    pub(super) fn answer_with_state(
        &mut self,
        ticket: Option<Ticket>,
        versioned: Versioned,
        deadline_ms: u64,
        actions: &mut Vec<Action>,
    ) {
        let seq = self.last_sent();
        self.answer_once_confirmed(ticket, Ok(Answer::State { versioned, seq }), deadline_ms, actions);
    }

    pub(super) fn answer_once_confirmed(
        &mut self,
        ticket: Option<Ticket>,
        what: Result<Answer, CommandError>,
        deadline_ms: u64,
        actions: &mut Vec<Action>,
    ) {
        if ticket.is_none() {
            return;
        }
        if self.waiting.len() >= WAITING_ANSWERS_MAX {
            return answer(ticket, Err(CommandError::Busy), actions);
        }
        self.waiting.push(Waiting {
            ticket,
            answer: what,
            rests_on: self.last_sent(),
            is_confirmed: self.mutant == Mutant::NoBarrier,
            deadline_ms,
        });
    }

    /// Gives the answers that are confirmed, and sees to it that the others will be.
    pub(super) fn settle_waiting(&mut self, environment: &Environment<'_>, actions: &mut Vec<Action>) {
        let Role::Serving { claim } = self.role else {
            return;
        };
        let certain = self.fold.seq;
        self.waiting.retain_mut(|waiting| {
            // What comes after the commit it rests on was sent after the decision.
            let is_due = waiting.rests_on < certain || (waiting.is_confirmed && waiting.rests_on == certain);
            if is_due {
                let what = std::mem::replace(&mut waiting.answer, Err(CommandError::NotExecuted));
                answer(waiting.ticket, what, actions);
            }
            !is_due
        });
        let newest = self.waiting.iter().filter(|waiting| !waiting.is_confirmed);
        let Some(newest) = newest.map(|waiting| waiting.rests_on).max() else {
            return;
        };
        match self.log_tells_owner {
            None | Some(true) => actions.push(Action::ConfirmOwnership { claim }),
            Some(false) => self.send_barrier_behind(newest, environment, actions),
        }
    }

    fn send_barrier_behind(&mut self, newest: u64, environment: &Environment<'_>, actions: &mut Vec<Action>) {
        let is_on_its_way = self.last_sent() > newest;
        let has_barrier = self.in_flight.iter().any(|in_flight| in_flight.kind == Kind::Barrier);
        if is_on_its_way || has_barrier || !self.window_is_open(environment) {
            return;
        }
        if self.barriers.take(environment.clock_ms) {
            self.send_barrier(environment.clock_ms, actions);
        }
    }

    /// The log said who owns the shard, or that it cannot tell.
    pub(super) fn ownership(&mut self, owned: Option<bool>, actions: &mut Vec<Action>) {
        self.log_tells_owner = Some(owned.is_some());
        match owned {
            Some(true) => self.waiting.iter_mut().for_each(|waiting| waiting.is_confirmed = true),
            Some(false) if self.serves().is_some() => self.step_down(&CommandError::OutcomeUnknown, actions),
            Some(false) | None => {}
        }
    }

    /// Takes back the answers that were decided on commits from `from_seq` on.
    pub(super) fn drop_answers_resting_on(&mut self, from_seq: u64, actions: &mut Vec<Action>) {
        self.waiting.retain(|waiting| {
            let stays = waiting.rests_on < from_seq;
            if !stays {
                answer(waiting.ticket, Err(CommandError::NotExecuted), actions);
            }
            stays
        });
    }
}
