//! Where a shop runs: all in one data directory, or on a cluster's engines.

use crate::cli::ClusterKnobs;

/// Longest name of a shop on shared engines; with what is added to it, it still fits a keyspace's 48 characters.
const PREFIX_CHARS_MAX: usize = 32;

/// On which engines a shop runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Deployment {
    /// Log, read store, keys and schema ids in the data directory.
    #[default]
    Embedded,
    /// The log in Kafka, its schemas in a registry, read models and keys in ScyllaDB or Cassandra.
    Cluster(Cluster),
}

/// The engines of a cluster, and the shop's name on them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// Some brokers: `host:port`, separated by commas.
    pub kafka: String,
    /// Where the schema registry answers: a URL.
    pub schema_registry: String,
    /// Some nodes of ScyllaDB or Cassandra: `host:port`.
    pub scylla: Vec<String>,
    /// What this shop's topics, subjects and keyspaces begin with.
    pub prefix: String,
    /// Copies of each topic; fixed when the topics are made.
    pub kafka_replication: i32,
    /// Copies of each row; fixed when the keyspaces are made.
    pub scylla_replication: u32,
    /// Who this shop is to ScyllaDB or Cassandra, with the password.
    pub scylla_login: Option<(String, String)>,
}

impl Deployment {
    /// What the knobs say.
    ///
    /// # Errors
    /// Which knob is missing or wrong.
    pub(crate) fn from_knobs(knobs: &ClusterKnobs) -> Result<Self, String> {
        let engines = [
            ("TILLROLL_KAFKA", knobs.kafka.is_some()),
            ("TILLROLL_SCHEMA_REGISTRY", knobs.schema_registry.is_some()),
            ("TILLROLL_SCYLLA", !knobs.scylla.is_empty()),
        ];
        let missing: Vec<&str> = engines.iter().filter(|(_, set)| !set).map(|(name, _)| *name).collect();
        if missing.len() == engines.len() {
            return Ok(Self::Embedded);
        }
        if !missing.is_empty() {
            return Err(format!(
                "a cluster needs all of TILLROLL_KAFKA, TILLROLL_SCHEMA_REGISTRY and TILLROLL_SCYLLA; missing: {}",
                missing.join(", ")
            ));
        }
        check_prefix(&knobs.prefix)?;
        let scylla_login = match (&knobs.scylla_user, &knobs.scylla_password) {
            (Some(user), Some(password)) => Some((user.clone(), password.clone())),
            (None, None) => None,
            _ => return Err("TILLROLL_SCYLLA_USER and TILLROLL_SCYLLA_PASSWORD belong together".to_owned()),
        };
        Ok(Self::Cluster(Cluster {
            kafka: knobs.kafka.clone().unwrap_or_default(),
            schema_registry: knobs.schema_registry.clone().unwrap_or_default(),
            scylla: knobs.scylla.clone(),
            prefix: knobs.prefix.clone(),
            kafka_replication: i32::from(knobs.kafka_replication),
            scylla_replication: u32::from(knobs.scylla_replication),
            scylla_login,
        }))
    }
}

impl std::fmt::Display for Deployment {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Embedded => write!(formatter, "embedded log and read store"),
            Self::Cluster(cluster) => write!(
                formatter,
                "log {}.* in Kafka at {}, read models in CQL at {}",
                cluster.prefix,
                cluster.kafka,
                cluster.scylla.join(",")
            ),
        }
    }
}

/// The prefix becomes part of names in Kafka, the registry and CQL: what all of them take as it is.
fn check_prefix(prefix: &str) -> Result<(), String> {
    let mut characters = prefix.chars();
    let begins_well = characters.next().is_some_and(|first| first.is_ascii_lowercase());
    let goes_on_well = characters.all(|next| next.is_ascii_lowercase() || next.is_ascii_digit() || next == '_');
    if begins_well && goes_on_well && prefix.len() <= PREFIX_CHARS_MAX {
        return Ok(());
    }
    Err(format!(
        "TILLROLL_PREFIX is a letter and up to {} letters, digits and underscores, all lower case; not {prefix:?}",
        PREFIX_CHARS_MAX - 1
    ))
}

#[cfg(test)]
mod tests;
