//! Reading: what others wrote, and own commits that were found before the log told of them.

use std::sync::Arc;

use domain::Decided;
use domain::value::CommandId;
use event_log::{Envelope, Fold, Kind, Record, Verdict};

use super::action::{Action, Changed, Kept};
use super::input::Decoded;
use super::queue::Loading;
use super::{Environment, Machine, Mutant, Role, Versioned};
use crate::error::CommandError;
use crate::request::Outcome;

impl Machine {
    /// Whether the events of this record must be decoded before it is fed: not those of claims, of barriers, and
    /// of own commits in flight, whose states are here.
    #[must_use]
    pub fn needs_events(&self, envelope: &Envelope) -> bool {
        envelope.kind == Kind::Commit && !self.is_oldest_in_flight(envelope)
    }

    fn is_oldest_in_flight(&self, envelope: &Envelope) -> bool {
        self.serves() == Some(envelope.claim) && self.in_flight.front().is_some_and(|oldest| oldest.seq <= envelope.seq)
    }

    pub(super) fn read(
        &mut self,
        record: Arc<Record>,
        decoded: Decoded,
        environment: &Environment<'_>,
        actions: &mut Vec<Action>,
    ) {
        if record.offset <= self.fold.offset || self.halted().is_some() {
            return;
        }
        let mut fold = self.fold.clone();
        match fold.apply(record.offset, &record.envelope) {
            Err(halt) => return self.halt(halt.to_string(), actions),
            Ok(Verdict::Void(_)) if self.mutant == Mutant::VoidIgnored && record.envelope.kind == Kind::Commit => {
                fold.seq = record.envelope.seq;
                self.read_commit(fold, record, decoded, actions);
            }
            Ok(Verdict::Void(_)) => {
                self.adopt(fold, record.at, Vec::new(), None, actions);
                if matches!(self.role, Role::Claiming { claim, .. } if claim == record.envelope.claim) {
                    self.give_claim_up(actions);
                }
            }
            Ok(Verdict::Accepted) => match record.envelope.kind {
                Kind::Claim => self.read_claim(fold, &record, actions),
                Kind::Commit | Kind::Barrier => self.read_commit(fold, record, decoded, actions),
            },
        }
        self.go_on_reading_back(environment.clock_ms, actions);
    }

    fn read_claim(&mut self, fold: Fold, record: &Record, actions: &mut Vec<Action>) {
        let partitions = record.envelope.claimed.as_ref().map(|claimed| claimed.partitions);
        if let Some(found) = partitions.filter(|found| *found != self.identity.partitions) {
            let expected = self.identity.partitions;
            let why = format!("the log was born with {found} partitions for each topic, not {expected}");
            return self.halt(why, actions);
        }
        self.adopt(fold, record.at, Vec::new(), None, actions);
        self.claim_accepted(record.envelope.claim, actions);
    }

    fn read_commit(&mut self, fold: Fold, record: Arc<Record>, decoded: Decoded, actions: &mut Vec<Action>) {
        if self.is_oldest_in_flight(&record.envelope) {
            return self.commit_oldest(fold, record.at, actions);
        }
        if self.serves().is_some() {
            self.step_down(&CommandError::OutcomeUnknown, actions);
        }
        if matches!(decoded, Decoded::Skipped) && self.needs_events(&record.envelope) {
            return actions.push(Action::ReadBack { from: record.offset });
        }
        let mut missing = Vec::new();
        for touched in &record.envelope.streams {
            if self.hot.peek(&touched.stream).is_none() && !missing.contains(&touched.stream) {
                missing.push(touched.stream.clone());
            }
        }
        if !missing.is_empty() {
            return self.ask_for(Loading::Fold(record, decoded), missing, None, actions);
        }
        match self.changes(&record, &decoded) {
            Ok(changed) => self.fold_commit(fold, &record, changed, actions),
            Err(why) => self.halt(why, actions),
        }
    }

    /// What the events of a commit make of the streams that it touched; parked, when they cannot be read.
    fn changes(&self, record: &Record, decoded: &Decoded) -> Result<Vec<Changed>, String> {
        let mut changes: Vec<Changed> = Vec::new();
        for touched in &record.envelope.streams {
            let (stream, said, events) = (&touched.stream, touched.version, u64::from(touched.events));
            let before = changes.iter_mut().find(|changed| changed.stream == *stream);
            let version = match &before {
                Some(changed) => changed.version,
                None => self.hot.peek(stream).map_or(0, |known| known.version),
            };
            if version + events != said && self.mutant != Mutant::VoidIgnored {
                let (offset, version) = (record.offset, version + events);
                return Err(format!(
                    "{stream} would have version {version}, but offset {offset} says {said}"
                ));
            }
            match before {
                Some(changed) => changed.version = said,
                None if events == 0 => {}
                None => changes.push(Changed {
                    stream: stream.clone(),
                    version: said,
                    state: self.hot.peek(stream).and_then(|known| known.state.clone()),
                }),
            }
        }
        let Some(events) = decoded.events() else {
            changes.iter_mut().for_each(|changed| changed.state = None);
            return Ok(changes);
        };
        for Decided { stream, event } in events {
            let changed = changes.iter_mut().find(|changed| changed.stream == *stream);
            if let Some(state) = changed.and_then(|changed| changed.state.as_mut()) {
                Arc::make_mut(state).evolve(event);
            }
        }
        Ok(changes)
    }

    fn fold_commit(&mut self, fold: Fold, record: &Record, changed: Vec<Changed>, actions: &mut Vec<Action>) {
        let seq = record.envelope.seq;
        for changed in &changed {
            let versioned = Versioned {
                version: changed.version,
                state: changed.state.clone(),
            };
            self.hot.committed(changed.stream.clone(), versioned, seq);
        }
        let kept = self.kept(record, &changed);
        if let Some(kept) = &kept {
            self.known.answer(kept.clone(), seq);
        }
        self.adopt(fold, record.at, changed, kept, actions);
    }

    /// Streams that were parked are none any more.
    pub(super) fn unparked(&mut self, changed: Vec<Changed>, actions: &mut Vec<Action>) {
        if changed.is_empty() {
            return;
        }
        for changed in &changed {
            let versioned = Versioned {
                version: changed.version,
                state: changed.state.clone(),
            };
            self.note_due(&changed.stream, &versioned);
            self.hot.committed(changed.stream.clone(), versioned, self.fold.seq);
        }
        self.adopt(self.fold.clone(), self.at, changed, None, actions);
    }

    /// The answer that the commit's caller got, or will get on asking again.
    fn kept(&self, record: &Record, changed: &[Changed]) -> Option<Kept> {
        let Envelope {
            command,
            request_hash,
            streams,
            seq,
            ..
        } = &record.envelope;
        let first = &streams.first()?.stream;
        if *request_hash == [0; 32] {
            return None;
        }
        let after = self.hot.peek(first)?;
        let outcome = Outcome {
            shard: self.identity.shard,
            seq: *seq,
            at: record.at.max(self.at),
            replayed: false,
            streams: changed
                .iter()
                .map(|changed| (changed.stream.clone(), changed.version))
                .collect(),
            version: after.version,
            state: after.state.clone().filter(|_| Outcome::shows_state_of(first)),
        };
        Some(Kept {
            command: CommandId(command.0),
            request_hash: *request_hash,
            outcome: Arc::new(outcome),
        })
    }
}
