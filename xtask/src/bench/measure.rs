//! The order of the measurements, and the parts that run in processes of their own.

use std::error::Error;
use std::path::PathBuf;

use clap::Subcommand;

use super::{Arguments, Section};
use super::{
    commands_only, engines, graphql, growth, http_commands, import, inside, load, memory, projection, report, search,
    subscribers, visible, yardstick,
};

/// Why nothing could be measured.
pub(crate) type Failure = Box<dyn Error>;

/// What runs beside the measuring process, started by it.
#[derive(Subcommand)]
pub(crate) enum Part {
    /// Reads a plan, plays its clients, prints what it saw
    Load,
    /// A bare axum server: JSON in, the same JSON out; and one page of JSON
    Yardstick {
        /// The page
        #[arg(long)]
        page: Option<PathBuf>,
    },
    /// The command side alone: no projection, no query
    CommandsOnly {
        /// An empty directory
        data: PathBuf,
    },
}

/// How long and how often.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    pub(crate) rounds: u32,
    pub(crate) milliseconds: u64,
}

/// Measures what is asked for.
pub(crate) fn run(arguments: &Arguments) -> Result<(), String> {
    let effort = Effort {
        rounds: arguments.rounds,
        milliseconds: arguments.milliseconds,
    };
    let wants = |section| arguments.sections.is_empty() || arguments.sections.contains(&section);
    let measured = runtime().and_then(|runtime| {
        runtime.block_on(async {
            report::machine()?;
            if arguments.engines {
                return engines::measure(&arguments.sections, effort).await;
            }
            if arguments.sections.contains(&Section::Rebuild) {
                return Err("a rebuild is measured with --engines".into());
            }
            if wants(Section::Inside) {
                inside::measure(effort).await?;
            }
            if wants(Section::Http) {
                http_commands::measure(effort).await?;
            }
            if wants(Section::Visible) {
                visible::measure(effort).await?;
            }
            if wants(Section::Graphql) {
                graphql::measure(effort).await?;
            }
            if wants(Section::Projection) {
                projection::measure(effort).await?;
            }
            if wants(Section::Search) {
                search::measure(effort).await?;
            }
            if wants(Section::Subscribers) {
                subscribers::measure(effort).await?;
            }
            if wants(Section::Import) {
                import::measure().await?;
            }
            if wants(Section::Memory) {
                memory::measure().await?;
            }
            if wants(Section::Growth) {
                growth::measure(effort).await?;
            }
            Ok(())
        })
    });
    measured.map_err(|failure| failure.to_string())
}

/// Runs one part, in the process that was started for it.
pub(crate) fn run_part(part: Part) -> Result<(), String> {
    let done = match part {
        Part::Load => runtime().and_then(|runtime| runtime.block_on(load::run())),
        Part::Yardstick { page } => yardstick::run(page),
        Part::CommandsOnly { data } => runtime().and_then(|runtime| runtime.block_on(commands_only::run(&data))),
    };
    done.map_err(|failure| failure.to_string())
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}
