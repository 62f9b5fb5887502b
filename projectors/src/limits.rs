//! Limits, in one place.

use std::time::Duration;

/// Most bytes of encoded views that one projector keeps in memory.
pub const VIEW_CACHE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Records that change no row may be read before the position behind them is stored: after a crash so many at
/// most are read again for nothing.
pub const UNSAVED_RECORDS_MAX: usize = 4_096;

/// Deletes that may be remembered before those are forgotten that guard against nothing any more.
pub const TOMBSTONES_MAX: usize = 10_000;

/// Most views of one projection that may be parked. With more, something else is wrong, and it stops.
pub const PARKED_VIEWS_MAX: usize = 10_000;

/// First and longest pause before a store is asked again that was not available.
pub const RETRY_PAUSE_MIN: Duration = Duration::from_millis(10);
/// See [`RETRY_PAUSE_MIN`].
pub const RETRY_PAUSE_MAX: Duration = Duration::from_secs(1);

/// How long a store that is being waited for may still take when the projectors are stopped. What is not written
/// by then is projected again at the next start.
pub const STOP_GRACE: Duration = Duration::from_secs(2);

/// How long a generation is still kept up after queries were switched away from it: longer than any query that
/// began with it.
pub const RETIRED_FOLLOWED: Duration = Duration::from_secs(10);

/// How long the log may take to show what was asked of a generation before it is asked again.
pub const GENERATION_RETRY_PAUSE: Duration = Duration::from_millis(200);

/// Records behind the end of the log from where a rebuilt generation is followed with the others.
pub const HANDOVER_RECORDS_MAX: u64 = 512;

/// Rows that differ which a parity report names; it counts all of them.
pub const DIFFERENCES_NAMED_MAX: usize = 20;

/// Rows that may seem to differ before a comparison gives up asking again and reports them.
pub const RECHECKED_ROWS_MAX: usize = 10_000;

/// How long a comparison asks again about rows that change under it.
pub const RECHECK_DEADLINE: Duration = Duration::from_secs(30);

/// Pause before rows that seem to differ are looked at again.
pub const DIFFERENCE_RECHECK_PAUSE: Duration = Duration::from_millis(20);

/// How often a row must be seen to differ in the same way, with both sides standing still, before it is reported.
pub const DIFFERENCE_CONFIRMATIONS: u32 = 5;

/// How long a replay may stand still, short of where the stored rows are, before a verification gives up.
pub const REPLAY_STALL_MAX: Duration = Duration::from_secs(30);

/// How long the log may be read for the rows of one view before they are given up; the runner itself, which has
/// only the rest to read, may take [`RUNNER_ANSWER_MAX`].
pub const REPAIR_READ_MAX: Duration = Duration::from_secs(600);

/// How often the runner is asked to make rows again while another process is ahead of it.
pub const REPAIR_TRIES_MAX: u32 = 50;

/// Pause before it is asked again.
pub const REPAIR_PAUSE: Duration = Duration::from_millis(100);

/// How long the runner may take to answer an operator: it answers nobody while the store does not answer it.
pub const RUNNER_ANSWER_MAX: Duration = Duration::from_secs(60);

/// Most parked commits that are listed for an operator.
pub const PARKED_LISTED_MAX: usize = 1_000;

/// How often a cancelled rebuild asks for its generation to be dropped.
pub const CANCEL_TRIES_MAX: u32 = 20;

/// Shortest time between two times that a broken search index is made again by itself.
pub const HEAL_PAUSE: Duration = Duration::from_secs(30);
