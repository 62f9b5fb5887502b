//! What is tested, in which order: the checks, what needs nothing but itself, and what needs engines.

use std::env;

use engines::{CQL_VARIABLE, Cassandra, KAFKA_VARIABLE, Kafka, REGISTRY_VARIABLE, Registry};

use crate::check;
use crate::schemathesis;
use crate::steps::{Report, Step};
use crate::suites::Suites;

/// Names the program to the black-box tests.
const BINARY_VARIABLE: &str = "TILLROLL_TEST_BINARY";

/// Names to them the engines on which the shop is to run.
const DEPLOYMENT_VARIABLE: &str = "TILLROLL_TEST_DEPLOYMENT";

/// Says that this runs where nobody sees what was skipped.
const CI_VARIABLE: &str = "CI";

/// The test programs without engines of their own that run once more on engines: heading, program.
const AGAIN_ON_ENGINES: [(&str, &str); 1] = [("the shop from outside, on engines", "blackbox")];

/// Runs the checks and all tests.
pub(crate) fn run() -> Result<(), String> {
    let suites = Suites::read()?;
    let mut report = Report::default();
    report.run(&check::checks(&suites));
    report.run(&embedded(&suites));
    schemathesis::run(&suites, &mut report, is_unattended());
    on_engines(&suites, &mut report);
    report.summarise()
}

/// Builds the program and runs schemathesis alone.
pub(crate) fn run_schemathesis() -> Result<(), String> {
    let suites = Suites::read()?;
    let mut report = Report::default();
    let end = vec!["--bins".to_owned()];
    report.run(&[Step::cargo("build", arguments(&suites, &["build"], end))]);
    schemathesis::run(&suites, &mut report, true);
    report.summarise()
}

/// What runs anywhere.
fn embedded(suites: &Suites) -> Vec<Step> {
    let step = |heading, start: &[&str], end: Vec<String>| Step::cargo(heading, arguments(suites, start, end));
    vec![
        step("build", &["build"], vec!["--all-targets".to_owned()]),
        step(
            "unit tests",
            &["test", "--no-fail-fast"],
            vec!["--lib".to_owned(), "--bins".to_owned()],
        ),
        step(
            "examples in the documentation",
            &["test", "--no-fail-fast"],
            vec!["--doc".to_owned()],
        ),
        step("the shop from outside", &["test", "--no-fail-fast"], suites.embedded())
            .with(BINARY_VARIABLE, suites.binary()),
    ]
}

/// Whether nobody would see what is skipped.
fn is_unattended() -> bool {
    env::var(CI_VARIABLE).is_ok_and(|value| value == "true")
}

/// What runs on a real Kafka, registry and Cassandra.
fn on_engines(suites: &Suites, report: &mut Report) {
    let heading = "tests on engines";
    if let Some(missing) = engines::missing() {
        if is_unattended() {
            report.fail(heading, &missing);
        } else {
            report.skip(heading, missing);
        }
        return;
    }
    let Some(engines) = report.prepare("start of the engines", Engines::start) else {
        return;
    };
    let start = ["test", "--no-fail-fast"];
    let mut steps = vec![Step::cargo(heading, arguments(suites, &start, suites.on_engines()))];
    for (heading, program) in AGAIN_ON_ENGINES {
        let end = vec!["--test".to_owned(), program.to_owned()];
        let step = Step::cargo(heading, arguments(suites, &start, end));
        steps.push(step.with(DEPLOYMENT_VARIABLE, "cluster"));
    }
    let steps = steps.into_iter().map(|step| {
        step.with(BINARY_VARIABLE, suites.binary())
            .with(KAFKA_VARIABLE, engines.kafka.bootstrap())
            .with(CQL_VARIABLE, engines.cassandra.address())
            .with(REGISTRY_VARIABLE, engines.registry.url())
    });
    report.run(&steps.collect::<Vec<_>>());
}

/// A line of cargo: what to do, for the whole workspace, with which part of it.
fn arguments(suites: &Suites, start: &[&str], end: Vec<String>) -> Vec<String> {
    let start = start.iter().map(|&argument| argument.to_owned());
    start.chain(suites.selection()).chain(end).collect()
}

/// One of each, for all tests that do not kill theirs.
struct Engines {
    kafka: Kafka,
    cassandra: Cassandra,
    registry: Registry,
}

impl Engines {
    fn start() -> Result<Self, String> {
        let kafka = Kafka::start().map_err(|error| error.to_string())?;
        let cassandra = Cassandra::start().map_err(|error| error.to_string())?;
        let registry = Registry::start().map_err(|error| error.to_string())?;
        Ok(Self {
            kafka,
            cassandra,
            registry,
        })
    }
}
