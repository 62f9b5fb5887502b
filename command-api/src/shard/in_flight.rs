//! Own commits on their way: sent without waiting, and not yet known to be in the log.

use std::sync::Arc;

use domain::State;
use domain::stream::Shard;
use domain::value::{CommandId, Timestamp};
use event_log::{Delivery, Envelope, Kind, Touched};
use uuid::Uuid;

use super::action::{Action, Answer, Changed, Proposal};
use super::decide::Staged;
use super::input::{Intent, Ticket};
use super::queue::answer;
use super::{Environment, Machine, Role, Versioned};
use crate::error::CommandError;
use crate::planted;
use crate::request::Outcome;

/// Who is named as the author of claims and barriers.
pub(super) const OWNER: &str = "process:owner";

/// A stream's state after the commits in flight.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Speculative {
    pub(super) versioned: Versioned,
    /// The commit in flight that changed it last.
    pub(super) seq: u64,
}

/// An own commit whose fate is not settled.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct InFlight {
    pub(super) seq: u64,
    pub(super) kind: Kind,
    pub(super) changed: Vec<Changed>,
    /// None in a barrier.
    pub(super) reply: Option<Reply>,
    pub(super) ticket: Option<Ticket>,
    deadline_ms: u64,
    pub(super) sent_ms: u64,
    pub(super) delivery: Option<Delivery>,
}

/// What will be answered once the log's time is known.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Reply {
    command: CommandId,
    /// Present when the answer is to be kept.
    request_hash: Option<[u8; 32]>,
    version: u64,
    shown: Option<Arc<State>>,
}

impl InFlight {
    /// What its caller is told, once the log took it at this moment; none for a barrier.
    pub(super) fn outcome(&self, shard: Shard, at: Timestamp) -> Option<Outcome> {
        let reply = self.reply.as_ref()?;
        let streams = self.changed.iter();
        Some(Outcome {
            shard,
            seq: self.seq,
            at,
            replayed: false,
            streams: streams
                .map(|changed| (changed.stream.clone(), changed.version))
                .collect(),
            version: reply.version,
            state: reply.shown.clone(),
        })
    }

    /// Under which id, and for which request, the answer is to be kept.
    pub(super) fn keeps(&self) -> Option<(CommandId, [u8; 32])> {
        let reply = self.reply.as_ref()?;
        Some((reply.command, reply.request_hash?))
    }

    /// Tells the caller, whose deadline passed, that only the log knows.
    pub(super) fn give_up_waiting(&mut self, clock_ms: u64, actions: &mut Vec<Action>) {
        if self.deadline_ms <= clock_ms {
            answer(self.ticket.take(), Err(CommandError::OutcomeUnknown), actions);
        }
    }
}

impl Machine {
    /// The number of the last commit that was sent, or is certain.
    pub(super) fn last_sent(&self) -> u64 {
        self.in_flight.back().map_or(self.fold.seq, |last| last.seq)
    }

    pub(super) fn send_commit(
        &mut self,
        ticket: Option<Ticket>,
        intent: Intent,
        staged: Staged,
        deadline_ms: u64,
        environment: &Environment<'_>,
        actions: &mut Vec<Action>,
    ) {
        if intent.keyed.is_some() && planted::answers_before_append() {
            let outcome = Outcome {
                shard: self.identity.shard,
                seq: self.last_sent() + 1,
                at: environment.now,
                replayed: false,
                streams: Vec::new(),
                version: staged.version,
                state: staged.shown,
            };
            return answer(ticket, Ok(Answer::Done(outcome)), actions);
        }
        let request_hash = intent.keyed.map(|_| intent.request_hash);
        if let Some(request_hash) = request_hash {
            self.known.begin(intent.command_id, request_hash);
        }
        let seq = self.last_sent() + 1;
        for changed in &staged.changed {
            let versioned = Versioned {
                version: changed.version,
                state: changed.state.clone(),
            };
            self.speculative
                .insert(changed.stream.clone(), Speculative { versioned, seq });
        }
        let envelope = Envelope {
            command: intent.command_id,
            request_hash: request_hash.unwrap_or_default(),
            correlation: intent.correlation,
            causation: intent.causation,
            actor: intent.actor,
            traceparent: intent.traceparent,
            ..self.blank(Kind::Commit, seq, staged.touched)
        };
        self.send(envelope, staged.events, actions);
        self.in_flight.push_back(InFlight {
            seq,
            kind: Kind::Commit,
            changed: staged.changed,
            reply: Some(Reply {
                command: intent.command_id,
                request_hash,
                version: staged.version,
                shown: staged.shown,
            }),
            ticket,
            deadline_ms,
            sent_ms: environment.clock_ms,
            delivery: None,
        });
    }

    pub(super) fn send_barrier(&mut self, clock_ms: u64, actions: &mut Vec<Action>) {
        let seq = self.last_sent() + 1;
        let envelope = Envelope {
            actor: OWNER.to_owned(),
            ..self.blank(Kind::Barrier, seq, Vec::new())
        };
        self.send(envelope, Vec::new(), actions);
        self.in_flight.push_back(InFlight {
            seq,
            kind: Kind::Barrier,
            changed: Vec::new(),
            reply: None,
            ticket: None,
            deadline_ms: u64::MAX,
            sent_ms: clock_ms,
            delivery: None,
        });
    }

    fn send(&self, envelope: Envelope, events: Vec<domain::Event>, actions: &mut Vec<Action>) {
        let in_flight = i64::try_from(self.in_flight.len()).unwrap_or(i64::MAX);
        actions.push(Action::Append(Box::new(Proposal {
            expected_offset: self.fold.offset + 1 + in_flight,
            envelope,
            events,
        })));
    }

    /// An own record of which nothing is said but what the fold reads.
    pub(super) fn blank(&self, kind: Kind, seq: u64, streams: Vec<Touched>) -> Envelope {
        Envelope {
            kind,
            term: self.fold.term,
            seq,
            claim: self.serves().unwrap_or_default(),
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

    /// The log did not take the newest commits: it is as if they had never been decided.
    pub(super) fn not_taken(&mut self, from_seq: u64, error: &CommandError, actions: &mut Vec<Action>) {
        if matches!(self.role, Role::Claiming { .. }) {
            self.give_claim_up(actions);
        }
        while self.in_flight.back().is_some_and(|last| last.seq >= from_seq) {
            let Some(undone) = self.in_flight.pop_back() else {
                break;
            };
            if let Some(reply) = &undone.reply {
                self.known.give_up(reply.command);
            }
            answer(undone.ticket, Err(error.clone()), actions);
        }
        self.speculative.clear();
        for in_flight in &self.in_flight {
            for changed in &in_flight.changed {
                let versioned = Versioned {
                    version: changed.version,
                    state: changed.state.clone(),
                };
                let seq = in_flight.seq;
                self.speculative
                    .insert(changed.stream.clone(), Speculative { versioned, seq });
            }
        }
        self.drop_answers_resting_on(from_seq, actions);
    }

    /// What the model check must notice: the caller is told before the commits that his rests on are settled.
    pub(super) fn acknowledge_at_once(&mut self, seq: u64, actions: &mut Vec<Action>) {
        let shard = self.identity.shard;
        let mut in_flight = self.in_flight.iter_mut().filter(|in_flight| in_flight.seq == seq);
        let Some(in_flight) = in_flight.next() else {
            return;
        };
        let Some(Delivery::At { at, .. }) = in_flight.delivery else {
            return;
        };
        if let Some(outcome) = in_flight.outcome(shard, at) {
            answer(in_flight.ticket.take(), Ok(Answer::Done(outcome)), actions);
        }
    }
}
