//! One data directory, one process.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use thiserror::Error;

/// The file whose lock says that the directory is in use.
const LOCK_FILE_NAME: &str = "lock";
/// How long a process that was killed may take to be gone.
const ENDING_MS_MAX: u64 = 1_000;
/// How often it is looked whether it is.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Proof that this process alone uses a data directory, for as long as it lives. The system gives the lock back
/// when the process ends, however it ends.
#[derive(Debug)]
pub struct DirectoryLock {
    directory: PathBuf,
    /// Holds the lock.
    _file: File,
}

/// Why a data directory cannot be used.
#[derive(Debug, Error)]
pub enum LockError {
    /// Another process has it.
    #[error("the data directory {directory} is in use by process {process}")]
    InUse {
        /// Which directory.
        directory: PathBuf,
        /// What the other one says of itself.
        process: String,
    },
    /// It cannot be written to.
    #[error("the data directory {directory} cannot be locked: {error}")]
    Io {
        /// Which directory.
        directory: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
}

impl DirectoryLock {
    /// Takes the directory, which must exist. Blocks for a second when another process has it: it may have been killed
    /// a moment ago.
    ///
    /// # Errors
    /// [`LockError::InUse`] when it still has it then.
    pub fn acquire(directory: &Path) -> Result<Self, LockError> {
        let failed = |error| LockError::Io {
            directory: directory.to_owned(),
            error,
        };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(directory.join(LOCK_FILE_NAME))
            .map_err(failed)?;
        let start = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if start.elapsed() < Duration::from_millis(ENDING_MS_MAX) => {
                    std::thread::sleep(LOOK_EVERY);
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(LockError::InUse {
                        directory: directory.to_owned(),
                        process: owner(&mut file),
                    });
                }
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
        }
        // Only for the message of the next one who asks: the lock itself is the proof.
        file.set_len(0)
            .and_then(|()| write!(file, "{}", std::process::id()))
            .map_err(failed)?;
        Ok(Self {
            directory: directory.to_owned(),
            _file: file,
        })
    }

    /// The directory.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }
}

fn owner(file: &mut File) -> String {
    let mut text = String::new();
    let read = file.rewind().and_then(|()| file.take(20).read_to_string(&mut text));
    match read {
        Ok(_) if !text.is_empty() => text,
        _ => "(unknown)".to_owned(),
    }
}
