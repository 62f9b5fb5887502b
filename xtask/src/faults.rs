//! The fault harness, for longer than a test may take: everything dies and sleeps at random while a crowd shops.

use crate::steps::{Report, Step};
use crate::suites::Suites;

/// The tests that go on for as long as they are told.
const LONG_TESTS: [&str; 2] = [
    "a_shop_survives_the_death_and_the_sleep_of_everything_it_runs_on",
    "two_nodes_never_fork_a_shop",
];

/// How long, and with which chance.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How long it goes on, over all.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..))]
    minutes: u64,
    /// What chance begins with; every run prints its own.
    #[arg(long)]
    seed: Option<u64>,
}

/// Runs the harness.
pub(crate) fn run(arguments: &Arguments) -> Result<(), String> {
    if let Some(missing) = engines::missing() {
        return Err(missing);
    }
    let suites = Suites::read()?;
    let seconds = arguments.minutes * 60 / LONG_TESTS.len() as u64;
    let seed = arguments.seed.unwrap_or_else(|| u64::from(std::process::id()));
    let build = ["build".to_owned()].into_iter().chain(suites.selection());
    let test = ["test".to_owned()].into_iter().chain(suites.selection());
    let end = ["--test", "faults", "--", "--nocapture"].into_iter().chain(LONG_TESTS);
    let mut report = Report::default();
    report.run(&[
        Step::cargo("build", build),
        Step::cargo("faults", test.chain(end.map(str::to_owned)))
            .with("TILLROLL_TEST_BINARY", suites.binary())
            .with("TILLROLL_FAULTS_SECONDS", seconds.to_string())
            .with("TILLROLL_FAULTS_SEED", seed.to_string()),
    ]);
    report.summarise()
}
