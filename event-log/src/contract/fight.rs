//! Two writers fight over one shard, each by the rules of the protocol; then the log is asked what happened.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use domain::stream::Shard;
use domain::value::CommandId;
use uuid::Uuid;

use super::{Open, PATIENCE, claim_of, commit_of, read_all};
use crate::envelope::Kind;
use crate::fold::{Fold, Verdict};
use crate::memory::{Faults, Scheduler};
use crate::port::{Append, Delivered, Delivery, EventLog, LogError};

/// Commits that a writer has on their way at most.
const WINDOW: usize = 3;

/// A commit that happened.
pub type Accepted = (u64, CommandId);

/// One writer: claims, appends, and believes only what the rules let it believe.
struct Writer {
    shard: Shard,
    fold: Fold,
    /// Offsets of accepted records.
    accepted: BTreeSet<i64>,
    claim: Option<Uuid>,
    /// The term that the claim opened; it belongs to this claim alone, whatever is read later.
    term: u64,
    is_serving: bool,
    next_seq: u64,
    next_offset: i64,
    /// Commits that are not answered, by number: where each must come to lie, and its command.
    in_flight: BTreeMap<u64, (i64, CommandId)>,
    /// Answers that came before those of earlier commits.
    waiting: BTreeMap<u64, Delivery>,
    /// Records that the log took from it.
    appended: usize,
}

impl Writer {
    fn new(shard: Shard) -> Self {
        Self {
            shard,
            fold: Fold::default(),
            accepted: BTreeSet::new(),
            claim: None,
            term: 0,
            is_serving: false,
            next_seq: 0,
            next_offset: 0,
            in_flight: BTreeMap::new(),
            waiting: BTreeMap::new(),
            appended: 0,
        }
    }

    fn read_on(&mut self, log: &dyn EventLog) {
        let records = log.read(self.shard, self.fold.next(), 1_000, usize::MAX);
        for record in unless_retryable(records).unwrap_or_default() {
            let verdict = self.fold.apply(record.offset, &record.envelope);
            if verdict.expect("the log is intact") == Verdict::Accepted {
                self.accepted.insert(record.offset);
            }
        }
    }

    fn is_waiting(&self) -> bool {
        self.claim.is_some() && !(self.is_serving && self.in_flight.is_empty())
    }

    fn step_down(&mut self) {
        self.claim = None;
        self.is_serving = false;
        self.in_flight.clear();
        self.waiting.clear();
    }

    fn take_over(&mut self, log: &dyn EventLog) {
        self.step_down();
        self.read_on(log);
        let claim = Uuid::new_v4();
        self.term = self.fold.term + 1;
        let taken = log.append(vec![claim_of(self.shard, self.term, claim)]);
        if unless_retryable(taken).is_none() {
            return;
        }
        self.appended += 1;
        self.claim = Some(claim);
    }

    fn commit(&mut self, log: &dyn EventLog) {
        let Some(claim) = self.claim.filter(|_| self.is_serving && self.in_flight.len() < WINDOW) else {
            return;
        };
        let seq = self.next_seq + 1;
        let append: Append = commit_of(self.shard, self.term, claim, seq, self.next_offset, &[1]);
        let command = append.envelope.command;
        if unless_retryable(log.append(vec![append])).is_none() {
            return;
        }
        self.in_flight.insert(seq, (self.next_offset, command));
        self.next_seq = seq;
        self.next_offset += 1;
        self.appended += 1;
    }

    /// Takes an answer in; the commits that are acknowledged by it.
    fn hear(&mut self, log: &dyn EventLog, delivered: Delivered) -> Vec<Accepted> {
        if self.claim != Some(delivered.claim) {
            return Vec::new();
        }
        if delivered.seq == 0 {
            self.hear_of_claim(log, &delivered.delivery);
            return Vec::new();
        }
        self.waiting.insert(delivered.seq, delivered.delivery);
        let mut acknowledged = Vec::new();
        while let Some((&seq, &(expected, command))) = self.in_flight.first_key_value() {
            let Some(delivery) = self.waiting.remove(&seq) else {
                break;
            };
            let (happened, goes_on) = match delivery {
                Delivery::At { offset, .. } if offset == expected => (true, true),
                Delivery::At { offset, .. } => (self.read_back(log, offset), false),
                Delivery::Refused(_) | Delivery::Unknown(_) => (false, false),
            };
            if happened {
                acknowledged.push((seq, command));
            }
            if !goes_on {
                self.step_down();
                break;
            }
            self.in_flight.remove(&seq);
        }
        acknowledged
    }

