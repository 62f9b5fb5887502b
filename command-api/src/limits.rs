//! Every limit of the command path.

/// Most commits of one shard that are in flight: decided and not yet known to be in the log.
pub const WINDOW_COMMITS_MAX: usize = 512;
/// Most requests of one shard that wait for the window; the next one is refused.
pub const QUEUE_REQUESTS_MAX: usize = 1_024;
/// Most answers of one shard that write nothing and wait for confirmation; the next request is refused.
pub const WAITING_ANSWERS_MAX: usize = 4_096;
/// Most commits handed to the log at once.
pub const BATCH_COMMITS_MAX: usize = 500;
/// Most payload bytes handed to the log at once.
pub const BATCH_BYTES_MAX: usize = 1024 * 1024;
/// How long the answer to a keyed request is kept, by the log's own timestamps.
pub const KEY_WINDOW_MS: i64 = 24 * 60 * 60 * 1_000;
/// Barriers that one shard may write at once.
pub const BARRIER_BURST: u64 = 200;
/// Barriers that one shard may write in the long run.
pub const BARRIERS_PER_SECOND: u64 = 20;
/// Streams of one shard that are kept in memory once they are written to `state.db`.
pub const HOT_STREAMS_MAX: usize = 1_024;
/// Commits of one shard that may be ahead of `state.db`; then decisions wait for it.
pub const UNWRITTEN_COMMITS_MAX: u64 = 8_000;
/// Commits of one shard that may be ahead of `state.db` where another node decides; then nothing more is heard of the
/// log until it is written. More than an owner's, which must hear of others to the end.
pub const UNWRITTEN_HEARD_MAX: u64 = 2 * UNWRITTEN_COMMITS_MAX;
/// How long a shard reads back for a record whose fate is not known, before it steps down.
pub const READ_BACK_MS_MAX: u64 = 10_000;
/// How long the log may take to tell what became of an append, before the shard reads back.
pub const DELIVERY_MS_MAX: u64 = 35_000;
/// How long a claim may take to be seen in the log.
pub const CLAIM_MS_MAX: u64 = 10_000;
/// How far ahead the index of due streams is kept in memory.
pub const DUE_HORIZON_MS: i64 = 60_000;
/// Most due streams of one shard that are in memory.
pub const DUE_STREAMS_MAX: usize = 1_000;
/// Most due streams of one shard that are woken at once.
pub const DUE_WAKES_MAX: usize = 64;
