//! Where the last records of each shard begin, for those who want to see a little of what was.

use std::collections::BTreeMap;

use domain::stream::Shard;

use super::{BATCH_BYTES_MAX, BATCH_RECORDS_MAX, Follower, Place};
use crate::envelope::{Envelope, Kind};
use crate::fold::Fold;
use crate::port::{EventLog, LogError, Record};

/// Most bytes of payloads in a shard behind a place that is looked for backwards.
pub const BACK_BYTES_MAX: usize = 1024 * 1024;

/// What is judged of a record.
struct Seen {
    offset: i64,
    envelope: Envelope,
    bytes: usize,
}

impl Follower {
    /// For each of these shards a place from which at most `records_max` records, and at most [`BACK_BYTES_MAX`] of
    /// payload, lead to its fold. A record alone does not say whether it happened: a place is given only when
    /// everything behind it leads to exactly the fold that is known, and the fold's own place where there is none.
    /// Blocks.
    ///
    /// # Errors
    /// The log cannot be read for now.
    pub fn places_back(
        &self,
        folds: &BTreeMap<Shard, Fold>,
        records_max: usize,
    ) -> Result<BTreeMap<Shard, Place>, LogError> {
        let mut seen = read_back(self.shared.log.as_ref(), folds, records_max)?;
        let place = |(shard, fold): (&Shard, &Fold)| {
            let seen = seen.remove(shard).unwrap_or_default();
            (*shard, place_back(&seen, fold))
        };
        Ok(folds.iter().map(place).collect())
    }
}

/// The records of each shard before the end of its fold, one more than are asked for.
fn read_back(
    log: &dyn EventLog,
    folds: &BTreeMap<Shard, Fold>,
    records_max: usize,
) -> Result<BTreeMap<Shard, Vec<Seen>>, LogError> {
    let records_max = i64::try_from(records_max).unwrap_or(i64::MAX);
    let filled = folds.iter().filter(|(_, fold)| fold.offset >= 0);
    let from: BTreeMap<Shard, i64> = filled
        .map(|(shard, fold)| (*shard, fold.offset.saturating_sub(records_max).max(0)))
        .collect();
    let mut waited_for: BTreeMap<Shard, i64> = from.keys().map(|shard| (*shard, folds[shard].offset)).collect();
    let mut seen: BTreeMap<Shard, Vec<Seen>> = BTreeMap::new();
    let mut scan = log.scan(from);
    while !waited_for.is_empty() {
        let records = match scan.next(BATCH_RECORDS_MAX, BATCH_BYTES_MAX) {
            Ok(records) => records,
            Err(LogError::Damaged { shard, .. }) => {
                waited_for.remove(&shard);
                continue;
            }
            Err(error) => return Err(error),
        };
        if records.is_empty() {
            break;
        }
        for record in &records {
            let Some(end) = waited_for.get(&record.shard) else {
                continue;
            };
            if record.offset >= *end {
                waited_for.remove(&record.shard);
            }
            seen.entry(record.shard).or_default().push(Seen::from(record.as_ref()));
        }
    }
    Ok(seen)
}

/// The first place among these records from which everything leads to `end`.
fn place_back(seen: &[Seen], end: &Fold) -> Place {
    let starts = (0..=seen.len()).filter_map(|count| fold_behind(seen, count, end).map(|fold| (fold, &seen[count..])));
    let mut leading = starts.filter(|(_, rest)| rest.iter().map(|seen| seen.bytes).sum::<usize>() <= BACK_BYTES_MAX);
    let found = leading.find(|(fold, rest)| leads_to(fold.clone(), rest, end));
    found.map_or_else(|| Place::from(end), |(fold, _)| Place::from(&fold))
}

/// What may be known behind the first `count` records, if the last of them has happened.
fn fold_behind(seen: &[Seen], count: usize, end: &Fold) -> Option<Fold> {
    let Some(last) = count.checked_sub(1).and_then(|index| seen.get(index)) else {
        let is_whole = seen.first().is_some_and(|first| first.offset == 0);
        return is_whole.then(Fold::default);
    };
    let seq = match last.envelope.kind {
        Kind::Commit | Kind::Barrier => last.envelope.seq,
        Kind::Claim => {
            let next = seen[count..].iter().find(|seen| seen.envelope.kind != Kind::Claim);
            next.map_or(end.seq, |next| next.envelope.seq.saturating_sub(1))
        }
    };
    Some(Fold {
        offset: last.offset,
        term: last.envelope.term,
        seq,
        owner: None,
        log: end.log,
    })
}

fn leads_to(mut fold: Fold, rest: &[Seen], end: &Fold) -> bool {
    let is_intact = rest.iter().all(|seen| fold.apply(seen.offset, &seen.envelope).is_ok());
    let is_owner_known = fold.owner.is_none() || fold.owner == end.owner;
    is_intact && is_owner_known && (fold.offset, fold.term, fold.seq) == (end.offset, end.term, end.seq)
}

impl From<&Record> for Seen {
    fn from(record: &Record) -> Self {
        Self {
            offset: record.offset,
            envelope: record.envelope.clone(),
            bytes: record.payload.len(),
        }
    }
}
