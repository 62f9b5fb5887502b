//! Limits, in one place.

use std::time::Duration;

/// How long one request may take. A write that took longer may still land, which is harmless.
pub(super) const REQUEST_TIME_MAX: Duration = Duration::from_secs(2);

/// How long a request is repeated, from its first attempt on, before it has failed.
pub(super) const RETRY_TIME_MAX: Duration = Duration::from_secs(4);

/// First and longest pause before a request is repeated; half of it is by chance.
pub(super) const RETRY_PAUSE_MIN: Duration = Duration::from_millis(10);
/// See [`RETRY_PAUSE_MIN`].
pub(super) const RETRY_PAUSE_MAX: Duration = Duration::from_millis(500);

/// How long connecting may take.
pub(super) const SESSION_TIME_MAX: Duration = Duration::from_secs(5);

/// For how long nothing is heard in a session before another one is begun: one that has lost its connections
/// waits up to ten seconds before it tries again, a new one does so at once.
pub(super) const SESSION_PATIENCE: Duration = Duration::from_millis(500);

/// The pause after a session that could not be begun.
pub(super) const SESSION_PAUSE: Duration = Duration::from_millis(250);

/// How often an idle connection is asked whether it is alive, and how long it may take to say so.
pub(super) const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);
/// See [`KEEPALIVE_INTERVAL`].
pub(super) const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a change of the schema may take, and until all nodes have it.
pub(super) const SCHEMA_TIME_MAX: Duration = Duration::from_secs(20);

/// How often it is asked whether all nodes have it.
pub(super) const SCHEMA_AGREEMENT_INTERVAL: Duration = Duration::from_millis(50);

/// Writes under way at once, of all projections together.
pub(super) const WRITES_IN_FLIGHT_MAX: usize = 256;

/// Reads under way at once for one call.
pub(super) const READS_IN_FLIGHT_MAX: usize = 64;

/// Most bytes of the rows of one partition that are written at once.
pub(super) const GROUP_BYTES_MAX: usize = 32 * 1024;

/// Most bytes of a partition key or a clustering key: CQL's own limit.
pub(super) const KEY_BYTES_MAX: usize = 65_535;

/// Rows that are fetched at once.
pub(super) const ROWS_PER_FETCH: i32 = 1_000;
