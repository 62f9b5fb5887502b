//! Why an engine is not there.

use std::fmt::Display;
use std::io;
use std::path::{Path, PathBuf};

/// Why an engine did not start, stop or obey.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something must be installed first.
    #[error("{0}")]
    Missing(String),
    /// A file or folder cannot be used.
    #[error("{}: {source}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Maven brought nothing.
    #[error("{name} cannot be downloaded: {reason}")]
    Download {
        /// What was to be downloaded.
        name: &'static str,
        /// What Maven said.
        reason: String,
    },
    /// A program does not start.
    #[error("{program} does not start: {source}")]
    Program {
        /// Which one.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// No port is free.
    #[error("no port is free")]
    Ports,
    /// The engine ended, or did not answer in time.
    #[error("{name} {reason}; the end of its log:\n{log}")]
    NotReady {
        /// Which engine.
        name: &'static str,
        /// What it did instead.
        reason: String,
        /// The last lines it logged.
        log: String,
    },
    /// The engine does not run.
    #[error("{name} (process {pid}) does not run")]
    NotRunning {
        /// Which engine.
        name: &'static str,
        /// The process that it was.
        pid: u32,
    },
    /// The shell that keeps an engine answers nothing.
    #[error("the keeper of {name} is gone: {reason}")]
    Keeper {
        /// Which engine.
        name: &'static str,
        /// What happened instead of an answer.
        reason: String,
    },
}

impl Error {
    /// For `map_err` on what is done to a file.
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::File {
            path: path.to_owned(),
            source,
        }
    }

    /// For `map_err` on the start of a program.
    pub(crate) fn program(program: impl Display) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Program {
            program: program.to_string(),
            source,
        }
    }
}
