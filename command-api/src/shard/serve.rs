//! Serving: commits are sent without waiting, and believed in the order of their numbers.

use std::sync::Arc;

use domain::State;
use domain::value::{CommandId, Timestamp};
use event_log::{Delivered, Delivery, Envelope, Fold, Kind, Touched, Verdict};
use uuid::Uuid;

use super::action::{Action, Answer, Changed, Committed, Kept, Proposal, Standing};
use super::decide::Staged;
use super::input::{Intent, Ticket};
use super::queue::{Loading, answer, moving};
use super::{Environment, Machine, Mutant, Role, Versioned};
use crate::error::CommandError;
use crate::limits::{DELIVERY_MS_MAX, READ_BACK_MS_MAX};
use crate::request::Outcome;

/// Who is named as the author of claims and barriers.
pub(super) const OWNER: &str = "process:owner";

/// A stream's state after the commits in flight.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Speculative {
    pub(super) versioned: Versioned,
    /// The commit in flight that changed it last.
    seq: u64,
}

/// An own commit whose fate is not settled.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct InFlight {
    pub(super) seq: u64,
    pub(super) kind: Kind,
    changed: Vec<Changed>,
    /// None in a barrier.
    reply: Option<Reply>,
    ticket: Option<Ticket>,
    deadline_ms: u64,
    sent_ms: u64,
    delivery: Option<Delivery>,
}

/// What will be answered once the log's time is known.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Reply {
    command: CommandId,
    /// Present when the answer is to be kept.
    request_hash: Option<[u8; 32]>,
    version: u64,
    shown: Option<Arc<State>>,
}

/// The oldest commit in flight is being looked for in the log.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct ReadBack {
    seq: u64,
    /// Where it lies, if that is known.
    until: Option<i64>,
    deadline_ms: u64,
}

