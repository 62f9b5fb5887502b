//! A server never outlives its starter, however that dies: a shell between the two holds the end of a pipe.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::{Error, process};

/// What the shell does.
const SCRIPT: &str = include_str!("keeper.sh");

/// How long the shell may take for an order that waits for nobody.
const ANSWERED_WITHIN: Duration = Duration::from_secs(20);

/// A shell that starts and ends one server as ordered, and kills it when this process is gone.
pub(crate) struct Keeper {
    name: &'static str,
    shell: Child,
    /// `None` only while it is dropped.
    orders: Option<ChildStdin>,
    /// Nobody waits for it: what asks has the keeper for itself. It makes the keeper one that threads may share.
    answers: Mutex<Receiver<String>>,
}

impl Keeper {
    /// A shell for this server, which is not started yet. The folder goes when the keeper goes.
    pub(crate) fn new(name: &'static str, folder: &Path, log: &Path, command: &[String]) -> Result<Self, Error> {
        let mut shell = Command::new("sh")
            .args(["-c", SCRIPT, "keeper"])
            .arg(folder)
            .arg(log)
            .args(command)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // What a terminal sends to its foreground must not reach the keeper before it has cleaned up.
            .process_group(0)
            .spawn()
            .map_err(Error::program("sh"))?;
        let (answer, answers) = channel();
        if let Some(output) = shell.stdout.take() {
            thread::spawn(move || {
                for line in BufReader::new(output).lines().map_while(Result::ok) {
                    if answer.send(line).is_err() {
                        return;
                    }
                }
            });
        }
        Ok(Self {
            name,
            orders: shell.stdin.take(),
            shell,
            answers: Mutex::new(answers),
        })
    }

    /// Starts the server; one that still runs is killed first. Gives the server's own process id.
    pub(crate) fn start(&mut self) -> Result<u32, Error> {
        self.order("start")?;
        let answer = self.answer(ANSWERED_WITHIN)?;
        answer.parse().map_err(|_| self.gone("it answered no process id"))
    }

    /// SIGTERM, and after `within` kill -9; waits for the end.
    pub(crate) fn stop(&mut self, pid: u32, within: Duration) -> Result<(), Error> {
        self.order("stop")?;
        if self.answer(within).is_ok() {
            return Ok(());
        }
        process::signal(pid, "KILL");
        self.answer(ANSWERED_WITHIN).map(drop)
    }

    /// kill -9, and waits for the end.
    pub(crate) fn kill(&mut self) -> Result<(), Error> {
        self.order("kill")?;
        self.answer(ANSWERED_WITHIN).map(drop)
    }

    fn order(&mut self, order: &str) -> Result<(), Error> {
        let written = match &mut self.orders {
            Some(orders) => writeln!(orders, "{order}"),
            None => Err(std::io::ErrorKind::BrokenPipe.into()),
        };
        written.map_err(|error| self.gone(&error.to_string()))
    }

    fn answer(&mut self, within: Duration) -> Result<String, Error> {
        let answers = self.answers.get_mut().unwrap_or_else(PoisonError::into_inner);
        let answer = answers.recv_timeout(within);
        answer.map_err(|error| self.gone(&error.to_string()))
    }

    fn gone(&self, reason: &str) -> Error {
        Error::Keeper {
            name: self.name,
            reason: reason.to_owned(),
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // The end of its input is the shell's order to clean up.
        self.orders = None;
        let _ = self.shell.wait();
    }
}
