//! Steps with headings, all of them run, and a summary at the end.

use std::process::Command;
use std::time::{Duration, Instant};

/// One program that must end well.
pub(crate) struct Step {
    heading: &'static str,
    program: String,
    arguments: Vec<&'static str>,
    environment: Vec<(&'static str, String)>,
}

impl Step {
    /// A step of the same cargo that runs this program.
    pub(crate) fn cargo(heading: &'static str, arguments: &[&'static str]) -> Self {
        Self {
            heading,
            program: cargo(),
            arguments: arguments.to_vec(),
            environment: Vec::new(),
        }
    }

    /// The same step with one more variable in its environment.
    pub(crate) fn with(mut self, name: &'static str, value: String) -> Self {
        self.environment.push((name, value));
        self
    }

    fn run(&self) -> bool {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).envs(self.environment.iter().cloned());
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

/// Runs every step, also after one failed, and says how each went.
pub(crate) fn run(steps: &[Step]) -> Result<(), String> {
    let mut outcomes = Vec::new();
    for (place, step) in steps.iter().enumerate() {
        let line = step.arguments.join(" ");
        eprintln!("\n=== {}/{} {}: cargo {line}", place + 1, steps.len(), step.heading);
        let start = Instant::now();
        let is_good = step.run();
        outcomes.push((step.heading, is_good, start.elapsed()));
    }
    summarise(&outcomes)
}

fn summarise(outcomes: &[(&str, bool, Duration)]) -> Result<(), String> {
    eprintln!("\n=== summary");
    for (heading, is_good, took) in outcomes {
        let word = if *is_good { "ok    " } else { "FAILED" };
        eprintln!("{word} {:>6.1} s  {heading}", took.as_secs_f64());
    }
    let failed: Vec<_> = outcomes
        .iter()
        .filter(|(_, is_good, _)| !is_good)
        .map(|(heading, ..)| *heading)
        .collect();
    if failed.is_empty() {
        Ok(())
    } else {
        Err(format!("failed: {}", failed.join(", ")))
    }
}
