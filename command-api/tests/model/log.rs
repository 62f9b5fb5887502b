//! A log like Kafka's, reduced to what it can do to a writer.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use bytes::Bytes;
use command_api::shard::{Proposal, Versioned};
use domain::value::Timestamp;
use domain::{Decided, Event};
use event_log::{Envelope, Fold, Halt, Kind, Record, Verdict};
use uuid::Uuid;

use crate::fingerprint::{Untold, fingerprint};
use crate::script;

/// When the log took its first record; each later one is a millisecond younger.
pub(crate) const BEGINNING: Timestamp = Timestamp(1_750_000_000_000);

/// Something that was handed to the log, and what may still come of it.
#[derive(Clone, Hash)]
pub(crate) struct Sent {
    /// Stands for the envelope and the events.
    pub(crate) fingerprint: u64,
    /// The node that has heard nothing of it yet.
    pub(crate) awaited_by: Option<usize>,
    /// Where its last copy lies.
    pub(crate) landed: Option<i64>,
    pub(crate) what: Untold<Arc<Proposal>>,
}

impl Sent {
    pub(crate) fn envelope(&self) -> &Envelope {
        &self.what.0.envelope
    }
}

/// A record of the log and the truth after it, told by the fold and the pure domain alone.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) record: Arc<Record>,
    pub(crate) events: Vec<Decided>,
    pub(crate) verdict: Result<Verdict, Halt>,
    pub(crate) fold: Fold,
    pub(crate) item: Versioned,
}

impl Entry {
    /// Whether it is what became of a caller's commands.
    pub(crate) fn is_accepted(&self) -> bool {
        self.verdict == Ok(Verdict::Accepted)
    }
}

/// The log and what is on its way to it.
#[derive(Clone, Default)]
pub(crate) struct Log {
    entries: Arc<Vec<Entry>>,
    pub(crate) sent: Vec<Sent>,
    fingerprint: u64,
}

/// The entries tell everything that they are made of; their fingerprint stands for them.
impl Hash for Log {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        (self.fingerprint, &self.sent).hash(hasher);
    }
}

impl Log {
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The record at an offset.
    pub(crate) fn entry(&self, offset: i64) -> Option<&Entry> {
        self.entries.get(usize::try_from(offset).ok()?)
    }

    /// What every reader must make of the log up to this offset.
    pub(crate) fn fold_at(&self, offset: i64) -> Fold {
        self.entry(offset)
            .map_or_else(Fold::default, |entry| entry.fold.clone())
    }

    pub(crate) fn fold(&self) -> Fold {
        self.entries.last().map_or_else(Fold::default, |last| last.fold.clone())
    }

    /// The commit or barrier that was accepted under this number.
    pub(crate) fn accepted(&self, seq: u64) -> Option<&Entry> {
        let is_it = |entry: &&Entry| entry.is_accepted() && entry.record.envelope.kind != Kind::Claim;
        self.entries.iter().filter(is_it).find(|entry| entry.fold.seq == seq)
    }

    /// The commits that happened, barriers left out.
    pub(crate) fn commits(&self) -> impl Iterator<Item = &Entry> {
        let is_it = |entry: &&Entry| entry.is_accepted() && entry.record.envelope.kind == Kind::Commit;
        self.entries.iter().filter(is_it)
    }

    /// The stock item after the accepted commit `seq`.
    pub(crate) fn item_after(&self, seq: u64) -> Versioned {
        self.accepted(seq)
            .map_or_else(|| Versioned::initial(&script::item()), |entry| entry.item.clone())
    }

    /// Takes something over, to be written or not.
    pub(crate) fn send(&mut self, node: usize, proposal: Proposal) {
        self.sent.push(Sent {
            fingerprint: fingerprint(&(&proposal.envelope, &proposal.events)),
            awaited_by: Some(node),
            landed: None,
            what: Untold(Arc::new(proposal)),
        });
    }

    /// One copy of what was sent comes to lie at the end of the log.
    pub(crate) fn land(&mut self, index: usize) {
        let offset = self.end();
        let sent = &mut self.sent[index];
        sent.landed = Some(offset);
        self.fingerprint = fingerprint(&(self.fingerprint, sent.fingerprint));
        let Proposal { envelope, events, .. } = &*sent.what.0;
        let (mut fold, mut item) = match self.entries.last() {
            Some(last) => (last.fold.clone(), last.item.clone()),
            None => (Fold::default(), Versioned::initial(&script::item())),
        };
        let verdict = fold.apply(offset, envelope);
        let events = by_stream(envelope, events);
        if verdict == Ok(Verdict::Accepted) {
            for Decided { event, .. } in &events {
                item.version += 1;
                item.state
                    .iter_mut()
                    .for_each(|state| Arc::make_mut(state).evolve(event));
            }
        }
        let record = Record {
            shard: script::shard(),
            offset,
            at: Timestamp(BEGINNING.0 + offset),
            envelope: envelope.clone(),
            payload: Bytes::new(),
        };
        Arc::make_mut(&mut self.entries).push(Entry {
            record: Arc::new(record),
            events,
            verdict,
            fold,
            item,
        });
    }

    /// Nobody hears of these any more.
    pub(crate) fn hang_up(&mut self, node: usize, is_over: impl Fn(&Sent) -> bool) {
        for sent in self.sent.iter_mut().filter(|sent| sent.awaited_by == Some(node)) {
            if is_over(sent) {
                sent.awaited_by = None;
            }
        }
    }

    /// Forgets what nothing can come of any more, and lays the rest in an order that does not tell how it came.
    pub(crate) fn tidy(&mut self, may_double: bool) {
        self.sent
            .retain(|sent| sent.landed.is_none() || sent.awaited_by.is_some() || may_double);
        self.sent
            .sort_by_key(|sent| (sent.fingerprint, sent.landed, sent.awaited_by));
    }

    pub(crate) fn end(&self) -> i64 {
        i64::try_from(self.entries.len()).unwrap_or(i64::MAX)
    }

    /// Whether the terms of more than one claim hold commits.
    pub(crate) fn owners(&self) -> usize {
        let mut owners: Vec<Uuid> = self.commits().map(|entry| entry.record.envelope.claim).collect();
        owners.dedup();
        owners.len()
    }
}

/// The events of a record, each with its stream.
fn by_stream(envelope: &Envelope, events: &[Event]) -> Vec<Decided> {
    let streams = envelope.streams.iter().flat_map(|touched| {
        let events = usize::try_from(touched.events).unwrap_or(usize::MAX);
        std::iter::repeat_n(&touched.stream, events)
    });
    streams
        .zip(events)
        .map(|(stream, event)| Decided {
            stream: stream.clone(),
            event: event.clone(),
        })
        .collect()
}
