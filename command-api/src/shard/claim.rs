//! Claims: how a machine comes to own its shard. A term belongs to one claim in one process lifetime.

use domain::value::CommandId;
use event_log::{Claim, Delivery, Envelope, Kind, Verdict};
use uuid::Uuid;

use super::action::{Action, Proposal, Standing};
use super::in_flight::OWNER;
use super::{Environment, Machine, Mutant, Role};
use crate::limits::CLAIM_MS_MAX;

impl Machine {
    /// Asks for the next term. Whether it gets it is the fold's to say.
    pub(super) fn claim_wanted(
        &mut self,
        claim: Uuid,
        log: Uuid,
        environment: &Environment<'_>,
        actions: &mut Vec<Action>,
    ) {
        if self.role != Role::Following || self.stopping || self.loading.is_some() {
            return;
        }
        if let (Mutant::OldTermResumed, Some(own)) = (self.mutant, self.fold.owner)
            && self.own_claims.contains(&own)
        {
            self.role = Role::Serving { claim: own };
            return;
        }
        let log = self.fold.log.unwrap_or(log);
        let envelope = self.claim_envelope(claim, log);
        actions.push(Action::Append(Box::new(Proposal {
            expected_offset: self.fold.offset + 1,
            envelope,
            events: Vec::new(),
        })));
        self.role = Role::Claiming {
            claim,
            log,
            deadline_ms: environment.clock_ms + CLAIM_MS_MAX,
        };
    }

    fn claim_envelope(&self, claim: Uuid, log: Uuid) -> Envelope {
        Envelope {
            kind: Kind::Claim,
            term: self.fold.term + 1,
            seq: 0,
            claim,
            command: CommandId(claim),
            request_hash: [0; 32],
            correlation: claim,
            causation: claim,
            actor: OWNER.to_owned(),
            traceparent: String::new(),
            streams: Vec::new(),
            claimed: Some(Claim {
                log,
                partitions: self.identity.partitions,
                node: self.identity.node.clone(),
                url: self.identity.url.clone(),
            }),
        }
    }

    /// The log tells where the claim lies. Right behind what was read, it is read by that.
    pub(super) fn claim_delivered(&mut self, delivery: &Delivery, actions: &mut Vec<Action>) {
        let Role::Claiming { claim, log, .. } = self.role else {
            return;
        };
        match delivery {
            Delivery::At { offset, at } if *offset == self.fold.offset + 1 => {
                let envelope = self.claim_envelope(claim, log);
                let mut fold = self.fold.clone();
                match fold.apply(*offset, &envelope) {
                    Ok(Verdict::Accepted) => {
                        self.adopt(fold, *at, Vec::new(), None, actions);
                        self.begin_term(claim, actions);
                    }
                    Ok(Verdict::Void(_)) => self.give_claim_up(actions),
                    Err(halt) => self.halt(halt.to_string(), actions),
                }
            }
            Delivery::At { .. } | Delivery::Unknown(_) => actions.push(Action::ReadBack {
                from: self.fold.offset + 1,
            }),
            Delivery::Refused(_) => self.give_claim_up(actions),
        }
    }

    /// The fold accepted a claim, whoever's.
    pub(super) fn claim_accepted(&mut self, accepted: Uuid, actions: &mut Vec<Action>) {
        match self.role {
            Role::Claiming { claim, .. } if claim == accepted => self.begin_term(claim, actions),
            Role::Claiming { .. } => self.give_claim_up(actions),
            // What was not accepted before another claim never will be.
            Role::Serving { .. } => self.step_down(&crate::CommandError::NotExecuted, actions),
            Role::Following | Role::Halted(_) => {}
        }
    }

    fn begin_term(&mut self, claim: Uuid, actions: &mut Vec<Action>) {
        self.role = Role::Serving { claim };
        if self.mutant == Mutant::OldTermResumed {
            self.own_claims.push(claim);
        }
        actions.push(Action::Announce(Standing::Serving { term: self.fold.term }));
    }

    /// This claim is never used again.
    pub(super) fn give_claim_up(&mut self, actions: &mut Vec<Action>) {
        self.role = Role::Following;
        actions.push(Action::Announce(Standing::Following));
    }

    pub(super) fn tick_claim(&mut self, clock_ms: u64, actions: &mut Vec<Action>) {
        let Role::Claiming { deadline_ms, .. } = self.role else {
            return;
        };
        if deadline_ms <= clock_ms {
            return self.give_claim_up(actions);
        }
        actions.push(Action::ReadBack {
            from: self.fold.offset + 1,
        });
    }
}
