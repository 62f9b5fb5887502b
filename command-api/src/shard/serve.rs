//! Serving: commits are sent without waiting, and believed in the order of their numbers.

use std::sync::Arc;

use domain::value::Timestamp;
use event_log::{Delivered, Delivery, Fold, Verdict};

use super::action::{Action, Answer, Changed, Committed, Kept};
use super::queue::answer;
use super::{Environment, Machine, Mutant, Role, Versioned};
use crate::error::CommandError;
use crate::limits::{DELIVERY_MS_MAX, READ_BACK_MS_MAX};

/// The oldest commit in flight is being looked for in the log.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct ReadBack {
    seq: u64,
    /// Where it lies, if that is known.
    until: Option<i64>,
    deadline_ms: u64,
}

impl Machine {
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
        let mut kept = None;
        if let Some(outcome) = settled.outcome(self.identity.shard, at) {
            kept = settled.keeps().map(|(command, request_hash)| Kept {
                command,
                request_hash,
                outcome: Arc::new(outcome.clone()),
            });
            answer(settled.ticket, Ok(Answer::Done(outcome)), actions);
        }
        if let Some(kept) = &kept {
            self.known.answer(kept.clone(), settled.seq);
        }
        self.adopt(fold, at, settled.changed, kept, actions);
    }

    fn settle_stream(&mut self, changed: &Changed, seq: u64) {
        if self
            .speculative
            .get(&changed.stream)
            .is_some_and(|latest| latest.seq == seq)
        {
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
}
