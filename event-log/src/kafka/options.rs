//! How a log on Kafka is opened, and why it may not be.

use std::fmt;
use std::time::Duration;

use thiserror::Error;

/// Most characters of a prefix.
pub const PREFIX_CHARS_MAX: usize = 32;

/// The shortest time after which an outcome may be called unknown.
const DELIVER_WITHIN_MIN: Duration = Duration::from_secs(1);

/// How a log on Kafka is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KafkaOptions {
    /// Some brokers to begin with: `host:port`, separated by commas.
    pub bootstrap: String,
    /// What the names of the topics begin with: one shop among those that share the brokers. A lower-case letter,
    /// then lower-case letters, digits and underscores.
    pub prefix: String,
    /// This process's name: its client id at the brokers, and its name in the group of those alive.
    pub node: String,
    /// Partitions of the topics that have many; fixed when the topics are created.
    pub partitions: u32,
    /// On how many brokers each record lies.
    pub replication: i32,
    /// Most records that are on their way at once; then appends are refused.
    pub queue_records_max: usize,
    /// Most bytes of recent records that are kept in memory for reading.
    pub recent_bytes_max: usize,
    /// How long opening waits for the brokers.
    pub connect_within: Duration,
    /// After how long without an acknowledgement an append's outcome is called unknown; its record may still land.
    pub deliver_within: Duration,
}

impl Default for KafkaOptions {
    fn default() -> Self {
        Self {
            bootstrap: "127.0.0.1:9092".to_owned(),
            prefix: "tillroll".to_owned(),
            node: "tillroll".to_owned(),
            partitions: 16,
            replication: 1,
            queue_records_max: 16_384,
            recent_bytes_max: 16 * 1024 * 1024,
            connect_within: Duration::from_secs(30),
            deliver_within: Duration::from_secs(60),
        }
    }
}

impl KafkaOptions {
    /// Refuses what no brokers need to be asked about.
    pub(super) fn check(&self) -> Result<(), KafkaError> {
        let mut characters = self.prefix.chars();
        let begins_well = characters.next().is_some_and(|first| first.is_ascii_lowercase());
        let goes_on_well = characters.all(|next| next.is_ascii_lowercase() || next.is_ascii_digit() || next == '_');
        let wrong = if !(begins_well && goes_on_well) || self.prefix.len() > PREFIX_CHARS_MAX {
            format!(
                "prefix {:?}: one to {PREFIX_CHARS_MAX} of a-z, 0-9 and _, beginning with a letter",
                self.prefix
            )
        } else if self.partitions == 0 || i32::try_from(self.partitions).is_err() {
            format!("{} partitions", self.partitions)
        } else if self.replication < 1 {
            format!("replication {}", self.replication)
        } else if self.deliver_within < DELIVER_WITHIN_MIN {
            format!("{:?} to deliver a record", self.deliver_within)
        } else if self.node.is_empty() {
            "a node needs a name".to_owned()
        } else {
            return Ok(());
        };
        Err(KafkaError::Option(wrong))
    }
}

/// Why a log on Kafka cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum KafkaError {
    /// An option cannot be meant.
    #[error("this cannot be a log's option: {0}")]
    Option(String),
    /// No broker answered in time.
    #[error("no broker at {bootstrap} answered within {waited_s} s: {why}")]
    Unreachable {
        /// Where it was looked for.
        bootstrap: String,
        /// For how long.
        waited_s: u64,
        /// What was heard last.
        why: String,
    },
    /// Topics are there, but not as a log needs them.
    #[error("topics are not as the log needs them: {}", list(.0))]
    Topics(Vec<WrongTopic>),
    /// The brokers or the client library refuse.
    #[error("kafka: {0}")]
    Client(String),
    /// The system gives no thread.
    #[error("a thread of the log cannot be started: {0}")]
    Thread(String),
}

/// Something of a topic that is not as the log needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongTopic {
    /// Which.
    pub topic: String,
    /// Which of its settings.
    pub setting: String,
    /// What it has to be.
    pub expected: String,
    /// What it is.
    pub found: String,
}

impl fmt::Display for WrongTopic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            topic,
            setting,
            expected,
            found,
        } = self;
        write!(formatter, "{setting} of {topic} is {found} and must be {expected}")
    }
}

fn list(wrong: &[WrongTopic]) -> String {
    let each: Vec<String> = wrong.iter().map(ToString::to_string).collect();
    each.join("; ")
}

impl From<rdkafka::error::KafkaError> for KafkaError {
    fn from(error: rdkafka::error::KafkaError) -> Self {
        Self::Client(error.to_string())
    }
}
