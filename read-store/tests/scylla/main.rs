//! The read store on a real Cassandra.

mod convergence;
mod faults;
mod fixture;
mod schema;

use fixture::Keyspace;

/// A fresh keyspace, removed at the end, and the store in it.
async fn opened() -> (Keyspace, read_store::scylla::ScyllaStore) {
    let keyspace = Keyspace::shared();
    let store = keyspace.open().await;
    (keyspace, store)
}

mod contract {
    read_store::contract_tests!(super::opened().await);
}
