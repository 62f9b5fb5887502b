//! Bugs, planted to prove that the fault harness finds them. None of them is in a program that was built without
//! the cargo feature `failpoints`, and none does anything unless `FAILPOINTS` names it.

/// `planted-same-timestamp`: all changes of rows carry the same timestamp.
pub(crate) fn stamps_all_the_same() -> bool {
    fail::fail_point!("planted-same-timestamp", |_| true);
    false
}

/// `planted-swallowed-write-error`: a write of rows that does not reach the database counts as acknowledged.
#[cfg(feature = "scylla")]
pub(crate) fn swallows_write_errors() -> bool {
    fail::fail_point!("planted-swallowed-write-error", |_| true);
    false
}
