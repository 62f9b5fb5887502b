//! No engine outlives its starter. The starter is this very program, run again.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use engines::Kafka;

use crate::wire::DEADLINE;

/// Tells the second run that it is one.
const STARTER: &str = "TILLROLL_TEST_ENGINE_STARTER";

/// Begins the line in which the second run tells what it started.
const STARTED: &str = "started ";

#[test]
#[expect(clippy::print_stdout, reason = "the first run reads what the second one says")]
fn a_starter_that_is_killed_takes_its_engine_and_its_folder_along() {
    if env::var_os(STARTER).is_some() {
        let broker = Kafka::start().expect("Kafka starts");
        println!("{STARTED}{}", broker.pid());
        thread::sleep(DEADLINE);
        return;
    }
    let temporary = tempfile::tempdir().expect("a temporary folder can be made");
    let name = concat!(
        module_path!(),
        "::a_starter_that_is_killed_takes_its_engine_and_its_folder_along"
    );
    let (_, name) = name.split_once("::").expect("a path in this program");
    let mut starter = Command::new(env::current_exe().expect("this program has a path"))
        .args([name, "--exact", "--nocapture"])
        .env(STARTER, "")
        .env("TMPDIR", temporary.path())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this program runs again");
    let output = BufReader::new(starter.stdout.take().expect("it is piped"));
    let mut lines = output.lines().map_while(Result::ok);
    let pid = lines.find_map(|line| Some(line.split_once(STARTED)?.1.to_owned()));
    let engine = PathBuf::from("/proc").join(pid.expect("it starts an engine"));
    assert!(engine.exists());

    starter.kill().expect("it is killed");
    starter.wait().expect("it ends");
    let start = Instant::now();
    let is_left = || engine.exists() || temporary.path().read_dir().is_ok_and(|mut left| left.next().is_some());
    while is_left() {
        assert!(start.elapsed() < DEADLINE, "the engine or its folder is left");
        thread::sleep(Duration::from_millis(20));
    }
}
