//! Performing a machine's actions.

use domain::stream::StreamId;
use event_log::follower::decode_commit;
use event_log::{Append, Kind, LogError, Record};

use super::cell::{Cell, Inner};
use super::{Runner, wall_clock};
use crate::error::CommandError;
use crate::limits::{BATCH_BYTES_MAX, BATCH_COMMITS_MAX, DUE_STREAMS_MAX};
use crate::planted;
use crate::shard::{Action, Committed, Decoded, Environment, Input, Proposal, Standing};

/// Most records that a read back asks for at once.
const READ_RECORDS_MAX: usize = 512;
/// Most bytes that a read back asks for at once.
const READ_BYTES_MAX: usize = 4 * 1024 * 1024;

/// What is to be fed back, in this order.
#[derive(Default)]
struct FollowUps {
    load: Option<Action>,
    others: Vec<Action>,
}

/// What is to be handed to the log.
#[derive(Default)]
pub(super) struct Outbox {
    pub(super) appends: Vec<Append>,
    bytes: usize,
    /// The first commit that could not be encoded; none of the later ones can be sent.
    failed: Option<(u64, CommandError)>,
}

impl Runner {
    /// Feeds a machine and performs what it asks for, until it asks for nothing.
    pub(super) fn drive(&self, cell: &Cell, inner: &mut Inner, input: Input) {
        let mut outbox = Outbox::default();
        let follow_ups = self.step(cell, inner, input, &mut outbox);
        self.hand_over(cell, inner, outbox);
        self.follow_up(cell, inner, follow_ups);
    }

    /// Feeds a machine whose appends somebody else hands over.
    pub(super) fn drive_into(&self, cell: &Cell, inner: &mut Inner, input: Input, outbox: &mut Outbox) {
        let follow_ups = self.step(cell, inner, input, outbox);
        self.follow_up(cell, inner, follow_ups);
    }

    fn step(&self, cell: &Cell, inner: &mut Inner, input: Input, outbox: &mut Outbox) -> FollowUps {
        let mut actions = std::mem::take(&mut inner.actions);
        {
            let reference = self.reference.read();
            let environment = Environment {
                now: wall_clock(),
                clock_ms: self.clock_ms(),
                reference: &*reference,
                written: cell.written.seq(),
            };
            inner.machine.step(input, &environment, &mut actions);
        }
        let mut follow_ups = FollowUps::default();
        for action in actions.drain(..) {
            match action {
                Action::Append(proposal) => self.post(cell, *proposal, outbox),
                Action::Answer(ticket, answer) => inner.callers.answer(ticket, answer),
                Action::Committed(committed) => self.publish(cell, inner, *committed),
                Action::Announce(standing) => self.announce(cell, inner, standing),
                Action::Load { .. } => follow_ups.load = Some(action),
                Action::ReadBack { .. } | Action::LoadDue { .. } | Action::ConfirmOwnership { .. } => {
                    follow_ups.others.push(action);
                }
            }
        }
        inner.actions = actions;
        follow_ups
    }

    fn follow_up(&self, cell: &Cell, inner: &mut Inner, follow_ups: FollowUps) {
        // What is loaded goes on before anything else is heard.
        for action in follow_ups.load.into_iter().chain(follow_ups.others) {
            match action {
                Action::Load { streams, command } => {
                    let input = match self.state_db.load(cell.shard, streams, command) {
                        Ok(loaded) => Input::Loaded(loaded),
                        Err(error) => Input::Broken(error.to_string()),
                    };
                    self.drive(cell, inner, input);
                }
                Action::LoadDue { until } => match self.state_db.due(cell.shard, until, DUE_STREAMS_MAX) {
                    Ok(streams) => {
                        let is_all = streams.len() < DUE_STREAMS_MAX;
                        let until = streams.last().filter(|_| !is_all).map_or(until, |(at, _)| *at);
                        self.drive(cell, inner, Input::DueLoaded { streams, until });
                    }
                    Err(error) => self.drive(cell, inner, Input::Broken(error.to_string())),
                },
                Action::ConfirmOwnership { claim } => {
                    let owned = self.log.owns(cell.shard, claim);
                    self.drive(cell, inner, Input::Ownership(owned));
                }
                // Whoever follows the log is told of every record as soon as it can be read.
                Action::ReadBack { .. } if self.has_rivals => {}
                Action::ReadBack { from } => self.read_back(cell, inner, from),
                _ => {}
            }
        }
    }

    /// Encodes a record for the log.
    fn post(&self, cell: &Cell, proposal: Proposal, outbox: &mut Outbox) {
        fail::fail_point!("decided", |_| std::process::abort());
        if outbox.failed.is_some() {
            return;
        }
        let payload = if proposal.events.is_empty() {
            Ok(bytes::Bytes::new())
        } else {
            self.codec.encode(cell.shard.topic, &proposal.events)
        };
        match payload {
            Ok(payload) => {
                outbox.bytes += payload.len();
                outbox.appends.reserve_exact(1);
                outbox.appends.push(Append {
                    shard: cell.shard,
                    expected_offset: proposal.expected_offset,
                    envelope: proposal.envelope,
                    payload,
                });
            }
            Err(error) => outbox.failed = Some((proposal.envelope.seq, error)),
        }
    }

