//! Apicurio Registry, a schema registry that speaks Confluent's protocol.

use std::time::Duration;

use super::{Artifact, Recipe, Setting, Source};

/// The registry's version: the last that runs on Java 17.
pub const VERSION: &str = "3.0.9";

/// A registry.
pub const RECIPE: Recipe = Recipe {
    name: "schema registry",
    source: Source::Archive(Artifact {
        group: "io.apicurio",
        name: "apicurio-registry-app",
        version: VERSION,
    }),
    java: &[
        "-Xmx160m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:-UsePerfData",
        "-Djava.net.preferIPv4Stack=true",
    ],
    ready_within: Duration::from_secs(120),
    ended_within: Duration::from_secs(30),
};

/// Where its Confluent-compatible API begins.
pub const API: &str = "/apis/ccompat/v7";

/// What it is told wherever it runs.
pub const SETTINGS: &[Setting] = &[
    ("apicurio.rules.global.compatibility", "BACKWARD_TRANSITIVE"),
    ("apicurio.storage.kind", "sql"),
    ("apicurio.storage.sql.kind", "h2"),
];

/// Where it keeps the schemas, in a folder. Without `WRITE_DELAY=0` a schema registered just before kill -9 is lost
/// and its id issued again.
#[must_use]
pub fn database(folder: &str) -> String {
    format!("jdbc:h2:file:{folder}/registry;WRITE_DELAY=0")
}
