//! The clients' settings. Each that differs from the library's own says why.

use rdkafka::client::ClientContext;
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::KafkaError as RdKafkaError;

use super::signal::Signal;
use super::{KafkaOptions, RECORD_BYTES_MAX};

/// How long a broker may gather records for the consumer of the tail: what this process wrote itself it knows without
/// that, and each fetch costs both sides as much as a write.
const TAIL_WAIT_MS: u32 = 20;
/// What is worth a fetch before that.
const TAIL_BYTES: u32 = 64 * 1024;
/// How long a broker may keep a fetch of a reader that finds nothing: a reader that is given another place first waits for the fetch under way.
const READER_WAIT_MS: u32 = 10;
/// Most bytes of records that a consumer holds ready.
const PREFETCH_KBYTES_MAX: u32 = 16 * 1024;
/// Most bytes of one partition in one fetch; a larger record still comes, alone.
const FETCH_BYTES_MAX: u32 = 1024 * 1024;
/// A member that was not heard of for so long has died.
pub(super) const SESSION_MS: u32 = 6_000;
/// How often a member is heard of; joining takes two of these.
const HEARTBEAT_MS: u32 = 500;

/// What the log's clients tell beside their work: that something may be wrong.
#[derive(Clone, Default)]
pub(super) struct Context {
    pub(super) signal: Signal,
}

impl ClientContext for Context {
    fn log(&self, _: RDKafkaLogLevel, facility: &str, message: &str) {
        tell(facility, message);
    }

    fn error(&self, error: RdKafkaError, reason: &str) {
        tell(&error.to_string(), reason);
        self.signal.suspect();
    }
}

/// What the library says of its connections. It says it again and again, and for each client: what an operator must
/// know is told by the guard, once.
pub(super) fn tell(what: &str, message: &str) {
    tracing::debug!(target: "librdkafka", what, message);
}

impl ConsumerContext for Context {}

fn common(options: &KafkaOptions) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", &options.bootstrap)
        .set("client.id", &options.node)
        // With the defaults a client clings to a frozen leader for eight seconds, and waits ten between connections.
        .set("socket.timeout.ms", "3000")
        .set("reconnect.backoff.ms", "50")
        .set("reconnect.backoff.max.ms", "500")
        .set("retry.backoff.ms", "20")
        .set("retry.backoff.max.ms", "500")
        .set("topic.metadata.refresh.fast.interval.ms", "50")
        .set("log.connection.close", "false")
        .set("message.max.bytes", RECORD_BYTES_MAX.to_string());
    config.set_log_level(RDKafkaLogLevel::Warning);
    config
}

/// For questions about topics, and to create them.
pub(super) fn admin(options: &KafkaOptions) -> ClientConfig {
    common(options)
}

pub(super) fn producer(options: &KafkaOptions) -> ClientConfig {
    let mut config = common(options);
    config
        .set("enable.idempotence", "true")
        .set("acks", "all")
        // What is there goes out; more is gathered while that is on its way.
        .set("linger.ms", "0")
        .set("compression.type", "lz4")
        // Just below the socket's, so that a frozen leader is left rather than waited for.
        .set("request.timeout.ms", "2500")
        .set("message.timeout.ms", options.deliver_within.as_millis().to_string())
        // The bounds are our own; the library's lie behind them and are never reached.
        .set("queue.buffering.max.messages", "1000000")
        .set("queue.buffering.max.kbytes", "1048576");
    config
}

fn consumer(options: &KafkaOptions) -> ClientConfig {
    let mut config = common(options);
    config
        // Assigned by hand; the group is only a name without which nothing can be assigned.
        .set("group.id", format!("{}.log", options.prefix))
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        // A place that is no longer there must be heard of, never be replaced by another.
        .set("auto.offset.reset", "error")
        .set("check.crcs", "true")
        .set("allow.auto.create.topics", "false")
        .set("fetch.queue.backoff.ms", "20")
        .set("fetch.error.backoff.ms", "50")
        .set("fetch.message.max.bytes", FETCH_BYTES_MAX.to_string())
        .set("queued.max.messages.kbytes", PREFETCH_KBYTES_MAX.to_string());
    config
}

pub(super) fn tail(options: &KafkaOptions) -> ClientConfig {
    let mut config = consumer(options);
    config
        .set("fetch.wait.max.ms", TAIL_WAIT_MS.to_string())
        .set("fetch.min.bytes", TAIL_BYTES.to_string());
    config
}

pub(super) fn reader(options: &KafkaOptions) -> ClientConfig {
    let mut config = consumer(options);
    config
        .set("fetch.wait.max.ms", READER_WAIT_MS.to_string())
        // The end of a partition without the record before it is a hole.
        .set("enable.partition.eof", "true");
    config
}

pub(super) fn member(options: &KafkaOptions) -> ClientConfig {
    let mut config = common(options);
    config
        .set("group.id", format!("{}.nodes", options.prefix))
        .set("group.protocol", "classic")
        .set("session.timeout.ms", SESSION_MS.to_string())
        .set("heartbeat.interval.ms", HEARTBEAT_MS.to_string())
        .set("enable.auto.commit", "false")
        .set("allow.auto.create.topics", "false");
    config
}
