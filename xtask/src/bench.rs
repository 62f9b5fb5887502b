//! `cargo xtask bench`: what the shop does in a second, beside the limit of the machine.
//!
//! Everything is measured in one run, in rounds that take turns, because a machine is not the same a minute
//! later. Measuring needs optimised builds of the shop and of its parts, which other steps of the house do not:
//! so the program first builds itself again with the feature `bench`, and hands over.

use clap::{Args, ValueEnum};

#[cfg(feature = "bench")]
mod clients;
#[cfg(feature = "bench")]
mod commands_only;
#[cfg(feature = "bench")]
mod cpu;
#[cfg(feature = "bench")]
mod engines;
#[cfg(feature = "bench")]
mod graphql;
#[cfg(feature = "bench")]
mod growth;
#[cfg(feature = "bench")]
mod http_commands;
#[cfg(feature = "bench")]
mod import;
#[cfg(feature = "bench")]
mod inside;
#[cfg(feature = "bench")]
mod load;
#[cfg(feature = "bench")]
mod log_alone;
#[cfg(feature = "bench")]
mod measure;
#[cfg(feature = "bench")]
mod memory;
#[cfg(feature = "bench")]
mod projection;
#[cfg(feature = "bench")]
mod raw;
#[cfg(feature = "bench")]
mod report;
#[cfg(feature = "bench")]
mod search;
#[cfg(feature = "bench")]
mod shop;
#[cfg(feature = "bench")]
mod subscribers;
#[cfg(feature = "bench")]
mod visible;
#[cfg(feature = "bench")]
mod yardstick;

#[cfg(feature = "bench")]
pub(crate) use measure::{Part, run, run_part};

/// What to measure, and how long.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Only these [default: everything]
    #[arg(value_enum)]
    pub(crate) sections: Vec<Section>,
    /// On Kafka and Cassandra, which are started for it, beside their own clients
    #[arg(long)]
    pub(crate) engines: bool,
    /// Rounds of each measurement; the median is reported
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) rounds: u32,
    /// How long each measurement of a round lasts
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(100..=60_000))]
    pub(crate) milliseconds: u64,
}

/// One measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Section {
    /// Commands in one process against group commits of the same bytes
    Inside,
    /// HTTP commands against a bare axum echo
    Http,
    /// From a command's answer to a query that shows it
    Visible,
    /// A GraphQL list and a storefront's pages against the same bytes from axum and serde
    Graphql,
    /// Projected rows against the same rows inserted
    Projection,
    /// A rebuild against a bare consumer and the same rows inserted (on engines only)
    Rebuild,
    /// Searches among 100,000 products against the bare full-text table
    Search,
    /// From a command to the screens of 64 subscribers, against bare sockets
    Subscribers,
    /// Bringing in a file of 5,000 products
    Import,
    /// Memory at rest
    Memory,
    /// A shop of a million events beside a shop of ten thousand
    Growth,
}

#[cfg(feature = "bench")]
impl Section {
    /// Whether it can be measured on engines.
    fn is_on_engines(self) -> bool {
        matches!(self, Self::Inside | Self::Visible | Self::Projection | Self::Rebuild)
    }
}

/// Builds the shop and this program for measuring, and lets it measure.
#[cfg(not(feature = "bench"))]
pub(crate) fn run(_arguments: &Arguments) -> Result<(), String> {
    use std::process::Command;

    let cargo = crate::steps::cargo();
    let build = [
        "build",
        "--release",
        "--package",
        "tillroll",
        "--package",
        "xtask",
        "--features",
        "xtask/bench",
    ];
    let built = Command::new(&cargo)
        .args(build)
        .status()
        .map_err(|error| error.to_string())?;
    if !built.success() {
        return Err("the optimised build has failed".to_owned());
    }
    let metadata = cargo_metadata::MetadataCommand::new().no_deps().exec();
    let folder = metadata
        .map_err(|error| error.to_string())?
        .target_directory
        .join("release");
    let program = folder.join(format!("xtask{}", std::env::consts::EXE_SUFFIX));
    let measured = Command::new(program).args(std::env::args_os().skip(1)).status();
    match measured {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("measuring ended with {status}")),
        Err(error) => Err(error.to_string()),
    }
}
