//! Steps with headings, all of them run, and a summary at the end.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// One program that must end well.
pub(crate) struct Step {
    heading: &'static str,
    program: String,
    arguments: Vec<String>,
    environment: Vec<(&'static str, String)>,
    /// Where it runs; where this program does when it is not said.
    folder: Option<PathBuf>,
}

impl Step {
    /// A step of the same cargo that runs this program.
    pub(crate) fn cargo<A: Into<String>>(heading: &'static str, arguments: impl IntoIterator<Item = A>) -> Self {
        Self::of(heading, cargo(), arguments)
    }

    /// A step that runs another program.
    pub(crate) fn of<A: Into<String>>(
        heading: &'static str,
        program: String,
        arguments: impl IntoIterator<Item = A>,
    ) -> Self {
        Self {
            heading,
            program,
            arguments: arguments.into_iter().map(Into::into).collect(),
            environment: Vec::new(),
            folder: None,
        }
    }

    /// The same step in a folder of its own.
    pub(crate) fn within(mut self, folder: &Path) -> Self {
        self.folder = Some(folder.to_owned());
        self
    }

    /// The same step with one more variable in its environment.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.environment.push((name, value.into()));
        self
    }

    fn run(&self) -> bool {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).envs(self.environment.iter().cloned());
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        match command.status() {
            Ok(status) => status.success(),
            Err(error) => {
                eprintln!("{} does not start: {error}", self.program);
                false
            }
        }
    }
}

/// The cargo that runs this program.
pub(crate) fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

/// How everything went so far.
#[derive(Default)]
pub(crate) struct Report {
    lines: Vec<(&'static str, Outcome, Duration)>,
}

enum Outcome {
    Good,
    Failed,
    /// Not run, for this reason.
    Skipped(String),
}

impl Report {
    /// Runs every step, also after one failed.
    pub(crate) fn run(&mut self, steps: &[Step]) {
        for (place, step) in steps.iter().enumerate() {
            let line = step.arguments.join(" ");
            let program = step.program.rsplit('/').next().unwrap_or_default();
            eprintln!("\n=== {}/{} {}: {program} {line}", place + 1, steps.len(), step.heading);
            let start = Instant::now();
            let outcome = if step.run() { Outcome::Good } else { Outcome::Failed };
            self.lines.push((step.heading, outcome, start.elapsed()));
        }
    }

    /// Something without which later steps make no sense; it says on the terminal why it failed.
    pub(crate) fn prepare<T>(&mut self, heading: &'static str, make: impl FnOnce() -> Result<T, String>) -> Option<T> {
        eprintln!("\n=== {heading}");
        let start = Instant::now();
        let made = make().map_err(|reason| eprintln!("{reason}")).ok();
        let outcome = if made.is_some() { Outcome::Good } else { Outcome::Failed };
        self.lines.push((heading, outcome, start.elapsed()));
        made
    }

    /// Notes what was not run, and why.
    pub(crate) fn skip(&mut self, heading: &'static str, reason: String) {
        eprintln!("\n=== skipped: {heading}: {reason}");
        self.lines.push((heading, Outcome::Skipped(reason), Duration::ZERO));
    }

    /// Notes that something failed, and says why on the terminal.
    pub(crate) fn fail(&mut self, heading: &'static str, reason: &str) {
        eprintln!("\n=== failed: {heading}: {reason}");
        self.lines.push((heading, Outcome::Failed, Duration::ZERO));
    }

    /// Says how each step went.
    pub(crate) fn summarise(&self) -> Result<(), String> {
        eprintln!("\n=== summary");
        let mut failed = Vec::new();
        for (heading, outcome, took) in &self.lines {
            let took = took.as_secs_f64();
            match outcome {
                Outcome::Good => eprintln!("ok      {took:>6.1} s  {heading}"),
                Outcome::Failed => eprintln!("FAILED  {took:>6.1} s  {heading}"),
                Outcome::Skipped(reason) => eprintln!("SKIPPED           {heading}: {reason}"),
            }
            if matches!(outcome, Outcome::Failed) {
                failed.push(*heading);
            }
        }
        if failed.is_empty() {
            Ok(())
        } else {
            Err(format!("failed: {}", failed.join(", ")))
        }
    }
}
