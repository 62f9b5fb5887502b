//! On a real schema registry and a real Cassandra.
