//! On a real schema registry and a real Cassandra.

mod fixture;
mod ids;
mod key_faults;
mod keys;
mod registry_faults;
