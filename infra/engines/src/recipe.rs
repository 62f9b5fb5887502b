//! Which versions, with which settings. This is the one place: `compose.yaml` is compared with it by a test.

use std::time::Duration;

pub mod apicurio;
pub mod cassandra;
pub mod kafka;

/// A setting's name and value, as the server's own configuration writes them.
pub type Setting = (&'static str, &'static str);

/// Something published by Maven's rules.
#[derive(Clone, Copy, Debug)]
pub struct Artifact {
    /// Its group.
    pub group: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
}

/// What runs, and how long it may take to answer.
#[derive(Clone, Copy, Debug)]
pub struct Recipe {
    /// What people call it.
    pub name: &'static str,
    /// What it is made of.
    pub source: Source,
    /// The arguments of the Java machine that are the same for every run.
    pub java: &'static [&'static str],
    /// How long a start may take before it counts as failed, on a busy machine.
    pub ready_within: Duration,
    /// How long an orderly end may take before it is killed.
    pub ended_within: Duration,
}

/// Where a server's jars come from.
#[derive(Clone, Copy, Debug)]
pub enum Source {
    /// These, and all that they depend on.
    Dependencies(&'static [Artifact]),
    /// One archive with everything in it.
    Archive(Artifact),
}

impl Source {
    /// The artifact that gives the whole its name.
    #[must_use]
    pub fn leading(&self) -> Artifact {
        match self {
            Self::Dependencies(artifacts) => artifacts[0],
            Self::Archive(artifact) => *artifact,
        }
    }
}
