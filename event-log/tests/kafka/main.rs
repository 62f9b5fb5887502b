//! The log on Kafka, on real brokers.

mod contract;
mod damage;
mod faults;
mod follower;
mod membership;
mod opening;
mod owners;
mod replication;
mod shop;
