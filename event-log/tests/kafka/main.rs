//! The log on Kafka, on real brokers.

mod contract;
mod shop;
