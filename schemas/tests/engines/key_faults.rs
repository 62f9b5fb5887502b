//! A node that hangs, dies and comes back: one of its own.

use std::time::{Duration, Instant};

use engines::Cassandra;
use schemas::{KeyStore, KeyStoreError, ScyllaKeys};

use crate::fixture::{Keyspace, eventually, runtime};
use crate::keys::sealer;

/// Longest time for an answer, whatever the node does.
const BOUND: Duration = Duration::from_secs(8);
/// Longest time to open, or to say that it is not possible.
const OPEN_BOUND: Duration = Duration::from_secs(15);
/// How soon after a node came back the keys must be there again.
const RECOVERY: Duration = Duration::from_secs(20);

#[track_caller]
fn fails_in_time(keys: &ScyllaKeys) {
    let began = Instant::now();
    let refused = keys.newest("ada");
    assert!(matches!(&refused, Err(KeyStoreError::Unavailable(_))), "{refused:?}");
    assert!(began.elapsed() < BOUND, "{:?}", began.elapsed());
}

fn opening_fails_in_time(keyspace: &Keyspace) {
    let began = Instant::now();
    let refused = runtime().block_on(ScyllaKeys::open(keyspace.options()));
    assert!(matches!(&refused, Err(KeyStoreError::Unavailable(_))), "{refused:?}");
    assert!(began.elapsed() < OPEN_BOUND, "{:?}", began.elapsed());
}

#[test]
fn a_node_that_hangs_or_dies_is_an_error_in_time_and_found_again_soon() {
    let mut node = Cassandra::start().expect("Cassandra starts");
    let keyspace = Keyspace::at(node.address());
    let sealer = sealer(&keyspace);
    let keys = keyspace.keys();
    // A node that has just started may be slow to answer.
    eventually(|| keys.create("bob", 1, b"bob"));
    eventually(|| keys.forget("bob"));
    let (sealed, _) = eventually(|| sealer.seal("ada", "email", "ada@example.org"));

    node.pause().expect("it is paused");
    fails_in_time(&keys);
    opening_fails_in_time(&keyspace);
    let cached = sealer.open_cached(&sealed, "email");
    assert_eq!(
        cached,
        Some(Ok("ada@example.org".to_owned())),
        "what is in memory is read without it"
    );
    node.resume().expect("it goes on");
    let (newest, after) = eventually(|| keys.newest("ada"));
    assert!(newest.is_some());
    assert!(after < RECOVERY, "{after:?}");

    node.kill().expect("it is killed");
    fails_in_time(&keys);
    opening_fails_in_time(&keyspace);
    node.restart().expect("it starts again");
    let (newest, after) = eventually(|| keys.newest("ada"));
    assert_eq!(
        newest.map(|(number, _)| number),
        Some(sealed.key_id),
        "what was kept has outlived it"
    );
    assert!(after < RECOVERY, "{after:?}");
    let (newest, _) = eventually(|| keys.newest("bob"));
    assert_eq!(newest, None, "what was forgotten stays so");
}