impl InFlight {
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
    fn blank(&self, kind: Kind, seq: u64, streams: Vec<Touched>) -> Envelope {
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

    pub(super) fn all_delivered(
        &mut self,
        deliveries: Vec<Delivered>,
        environment: &Environment<'_>,
        actions: &mut Vec<Action>,
    ) {
        for delivered in deliveries {
            match &self.role {
                Role::Claiming { claim, .. } if *claim == delivered.claim && delivered.seq == 0 => {
                    self.claim_delivered(&delivered.delivery, actions);
                }
                Role::Serving { claim } if *claim == delivered.claim => {
                    self.delivered(delivered.seq, delivered.delivery, actions);
                }
                _ => {}
            }
        }
        self.advance(environment.clock_ms, actions);
    }

    fn delivered(&mut self, seq: u64, delivery: Delivery, actions: &mut Vec<Action>) {
        let oldest = self.in_flight.front().map_or(0, |oldest| oldest.seq);
        let index = seq.checked_sub(oldest).and_then(|index| usize::try_from(index).ok());
        let Some(in_flight) = index.and_then(|index| self.in_flight.get_mut(index)) else {
            return;
        };
        // A late acknowledgement says more than an error before it.
        if !matches!(in_flight.delivery, Some(Delivery::At { .. })) {
            in_flight.delivery = Some(delivery);
        }
        if self.mutant == Mutant::AcknowledgedOutOfOrder {
            self.acknowledge_at_once(seq, actions);
        }
    }

    /// Settles the oldest commits in flight, as far as it is known what became of them.
    pub(super) fn advance(&mut self, clock_ms: u64, actions: &mut Vec<Action>) {
        loop {
            let Some(oldest) = self.in_flight.front() else {
                return;
            };
            let next_offset = self.fold.offset + 1;
            match &oldest.delivery {
                None => return,
                Some(Delivery::At { offset, at }) if *offset == next_offset => {
                    let (offset, at) = (*offset, *at);
                    let mut fold = self.fold.clone();
                    let record = self.blank(oldest.kind, oldest.seq, Vec::new());
                    if fold.apply(offset, &record) != Ok(Verdict::Accepted) {
                        return self.step_down(&CommandError::OutcomeUnknown, actions);
                    }
                    self.commit_oldest(fold, at, actions);
                }
                Some(Delivery::At { offset, at }) if self.mutant == Mutant::NoReadBack => {
                    let (offset, at, seq) = (*offset, *at, oldest.seq);
                    let mut fold = self.fold.clone();
                    fold.offset = fold.offset.max(offset);
                    fold.seq = seq;
                    self.commit_oldest(fold, at, actions);
                }
                // The fold has passed that place without it: it is void there.
                Some(Delivery::At { offset, .. }) if *offset < next_offset => {
                    return self.step_down(&CommandError::OutcomeUnknown, actions);
                }
                Some(Delivery::At { offset, .. }) => {
                    let until = Some(*offset);
                    return self.read_back(until, clock_ms, actions);
                }
                // Its number stays free in this term, so none of the later ones can happen either.
                Some(Delivery::Refused(_)) => return self.step_down(&CommandError::NotExecuted, actions),
                Some(Delivery::Unknown(_)) => return self.read_back(None, clock_ms, actions),
            }
        }
    }

    fn read_back(&mut self, until: Option<i64>, clock_ms: u64, actions: &mut Vec<Action>) {
        let Some(oldest) = self.in_flight.front() else {
            return;
        };
        let deadline_ms = match &self.read_back {
            Some(running) if running.seq == oldest.seq => running.deadline_ms,
            _ => clock_ms + READ_BACK_MS_MAX,
        };
        let wanted = ReadBack {
            seq: oldest.seq,
            until,
            deadline_ms,
        };
        if self.read_back.as_ref() != Some(&wanted) {
            self.read_back = Some(wanted);
            actions.push(Action::ReadBack {
                from: self.fold.offset + 1,
            });
        }
    }

    /// A record was folded: the one that is looked for may be settled now.
    pub(super) fn go_on_reading_back(&mut self, clock_ms: u64, actions: &mut Vec<Action>) {
        let Some(running) = &self.read_back else {
            return;
        };
        let is_settled = self.in_flight.front().is_none_or(|oldest| oldest.seq != running.seq);
        let is_passed = running.until.is_some_and(|until| until <= self.fold.offset);
        if is_settled || is_passed {
            self.read_back = None;
            self.advance(clock_ms, actions);
        }
    }

    /// The oldest commit in flight happened.
    pub(super) fn commit_oldest(&mut self, fold: Fold, at: Timestamp, actions: &mut Vec<Action>) {
        let Some(settled) = self.in_flight.pop_front() else {
            return;
        };
        let at = at.max(self.at);
        for changed in &settled.changed {
            self.settle_stream(changed, settled.seq);
        }
        let kept = settled.reply.and_then(|reply| {
            let outcome = Outcome {
                shard: self.identity.shard,
                seq: settled.seq,
                at,
                replayed: false,
                streams: settled
                    .changed
                    .iter()
                    .map(|changed| (changed.stream.clone(), changed.version))
                    .collect(),
                version: reply.version,
                state: reply.shown,
            };
            let kept = reply.request_hash.map(|request_hash| Kept {
                command: reply.command,
                request_hash,
                outcome: Arc::new(outcome.clone()),
            });
            answer(settled.ticket, Ok(Answer::Done(outcome)), actions);
            kept
        });
        if let Some(kept) = &kept {
            self.known.answer(kept.clone(), settled.seq);
        }
        self.adopt(fold, at, settled.changed, kept, actions);
    }

    fn settle_stream(&mut self, changed: &Changed, seq: u64) {
        if self.speculative.get(&changed.stream).is_some_and(|latest| latest.seq == seq) {
            self.speculative.remove(&changed.stream);
        }
        let versioned = Versioned {
            version: changed.version,
            state: changed.state.clone(),
        };
        self.note_due(&changed.stream, &versioned);
        self.hot.committed(changed.stream.clone(), versioned, seq);
    }

    /// The log has gone on.
    pub(super) fn adopt(
        &mut self,
        fold: Fold,
        at: Timestamp,
        changed: Vec<Changed>,
        kept: Option<Kept>,
        actions: &mut Vec<Action>,
    ) {
        self.fold = fold;
        self.at = at.max(self.at);
        actions.push(Action::Committed(Box::new(Committed {
            fold: self.fold.clone(),
            at: self.at,
            changed,
            kept,
        })));
    }

    /// Decides nothing more in this term. `fate` is what is known of the commits in flight.
    pub(super) fn step_down(&mut self, fate: &CommandError, actions: &mut Vec<Action>) {
        self.role = Role::Following;
        self.leave_callers(fate, actions);
        actions.push(Action::Announce(Standing::Following));
    }

    /// The log, or what is stored of it, cannot be right: nothing is decided any more, and nothing is guessed.
    pub(super) fn halt(&mut self, why: String, actions: &mut Vec<Action>) {
        if let Some(Loading::Decide(pending)) = self.loading.take() {
            answer(pending.ticket, Err(CommandError::Halted(why.clone())), actions);
        }
        self.role = Role::Halted(why.clone());
        self.leave_callers(&CommandError::OutcomeUnknown, actions);
        actions.push(Action::Announce(Standing::Halted(why)));
    }

    fn leave_callers(&mut self, fate: &CommandError, actions: &mut Vec<Action>) {
        for in_flight in self.in_flight.drain(..) {
            answer(in_flight.ticket, Err(fate.clone()), actions);
        }
        for pending in self.queue.drain(..) {
            answer(pending.ticket, Err(moving()), actions);
        }
        self.drop_answers_resting_on(0, actions);
        self.speculative.clear();
        self.known.give_all_up();
        self.read_back = None;
        self.due.clear();
    }

    pub(super) fn tick_serving(&mut self, clock_ms: u64, actions: &mut Vec<Action>) {
        if let Some(running) = &self.read_back {
            if running.deadline_ms <= clock_ms {
                return self.step_down(&CommandError::OutcomeUnknown, actions);
            }
            actions.push(Action::ReadBack {
                from: self.fold.offset + 1,
            });
        }
        let Some(oldest) = self.in_flight.front_mut() else {
            return;
        };
        if oldest.delivery.is_none() && oldest.sent_ms + DELIVERY_MS_MAX <= clock_ms {
            oldest.delivery = Some(Delivery::Unknown("the log does not tell".to_owned()));
            self.advance(clock_ms, actions);
        }
    }

    /// What the model check must notice: the caller is told before the commits that his rests on are settled.
    fn acknowledge_at_once(&mut self, seq: u64, actions: &mut Vec<Action>) {
        let shard = self.identity.shard;
        let Some(in_flight) = self.in_flight.iter_mut().find(|in_flight| in_flight.seq == seq) else {
            return;
        };
        let Some(Delivery::At { at, .. }) = in_flight.delivery else {
            return;
        };
        if let Some(reply) = &in_flight.reply {
            let outcome = Outcome {
                shard,
                seq,
                at,
                replayed: false,
                streams: in_flight
                    .changed
                    .iter()
                    .map(|changed| (changed.stream.clone(), changed.version))
                    .collect(),
                version: reply.version,
                state: reply.shown.clone(),
            };
            answer(in_flight.ticket.take(), Ok(Answer::Done(outcome)), actions);
        }
    }
}
