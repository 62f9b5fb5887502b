//! Going through one shard of the log, as its fold says.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::stream::Shard;
use domain::value::Timestamp;
use event_log::{EventLog, Fold, Kind, Record, Verdict};

use super::scan::HistoryError;

/// Most records read at once.
const SCAN_RECORDS_MAX: usize = 4_096;
/// Most bytes of payload read at once.
const SCAN_BYTES_MAX: usize = 4 << 20;

/// Where a way has come to.
#[derive(Clone, Default)]
pub(super) struct Landmark {
    pub(super) fold: Fold,
    pub(super) at: Timestamp,
}

/// A way through one shard, record by record.
pub(crate) struct Walk {
    log: Arc<dyn EventLog>,
    shard: Shard,
    place: Landmark,
}

/// A record that was passed.
pub(crate) struct Passed<'a> {
    /// The fold behind it.
    pub(crate) fold: &'a Fold,
    /// When the log took it; never earlier than the one before.
    pub(crate) at: Timestamp,
    pub(crate) record: &'a Arc<Record>,
    /// Whether it is a commit that happened.
    pub(crate) is_commit: bool,
}

impl Walk {
    /// From the beginning.
    pub(crate) fn begin(log: Arc<dyn EventLog>, shard: Shard) -> Self {
        Self::from(log, shard, Landmark::default())
    }

    pub(super) fn from(log: Arc<dyn EventLog>, shard: Shard, place: Landmark) -> Self {
        Self { log, shard, place }
    }

    /// How far it is: the last commit that was passed.
    pub(crate) fn seq(&self) -> u64 {
        self.place.fold.seq
    }

    /// Goes on to this offset, or a little further, or to where it is told to stop. Blocks.
    pub(crate) fn to(
        &mut self,
        end: i64,
        patience: Duration,
        mut pass: impl FnMut(&Passed<'_>) -> Result<ControlFlow<()>, HistoryError>,
    ) -> Result<(), HistoryError> {
        let deadline = Instant::now() + patience;
        let Self { log, shard, place } = self;
        let mut scan = log.scan(BTreeMap::from([(*shard, place.fold.offset + 1)]));
        while place.fold.offset + 1 < end {
            if Instant::now() > deadline {
                return Err(HistoryError::TooSlow(patience));
            }
            for record in scan.next(SCAN_RECORDS_MAX, SCAN_BYTES_MAX)? {
                let verdict = place.fold.apply(record.offset, &record.envelope);
                let verdict = verdict.map_err(|halt| HistoryError::Halted {
                    shard: *shard,
                    why: halt.to_string(),
                })?;
                place.at = place.at.max(record.at);
                let passed = Passed {
                    fold: &place.fold,
                    at: place.at,
                    record: &record,
                    is_commit: verdict == Verdict::Accepted && record.envelope.kind == Kind::Commit,
                };
                if pass(&passed)?.is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}