    fn hand_over(&self, cell: &Cell, inner: &mut Inner, outbox: Outbox) {
        if outbox.appends.is_empty() && outbox.failed.is_none() {
            return;
        }
        fail::fail_point!("enqueued", |_| std::process::abort());
        let mut failed = outbox.failed;
        let is_small = outbox.bytes <= BATCH_BYTES_MAX && outbox.appends.len() <= BATCH_COMMITS_MAX;
        let batches = if is_small {
            vec![outbox.appends]
        } else {
            in_batches(outbox.appends)
        };
        for batch in batches {
            let Some(first) = batch.first() else {
                continue;
            };
            let seq = first.envelope.seq;
            if let Err(error) = self.log.append(batch) {
                failed = Some((seq, not_taken(&error)));
                break;
            }
        }
        fail::fail_point!("sent-not-acked", |_| std::process::abort());
        if let Some((from_seq, error)) = failed {
            self.drive(cell, inner, Input::NotTaken { from_seq, error });
        }
    }

    fn publish(&self, cell: &Cell, inner: &mut Inner, committed: Committed) {
        let seq = committed.fold.seq;
        self.reference.take_in(cell.shard, seq, &committed.changed);
        for changed in &committed.changed {
            if !inner.watched.is_empty()
                && let Some(watch) = inner.watched.get(&changed.stream)
            {
                watch.notify_waiters();
            }
            if matches!(changed.stream, StreamId::Checkout(_)) {
                self.publish_process(cell, inner, changed);
            }
        }
        self.state_db.keep(cell.shard, committed);
    }

    fn announce(&self, cell: &Cell, inner: &mut Inner, standing: Standing) {
        match &standing {
            Standing::Serving { term } => {
                tracing::debug!(shard = %cell.shard, term, "serving");
                inner.claims.succeeded();
                if planted::resumes_no_process() {
                    inner.unfinished.clear();
                }
                self.publish_unfinished(cell, inner);
            }
            Standing::Following => {
                tracing::info!(shard = %cell.shard, "no longer serving, or the claim was lost");
                inner.claims.back_off();
            }
            Standing::Halted(why) => tracing::error!(shard = %cell.shard, why, "halted: an operator must look"),
        }
        inner.standing = standing;
        inner.watched.values().for_each(|watch| watch.notify_waiters());
        self.standing_changed.notify_waiters();
    }

    /// Feeds what is in the log from an offset on.
    fn read_back(&self, cell: &Cell, inner: &mut Inner, from: i64) {
        let mut next = from;
        loop {
            let records = match self.log.read_known(cell.shard, next, READ_RECORDS_MAX, READ_BYTES_MAX) {
                Ok(records) => records,
                Err(LogError::Damaged { why, .. }) => return self.drive(cell, inner, Input::Broken(why)),
                Err(error) => {
                    tracing::warn!(shard = %cell.shard, %error, "the log cannot be read for now");
                    return;
                }
            };
            let Some(last) = records.last() else {
                return;
            };
            next = last.offset + 1;
            for record in records {
                if inner.machine.needs_events(&record.envelope) && !self.codec.is_ready(&record.payload) {
                    // The follower asks for what is missing; this thread must not wait for it.
                    tracing::warn!(shard = %cell.shard, offset = record.offset, "a schema is not known yet");
                    return;
                }
                let decoded = self.decoded(inner, &record);
                self.drive(cell, inner, Input::Read(record, decoded));
            }
        }
    }

    fn decoded(&self, inner: &Inner, record: &Record) -> Decoded {
        if record.envelope.kind != Kind::Commit || !inner.machine.needs_events(&record.envelope) {
            return Decoded::Skipped;
        }
        match decode_commit(self.codec.as_ref(), record) {
            Ok(events) => Decoded::Events(events),
            Err(error) => Decoded::Undecodable(error.to_string()),
        }
    }
}

fn in_batches(appends: Vec<Append>) -> Vec<Vec<Append>> {
    let mut batches: Vec<Vec<Append>> = Vec::new();
    let mut bytes = usize::MAX;
    for append in appends {
        let size = append.payload.len();
        match batches.last_mut() {
            Some(batch) if bytes + size <= BATCH_BYTES_MAX && batch.len() < BATCH_COMMITS_MAX => {
                bytes += size;
                batch.push(append);
            }
            _ => {
                bytes = size;
                batches.push(vec![append]);
            }
        }
    }
    batches
}

/// What the caller is told of an append that the log did not take.
pub(super) fn not_taken(error: &LogError) -> CommandError {
    match error {
        LogError::QueueFull => CommandError::Busy,
        LogError::Unstorable(_) => CommandError::TooLarge,
        LogError::Unavailable(_) | LogError::Damaged { .. } => {
            tracing::warn!(%error, "the log takes nothing for now");
            CommandError::NotExecuted
        }
    }
}