    fn hear_of_claim(&mut self, log: &dyn EventLog, delivery: &Delivery) {
        self.read_on(log);
        let is_owner = self.claim.is_some() && self.fold.owner == self.claim;
        if !(matches!(delivery, Delivery::At { .. }) && is_owner) {
            self.step_down();
            return;
        }
        self.is_serving = true;
        self.next_seq = self.fold.seq;
        self.next_offset = self.fold.next();
    }

    fn read_back(&mut self, log: &dyn EventLog, offset: i64) -> bool {
        self.read_on(log);
        self.accepted.contains(&offset)
    }
}

/// None for now, when the log is not available; that is a move lost.
fn unless_retryable<T>(result: Result<T, LogError>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(error) if error.is_retryable() => None,
        Err(error) => panic!("the log fails for good: {error}"),
    }
}

/// Plays so many moves, chosen by `seed`, with `between` after each, until everything is answered; the commits
/// that were acknowledged.
pub fn fight(open: &mut Open, shard: Shard, seed: u64, moves: u32, between: &mut dyn FnMut()) -> Vec<Accepted> {
    fight_over(&mut [open], shard, seed, moves, between)
}

/// As [`fight`], each writer with a handle of the log of its own, if there are two.
pub fn fight_over(
    opens: &mut [&mut Open],
    shard: Shard,
    seed: u64,
    moves: u32,
    between: &mut dyn FnMut(),
) -> Vec<Accepted> {
    let mut chance = Scheduler::new(seed, Faults::default());
    let mut writers = [Writer::new(shard), Writer::new(shard)];
    let mut acknowledged = Vec::new();
    let mut answered = 0;
    for _ in 0..moves {
        let chosen = usize::from(chance.number_below(2) == 1);
        let writer = &mut writers[chosen];
        let open = &*opens[chosen % opens.len()];
        match chance.number_below(10) {
            0 => writer.take_over(open.log.as_ref()),
            1 if writer.claim.is_none() => writer.take_over(open.log.as_ref()),
            2 => writer.read_on(open.log.as_ref()),
            3 | 4 if writer.is_waiting() => wait_for_answer(open, between),
            _ => writer.commit(open.log.as_ref()),
        }
        between();
        answered += hear_all(opens, &mut writers, &mut acknowledged);
    }
    let deadline = Instant::now() + PATIENCE;
    while answered < writers.iter().map(|writer| writer.appended).sum() {
        assert!(Instant::now() < deadline, "not every append was answered in time");
        between();
        answered += hear_all(opens, &mut writers, &mut acknowledged);
    }
    acknowledged
}

/// Tells the writers what has been delivered; how many answers that were.
fn hear_all(opens: &mut [&mut Open], writers: &mut [Writer], acknowledged: &mut Vec<Accepted>) -> usize {
    let mut answered = 0;
    for open in opens {
        while let Ok(group) = open.delivered.try_recv() {
            answered += group.len();
            for delivered in group {
                for writer in &mut *writers {
                    acknowledged.extend(writer.hear(open.log.as_ref(), delivered.clone()));
                }
            }
        }
    }
    answered
}

fn wait_for_answer(open: &Open, between: &mut dyn FnMut()) {
    let deadline = Instant::now() + PATIENCE;
    while open.delivered.is_empty() {
        assert!(Instant::now() < deadline, "no answer came in time");
        between();
    }
}

/// The commits of a shard that happened, in order, by a reader of its own that reads `records_max` at a time.
pub fn fold_all(log: &dyn EventLog, shard: Shard, records_max: usize) -> Vec<Accepted> {
    let mut fold = Fold::default();
    let mut accepted = Vec::new();
    for record in read_all(log, shard, records_max) {
        let verdict = fold.apply(record.offset, &record.envelope).expect("the log is intact");
        if verdict == Verdict::Accepted && record.envelope.kind == Kind::Commit {
            // Whoever claimed the shard has settled what came before: nothing of an earlier owner happens later.
            assert_eq!(
                fold.owner,
                Some(record.envelope.claim),
                "a commit of another than the owner happened"
            );
            accepted.push((record.envelope.seq, record.envelope.command));
        }
    }
    accepted
}

/// Every acknowledged commit happened, once, under its number; numbers have no holes.
pub fn check(acknowledged: &[Accepted], accepted: &[Accepted]) {
    let numbers: Vec<u64> = accepted.iter().map(|(seq, _)| *seq).collect();
    assert_eq!(numbers, (1..=accepted.len() as u64).collect::<Vec<_>>());
    let happened: BTreeSet<Accepted> = accepted.iter().copied().collect();
    assert_eq!(happened.len(), accepted.len());
    for commit in acknowledged {
        assert!(
            happened.contains(commit),
            "{commit:?} was acknowledged and did not happen"
        );
    }
}
