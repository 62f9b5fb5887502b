//! What is outstanding, and when it is to be sent (again). Without IO and without a clock of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use command_api::Process;
use domain::sales::checkout::Outstanding;
use domain::stream::StreamId;
use domain::value::CommandId;
use tokio::time::Instant;

use super::sending::{Sent, Verdict};

/// What is waited before the first repeat; each further one waits twice as long.
const REPEAT_MS_MIN: u64 = 50;
/// What is waited at most between two repeats.
const REPEAT_MS_MAX: u64 = 30_000;
/// How long a process may take to notice an answer that is in the log, before its sending is repeated.
const NOTICE: Duration = Duration::from_secs(2);
/// How long a sending may be under way before it counts as lost and is repeated.
const UNDER_WAY_MAX: Duration = Duration::from_secs(15);

/// What the processes served here have to send.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    processes: BTreeMap<StreamId, Tracked>,
    /// When each sending is due, the next one first.
    agenda: BTreeSet<(Instant, StreamId, CommandId)>,
}

#[derive(Debug)]
struct Tracked {
    version: u64,
    sendings: BTreeMap<CommandId, Sending>,
}

#[derive(Debug)]
struct Sending {
    outstanding: Outstanding,
    repeats: u32,
    due: Instant,
}

impl Outbox {
    /// A process went on: what it still has to send keeps its time, what is new is due at once.
    pub(super) fn learn(&mut self, process: &Process, now: Instant) {
        let stream = &process.stream;
        if self
            .processes
            .get(stream)
            .is_some_and(|known| known.version >= process.version)
        {
            return;
        }
        let mut before = self.forget(stream);
        let mut sendings = BTreeMap::new();
        for outstanding in process.state.outstanding(stream) {
            let id = outstanding.id;
            let sending = before.remove(&id).unwrap_or(Sending {
                outstanding,
                repeats: 0,
                due: now,
            });
            self.agenda.insert((sending.due, stream.clone(), id));
            sendings.insert(id, sending);
        }
        if !sendings.is_empty() {
            let version = process.version;
            self.processes.insert(stream.clone(), Tracked { version, sendings });
        }
    }

    /// These are all processes that have something to send: others are finished, or served elsewhere.
    pub(super) fn replace(&mut self, unfinished: &[Process], now: Instant) {
        let kept: BTreeSet<&StreamId> = unfinished.iter().map(|process| &process.stream).collect();
        let known = self.processes.keys();
        let gone: Vec<StreamId> = known.filter(|stream| !kept.contains(stream)).cloned().collect();
        for stream in gone {
            self.forget(&stream);
        }
        for process in unfinished {
            self.learn(process, now);
        }
    }

    fn forget(&mut self, stream: &StreamId) -> BTreeMap<CommandId, Sending> {
        let sendings = self
            .processes
            .remove(stream)
            .map(|known| known.sendings)
            .unwrap_or_default();
        for (id, sending) in &sendings {
            self.agenda.remove(&(sending.due, stream.clone(), *id));
        }
        sendings
    }

    /// What is to be sent now, at most so many.
    pub(super) fn take_due(&mut self, now: Instant, room: usize) -> Vec<Outstanding> {
        let due = self.agenda.iter().take_while(|(due, ..)| *due <= now).take(room);
        let due: Vec<_> = due.cloned().collect();
        due.iter()
            .filter_map(|(_, stream, id)| {
                let sending = self.postpone(stream, *id, now + UNDER_WAY_MAX)?;
                Some(sending.outstanding.clone())
            })
            .collect()
    }

    /// When something is to be sent next.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.agenda.first().map(|(due, ..)| *due)
    }

    /// A sending came back. What is recorded leaves with the next change of its process; the rest is repeated.
    pub(super) fn settle(&mut self, sent: &Sent, now: Instant) {
        let Some(sending) = self.postpone(&sent.stream, sent.id, now + NOTICE) else {
            return;
        };
        if sent.verdict == Verdict::Again {
            sending.repeats = sending.repeats.saturating_add(1);
            let due = now + repeat_after(sending.repeats);
            self.postpone(&sent.stream, sent.id, due);
        }
    }

    fn postpone(&mut self, stream: &StreamId, id: CommandId, due: Instant) -> Option<&mut Sending> {
        let sending = self.processes.get_mut(stream)?.sendings.get_mut(&id)?;
        self.agenda.remove(&(sending.due, stream.clone(), id));
        self.agenda.insert((due, stream.clone(), id));
        sending.due = due;
        Some(sending)
    }
}

/// 50 ms, 100 ms, 200 ms, … 30 s.
fn repeat_after(repeats: u32) -> Duration {
    let doublings = repeats.saturating_sub(1).min(REPEAT_MS_MAX.ilog2());
    Duration::from_millis((REPEAT_MS_MIN << doublings).min(REPEAT_MS_MAX))
}

#[cfg(test)]
mod tests;
