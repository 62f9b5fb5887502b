use engines::Cassandra;

use crate::wire::{DEADLINE, SILENCE, cql, until};

const KEYSPACE: &str = "CREATE KEYSPACE kept WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 1}";

fn ask(address: &str, query: &str) -> Vec<u8> {
    until(query, || cql(address, query, DEADLINE))
}

#[test]
fn a_node_keeps_acknowledged_rows_over_kill_and_stop_and_answers_nothing_while_paused() {
    let mut node = Cassandra::start().expect("Cassandra starts");
    let address = node.address();
    ask(&address, KEYSPACE);
    ask(&address, "CREATE TABLE kept.rows (id int PRIMARY KEY, text text)");
    ask(
        &address,
        "INSERT INTO kept.rows (id, text) VALUES (1, 'before the kill')",
    );
    let is_kept = || {
        let answer = ask(&address, "SELECT text FROM kept.rows WHERE id = 1");
        String::from_utf8_lossy(&answer).contains("before the kill")
    };

    node.kill().expect("it is killed");
    assert!(!node.is_running());
    node.restart().expect("it comes back");
    assert!(is_kept());

    node.pause().expect("it is paused");
    assert!(cql(&address, "SELECT key FROM system.local", SILENCE).is_err());
    node.resume().expect("it goes on");
    assert!(is_kept());

    node.stop().expect("it stops");
    assert!(!node.is_running());
    node.restart().expect("it comes back");
    assert!(is_kept());
}
