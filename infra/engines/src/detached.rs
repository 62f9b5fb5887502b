//! Servers that stay when their starter ends, for a person at the keyboard: each has a folder that keeps its data,
//! and is ended by what was written down about its process.

use std::fs::{self, OpenOptions};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::cassandra::Node;
use crate::engine::{LOG_FILE, Server, command, wait_until_ready};
use crate::kafka::Broker;
use crate::registry::Apicurio;
use crate::{Error, process};

/// How often it is looked whether a process has ended.
const LOOKED_EVERY: Duration = Duration::from_millis(50);

/// How long a process may take to end after kill -9.
const KILLED_WITHIN: Duration = Duration::from_secs(10);

/// Starts a program that hears neither a terminal's end nor its interrupts, with its output in a file.
const DETACH: &str = "trap '' HUP; log=$1; shift; exec \"$@\" </dev/null >>\"$log\" 2>&1";

/// A process by its number and its beginning, so that a later one with the same number is not taken for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// When it began, in the system's own words.
    pub began: String,
}

/// A server that was started, and where it answers.
#[derive(Clone, Debug)]
pub struct Detached {
    /// Its process.
    pub process: Process,
    /// `host:port`, or a URL.
    pub address: String,
}

impl Process {
    /// Starts a program in a folder, with these variables and its output at the end of `log`.
    ///
    /// # Errors
    /// It does not start.
    pub fn start(command: &[String], environment: &[(&str, String)], folder: &Path, log: &Path) -> Result<Self, Error> {
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(log)
            .map_err(Error::file(log))?;
        let program = command.first().map_or("", String::as_str);
        let child = Command::new("sh")
            .args(["-c", DETACH, "detach"])
            .arg(log)
            .args(command)
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(Error::program(program))?;
        // The shell becomes the program: number and beginning stay.
        let pid = child.id();
        match process::began(pid) {
            Some(began) => Ok(Self { pid, began }),
            None => Err(Error::NotReady {
                name: "a program",
                reason: format!("({program}) has ended at once"),
                log: fs::read_to_string(log).unwrap_or_default(),
            }),
        }
    }

    /// Whether it is still there.
    #[must_use]
    pub fn is_running(&self) -> bool {
        process::began(self.pid).is_some_and(|began| began == self.began)
    }

    /// SIGTERM, and after `within` kill -9. Says whether it has ended.
    #[must_use]
    pub fn stop(&self, within: Duration) -> bool {
        self.end_by("TERM", within) || self.end_by("KILL", KILLED_WITHIN)
    }

    fn end_by(&self, signal: &str, within: Duration) -> bool {
        let start = Instant::now();
        if self.is_running() {
            process::signal(self.pid, signal);
        }
        while self.is_running() {
            if start.elapsed() > within {
                return false;
            }
            thread::sleep(LOOKED_EVERY);
        }
        true
    }
}

/// Starts a Kafka broker on this port, if it is free, with its data in this folder.
///
/// # Errors
/// It does not become ready; it has been ended then.
pub fn kafka(folder: &Path, port: u16) -> Result<Detached, Error> {
    let broker = Broker::alone(Some(port))?;
    start(&broker, broker.address().to_string(), folder)
}

/// Starts a Cassandra node on this port, if it is free, with its data in this folder.
///
/// # Errors
/// It does not become ready; it has been ended then.
pub fn cassandra(folder: &Path, port: u16) -> Result<Detached, Error> {
    let node = Node::new(Some(port))?;
    start(&node, node.address().to_string(), folder)
}

/// Starts a schema registry on this port, if it is free, with its data in this folder. Its address is the URL of its
/// Confluent-compatible API.
///
/// # Errors
/// It does not become ready; it has been ended then.
pub fn registry(folder: &Path, port: u16) -> Result<Detached, Error> {
    let registry = Apicurio::new(Some(port))?;
    start(&registry, registry.url(), folder)
}

fn start<S: Server>(server: &S, address: String, folder: &Path) -> Result<Detached, Error> {
    fs::create_dir_all(folder).map_err(Error::file(folder))?;
    server.prepare(folder)?;
    let log = folder.join(LOG_FILE);
    let process = Process::start(&command(server, folder)?, &[], folder, &log)?;
    if let Err(error) = wait_until_ready(server, process.pid, &log) {
        let _has_ended = process.stop(S::RECIPE.ended_within);
        return Err(error);
    }
    Ok(Detached { process, address })
}
