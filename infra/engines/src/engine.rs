//! A server that runs for this process: started, killed, paused and restarted on the same data and ports.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crate::keeper::Keeper;
use crate::recipe::Recipe;
use crate::requirements::requirements;
use crate::{Error, cache, process};

/// How often it is asked whether it is ready.
const ASKED_EVERY: Duration = Duration::from_millis(40);

/// How much of a log an error shows.
const LOG_LINES_MAX: usize = 40;

/// The file with all that a server prints, in its folder.
pub(crate) const LOG_FILE: &str = "engine.log";

/// The file with prepared classes, in its folder of the cache.
const CLASSES_FILE: &str = "classes.jsa";

/// What is particular to one kind of server, with the ports and the place of one that is to run.
pub trait Server {
    /// What it is made of.
    const RECIPE: Recipe;

    /// Writes its configuration and what it needs before its first run into `folder`. Doing it again keeps its data.
    ///
    /// # Errors
    /// A file cannot be written.
    fn prepare(&self, folder: &Path) -> Result<(), Error>;

    /// The arguments of the Java machine that are not the same for every run, down to the main class.
    ///
    /// # Errors
    /// Its parts cannot be had.
    fn arguments(&self, folder: &Path) -> Result<Vec<String>, Error>;

    /// Whether it does now what it is there for.
    fn answers(&self) -> bool;
}

/// A running server of its own, with its data in a temporary folder; killed and removed when dropped, and when
/// the process that started it ends, however it ends.
pub struct Engine<S: Server> {
    keeper: Keeper,
    /// Dropped after the keeper: its ports are others' only when it is gone.
    server: S,
    folder: PathBuf,
    pid: u32,
}

impl<S: Server> Engine<S> {
    /// Its process id; that of its last run while it does not run.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Whether its process is there, paused or not.
    #[must_use]
    pub fn is_running(&self) -> bool {
        process::began(self.pid).is_some()
    }

    /// kill -9, and waits for its end; its data stays.
    ///
    /// # Errors
    /// It did not end.
    pub fn kill(&mut self) -> Result<(), Error> {
        self.keeper.kill()
    }

    /// SIGTERM, and waits for its end; one that takes too long is killed. Its data stays.
    ///
    /// # Errors
    /// It did not end.
    pub fn stop(&mut self) -> Result<(), Error> {
        self.keeper.stop(self.pid, S::RECIPE.ended_within)
    }

    /// Starts it again on the same data and ports, and waits until it answers. One that still runs is killed first.
    ///
    /// # Errors
    /// It did not start; the error shows the end of its log.
    pub fn restart(&mut self) -> Result<(), Error> {
        self.pid = self.keeper.start()?;
        self.wait_until_ready()
    }

    /// SIGSTOP: it is there and answers nothing.
    ///
    /// # Errors
    /// It does not run.
    pub fn pause(&self) -> Result<(), Error> {
        self.signal("STOP")
    }

    /// SIGCONT.
    ///
    /// # Errors
    /// It does not run.
    pub fn resume(&self) -> Result<(), Error> {
        self.signal("CONT")
    }

    fn signal(&self, signal: &str) -> Result<(), Error> {
        if self.is_running() && process::signal(self.pid, signal) {
            return Ok(());
        }
        Err(Error::NotRunning {
            name: S::RECIPE.name,
            pid: self.pid,
        })
    }

    /// Starts a server in a temporary folder and waits until it answers.
    pub(crate) fn launch(server: S) -> Result<Self, Error> {
        let engine = Self::spawn(server)?;
        engine.wait_until_ready()?;
        Ok(engine)
    }

    /// Starts a server in a temporary folder.
    pub(crate) fn spawn(server: S) -> Result<Self, Error> {
        let temporary = tempfile::Builder::new().prefix("tillroll-engine-").tempdir();
        let temporary = temporary.map_err(Error::file(&std::env::temp_dir()))?;
        server.prepare(temporary.path())?;
        let command = command(&server, temporary.path())?;
        let log = temporary.path().join(LOG_FILE);
        let mut keeper = Keeper::new(S::RECIPE.name, temporary.path(), &log, &command)?;
        // From here on the keeper removes it, also when this process does not live to do so.
        let folder = temporary.keep();
        let pid = keeper.start()?;
        Ok(Self {
            keeper,
            server,
            folder,
            pid,
        })
    }

    /// Waits until it answers.
    pub(crate) fn wait_until_ready(&self) -> Result<(), Error> {
        wait_until_ready(&self.server, self.pid, &self.folder.join(LOG_FILE))
    }

    pub(crate) fn end_of_log(&self) -> String {
        end_of(&self.folder.join(LOG_FILE))
    }

    pub(crate) fn server(&self) -> &S {
        &self.server
    }
}

/// The command line that runs a server.
pub(crate) fn command<S: Server>(server: &S, folder: &Path) -> Result<Vec<String>, Error> {
    let mut command = vec![requirements()?.java.display().to_string()];
    command.extend(S::RECIPE.java.iter().map(|&argument| argument.to_owned()));
    command.extend(server.arguments(folder)?);
    Ok(command)
}

/// Waits until a server answers, and gives up when it has ended or takes too long.
pub(crate) fn wait_until_ready<S: Server>(server: &S, pid: u32, log: &Path) -> Result<(), Error> {
    let start = Instant::now();
    let not_ready = |reason: &str| Error::NotReady {
        name: S::RECIPE.name,
        reason: reason.to_owned(),
        log: end_of(log),
    };
    while !server.answers() {
        if process::began(pid).is_none() {
            return Err(not_ready("has ended"));
        }
        if start.elapsed() > S::RECIPE.ready_within {
            return Err(not_ready("did not answer in time"));
        }
        thread::sleep(ASKED_EVERY);
    }
    Ok(())
}

/// The argument that gives the Java machine the classes of a server as they are after loading, which halves its
/// start. They are prepared once, by a run of the server that `launch` starts with the argument it gets.
pub(crate) fn prepared_classes<S: Server>(
    launch: impl FnOnce(String) -> Result<Engine<S>, Error>,
) -> Result<String, Error> {
    let leading = S::RECIPE.source.leading();
    // They fit only the very Java machine that wrote them.
    let java = &requirements()?.java_version;
    let name = format!("{}-{}-classes-java-{java}", leading.name, leading.version);
    let folder = cache::provide(&name, |folder| {
        let file = folder.join(CLASSES_FILE);
        launch(format!("-XX:ArchiveClassesAtExit={}", file.display()))?.stop()
    })?;
    Ok(format!("-XX:SharedArchiveFile={}", folder.join(CLASSES_FILE).display()))
}

/// What `-cp` takes.
pub(crate) fn class_path(jars: &[PathBuf]) -> String {
    let jars: Vec<_> = jars.iter().map(|jar| jar.display().to_string()).collect();
    jars.join(":")
}

fn end_of(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(LOG_LINES_MAX)..].join("\n")
}
