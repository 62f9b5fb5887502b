//! Apache Kafka, whose brokers keep their own quorum.

use std::time::Duration;

use super::{Artifact, Recipe, Setting, Source};

/// Kafka's version.
pub const VERSION: &str = "4.3.1";

/// A broker.
pub const RECIPE: Recipe = Recipe {
    name: "Kafka",
    source: Source::Dependencies(&[
        Artifact {
            group: "org.apache.kafka",
            name: "kafka_2.13",
            version: VERSION,
        },
        // Kafka logs through slf4j 1: the binding for slf4j 2 stays silent.
        Artifact {
            group: "org.apache.logging.log4j",
            name: "log4j-slf4j-impl",
            version: "2.25.5",
        },
    ]),
    java: &[
        "-Xms64m",
        "-Xss512k",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:-UsePerfData",
        "-Djava.net.preferIPv4Stack=true",
    ],
    ready_within: Duration::from_secs(90),
    ended_within: Duration::from_secs(30),
};

/// The heap of a broker that is alone.
pub const HEAP: &str = "-Xmx384m";

/// The heap of each broker of a cluster.
pub const HEAP_IN_CLUSTER: &str = "-Xmx256m";

/// What every broker has.
pub const SETTINGS: &[Setting] = &[
    ("process.roles", "broker,controller"),
    ("auto.create.topics.enable", "false"),
    ("unclean.leader.election.enable", "false"),
    ("auto.leader.rebalance.enable", "false"),
    // A group of one should not wait for company.
    ("group.initial.rebalance.delay.ms", "0"),
    // A broker that was killed comes back only when its old session has ended.
    ("broker.session.timeout.ms", "3000"),
    ("broker.heartbeat.interval.ms", "500"),
    ("offsets.topic.num.partitions", "1"),
    ("transaction.state.log.num.partitions", "1"),
    ("share.coordinator.state.topic.num.partitions", "1"),
    ("num.network.threads", "2"),
    ("num.io.threads", "2"),
    // The cleaner takes this from the heap at once; 128 MiB is a third of it.
    ("log.cleaner.dedupe.buffer.size", "4194304"),
];

/// What a broker has that is alone.
pub const SETTINGS_ALONE: &[Setting] = &[
    ("min.insync.replicas", "1"),
    ("default.replication.factor", "1"),
    ("offsets.topic.replication.factor", "1"),
    ("transaction.state.log.replication.factor", "1"),
    ("transaction.state.log.min.isr", "1"),
    ("share.coordinator.state.topic.replication.factor", "1"),
    ("share.coordinator.state.topic.min.isr", "1"),
];

/// What a broker of a cluster has: two of three hold every acknowledged record.
pub const SETTINGS_IN_CLUSTER: &[Setting] = &[
    ("min.insync.replicas", "2"),
    ("default.replication.factor", "3"),
    ("offsets.topic.replication.factor", "3"),
    ("transaction.state.log.replication.factor", "3"),
    ("transaction.state.log.min.isr", "2"),
    ("share.coordinator.state.topic.replication.factor", "3"),
    ("share.coordinator.state.topic.min.isr", "2"),
    ("replica.lag.time.max.ms", "5000"),
    ("controller.quorum.election.timeout.ms", "500"),
    ("controller.quorum.fetch.timeout.ms", "1000"),
    ("controller.quorum.election.backoff.max.ms", "500"),
];

/// How its log looks, and that it keeps to what matters.
pub const LOGGING: &str = "\
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d %p %c: %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
";
