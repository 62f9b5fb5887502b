//! Apache Cassandra, the CQL database that can be started anywhere; ScyllaDB speaks the same language.

use std::time::Duration;

use super::{Artifact, Recipe, Setting, Source};

/// Cassandra's version.
pub const VERSION: &str = "5.0.9";

/// A node.
pub const RECIPE: Recipe = Recipe {
    name: "Cassandra",
    source: Source::Dependencies(&[Artifact {
        group: "org.apache.cassandra",
        name: "cassandra-all",
        version: VERSION,
    }]),
    java: &[
        "-Xms256m",
        // Every shop under test has some thirty tables, a rebuild as many again, and each has its memtable.
        "-Xmx1g",
        // What has no memory left answers nothing and does not end by itself.
        "-XX:+ExitOnOutOfMemoryError",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:-UsePerfData",
        "-XX:MaxDirectMemorySize=512m",
        "-Djava.net.preferIPv4Stack=true",
        "-Djdk.attach.allowAttachSelf=true",
        "-Dio.netty.tryReflectionSetAccessible=true",
        "-Dcassandra-foreground=yes",
        // A node that is alone waits for nobody.
        "-Dcassandra.skip_wait_for_gossip_to_settle=0",
        "-Dcassandra.ring_delay_ms=0",
        "-Dcassandra.load_ring_state=false",
        "-Dcassandra.superuser_setup_delay_ms=0",
        "-Dcassandra.shutdown_announce_in_ms=0",
    ],
    ready_within: Duration::from_secs(240),
    ended_within: Duration::from_secs(60),
};

/// The agent that measures objects; the database will not start without it.
pub const AGENT: &str = "jamm-0.4.0.jar";

/// Packages of the Java machine that it needs to see.
pub const EXPORTS: &[&str] = &[
    "java.base/jdk.internal.misc",
    "java.base/java.lang.ref",
    "java.management.rmi/com.sun.jmx.remote.internal.rmi",
    "java.rmi/sun.rmi.registry",
    "java.rmi/sun.rmi.server",
    "java.sql/java.sql",
    "jdk.attach/sun.tools.attach",
    "jdk.compiler/com.sun.tools.javac.file",
    "jdk.unsupported/sun.misc",
];

/// Packages of the Java machine that it needs to look into.
pub const OPENS: &[&str] = &[
    "java.base/java.io",
    "java.base/java.lang",
    "java.base/java.lang.module",
    "java.base/java.lang.reflect",
    "java.base/java.util",
    "java.base/jdk.internal.loader",
    "java.base/jdk.internal.math",
    "java.base/jdk.internal.module",
    "java.base/jdk.internal.ref",
    "java.base/jdk.internal.reflect",
    "java.base/jdk.internal.util.jar",
    "java.base/sun.nio.ch",
    "jdk.compiler/com.sun.tools.javac",
    "jdk.management/com.sun.management.internal",
];

/// What its `cassandra.yaml` says wherever it runs.
pub const SETTINGS: &[Setting] = &[
    ("num_tokens", "1"),
    // `periodic` loses acknowledged writes at a mere kill -9; a batch is written by many at once.
    ("commitlog_sync", "batch"),
    ("concurrent_writes", "128"),
    ("commitlog_segment_size", "8MiB"),
    ("memtable_heap_space", "128MiB"),
    ("key_cache_size", "4MiB"),
    ("row_cache_size", "0MiB"),
    ("counter_cache_size", "0MiB"),
    ("file_cache_size", "32MiB"),
    ("auto_snapshot", "false"),
    ("hinted_handoff_enabled", "false"),
    ("dynamic_snitch", "false"),
    // A disk that fails ends the node instead of leaving it there answering half.
    ("disk_failure_policy", "die"),
];

/// How its log looks, and that it keeps to what matters.
pub const LOGGING: &str = r#"<configuration>
  <appender name="console" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%d %level %logger: %msg%n</pattern></encoder>
  </appender>
  <root level="WARN"><appender-ref ref="console"/></root>
</configuration>
"#;
