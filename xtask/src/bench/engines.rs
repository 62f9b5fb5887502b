//! The shop on real engines, beside the engines' own clients with nothing around them.
//!
//! Kafka and Cassandra run on this machine, one of each, and share it with what is measured.

use std::time::Duration;

use ::engines::{Cassandra, Kafka};
use event_log::kafka::{KafkaLog, KafkaOptions};
use read_store::scylla::{ScyllaOptions, ScyllaStore};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::Section;
use super::commands_only::Opened;
use super::measure::{Effort, Failure};

mod commands;
mod projection;
mod raw_cql;
mod raw_kafka;
mod rebuild;
mod visible;

/// Partitions of the topics that have many.
const PARTITIONS: u32 = 16;
/// How long the brokers may take to be ready for a log.
const CONNECT_WITHIN: Duration = Duration::from_secs(60);

/// Measures on engines what is asked for.
pub(super) async fn measure(sections: &[Section], effort: Effort) -> Result<(), Failure> {
    if let Some(elsewhere) = sections.iter().find(|section| !section.is_on_engines()) {
        return Err(format!("{elsewhere:?} is not measured on engines").into());
    }
    if let Some(missing) = ::engines::missing() {
        return Err(missing.into());
    }
    let wants = |section| sections.is_empty() || sections.contains(&section);
    let engines = Engines::start().await?;
    if wants(Section::Inside) {
        commands::measure(&engines, effort).await?;
    }
    if wants(Section::Projection) {
        projection::measure(&engines, effort).await?;
    }
    if wants(Section::Rebuild) {
        rebuild::measure(&engines, effort).await?;
    }
    if wants(Section::Visible) {
        visible::measure(&engines, effort).await?;
    }
    Ok(())
}

/// Running engines.
struct Engines {
    kafka: Kafka,
    cassandra: Cassandra,
}

impl Engines {
    async fn start() -> Result<Self, Failure> {
        let kafka = tokio::task::spawn_blocking(Kafka::start);
        let cassandra = tokio::task::spawn_blocking(Cassandra::start);
        Ok(Self {
            kafka: kafka.await??,
            cassandra: cassandra.await??,
        })
    }

    /// The log of a shop on Kafka.
    fn log(&self, prefix: &str) -> Result<Opened, Failure> {
        let (deliveries, delivered) = mpsc::unbounded_channel();
        let options = KafkaOptions {
            bootstrap: self.kafka.bootstrap(),
            prefix: prefix.to_owned(),
            node: "bench".to_owned(),
            partitions: PARTITIONS,
            connect_within: CONNECT_WITHIN,
            ..KafkaOptions::default()
        };
        let log = std::sync::Arc::new(KafkaLog::open(options, deliveries)?);
        let closed = std::sync::Arc::clone(&log);
        Ok(Opened {
            log,
            delivered,
            close: Box::new(move || closed.close()),
        })
    }

    /// The read models of a shop in CQL.
    async fn store(&self, prefix: &str) -> Result<ScyllaStore, Failure> {
        let options = ScyllaOptions {
            contact_points: vec![self.cassandra.address()],
            keyspace_prefix: prefix.to_owned(),
            replication: 1,
            user: None,
            password: None,
        };
        Ok(ScyllaStore::open(options).await?)
    }
}

/// A shop that nobody else on these engines is.
fn fresh_prefix() -> String {
    let id = Uuid::new_v4().simple().to_string();
    format!("bench_{}", id.get(..12).unwrap_or(&id))
}
