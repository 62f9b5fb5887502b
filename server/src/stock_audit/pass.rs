//! One shard of the inventory: its accounts, read from the log, and what they are compared with.
//!
//! First the log is read to its end, then rows, states and owners are asked for, then the log is read to where it ends
//! by now. So all that was said lies between the two ends, and is compared where it was said.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use command_api::Wire;
use domain::stream::{Location, Shard, StreamId};
use domain::value::Sku;
use event_log::EventLog;
use event_log::follower::decode_commit;

use super::account::{Account, Entry};
use crate::history::{HistoryError, Passed, Walk};

/// How long the log of one shard may be read.
const PATIENCE: Duration = Duration::from_secs(600);

/// The accounts of one shard, as far as its log was read.
pub(super) struct Pass {
    log: Arc<dyn EventLog>,
    wire: Arc<Wire>,
    shard: Shard,
    walk: Walk,
    /// Only these; all without.
    wanted: Option<BTreeSet<Sku>>,
    pub(super) accounts: BTreeMap<Sku, Account>,
}

impl Pass {
    pub(super) fn new(log: Arc<dyn EventLog>, wire: Arc<Wire>, shard: Shard, wanted: Option<BTreeSet<Sku>>) -> Self {
        let named = wanted.iter().flatten();
        Self {
            walk: Walk::begin(Arc::clone(&log), shard),
            accounts: named.map(|sku| (sku.clone(), Account::of(sku.clone()))).collect(),
            log,
            wire,
            shard,
            wanted,
        }
    }

    /// The last commit that was read.
    pub(super) fn seq(&self) -> u64 {
        self.walk.seq()
    }

    /// Reads on to where the log ends now. Blocks.
    pub(super) fn read_on(&mut self) -> Result<(), HistoryError> {
        let end = self.log.end(self.shard)?;
        let Self {
            wire,
            wanted,
            accounts,
            walk,
            ..
        } = self;
        walk.to(end, PATIENCE, |passed| {
            if passed.is_commit {
                take(passed, wire, wanted.as_ref(), accounts);
            }
            Ok(ControlFlow::Continue(()))
        })
    }
}

/// Takes a commit in, in the accounts of all SKUs that it is about.
fn take(passed: &Passed<'_>, wire: &Wire, wanted: Option<&BTreeSet<Sku>>, accounts: &mut BTreeMap<Sku, Account>) {
    let record = passed.record;
    let mut versions: BTreeMap<&Sku, BTreeMap<Location, u64>> = BTreeMap::new();
    for touched in &record.envelope.streams {
        let Some((sku, location)) = place_of(&touched.stream) else {
            continue;
        };
        if wanted.is_some_and(|wanted| !wanted.contains(sku)) {
            continue;
        }
        let of_sku = versions.entry(sku).or_default();
        if matches!(touched.stream, StreamId::StockItem(..)) {
            of_sku.insert(location.clone(), touched.version);
        }
    }
    if versions.is_empty() {
        return;
    }
    let (seq, place) = (record.envelope.seq, format!("{}@{}", record.shard, record.offset));
    let events = decode_commit(wire, record);
    for (sku, versions) in versions {
        let account = accounts.entry(sku.clone()).or_insert_with(|| Account::of(sku.clone()));
        match &events {
            Ok(events) => {
                let of_sku = |stream: &StreamId| place_of(stream).is_some_and(|(other, _)| other == sku);
                let events: Vec<_> = events
                    .iter()
                    .filter(|decided| of_sku(&decided.stream))
                    .cloned()
                    .collect();
                account.take(&Entry {
                    seq,
                    at: passed.at,
                    place: &place,
                    story: record.envelope.correlation,
                    events: &events,
                    versions: &versions,
                });
            }
            Err(undecodable) => account.take_unreadable(seq, &place, &undecodable.0),
        }
    }
}

/// Of what a stream of the inventory is, and where that lies.
fn place_of(stream: &StreamId) -> Option<(&Sku, &Location)> {
    match stream {
        StreamId::StockItem(sku, location) | StreamId::Hold(sku, location, _) => Some((sku, location)),
        _ => None,
    }
}
