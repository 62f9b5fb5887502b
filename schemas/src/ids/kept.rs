use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::IdsError;
use super::known::{Entry, Known};

/// Known schemas, and the file that keeps them: number, subject, fingerprint and the whole schema, so that
/// an old payload is readable for ever. One process at a time.
#[derive(Debug)]
pub(crate) struct Kept {
    path: PathBuf,
    known: Mutex<Known>,
}

impl Kept {
    /// Reads the file; one that is not there yet is empty.
    ///
    /// # Errors
    /// [`IdsError::Unavailable`] when it cannot be read, [`IdsError::Damaged`] when it makes no sense.
    pub(crate) fn open(path: PathBuf) -> Result<Self, IdsError> {
        let entries: Vec<Entry> = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|error| IdsError::Damaged(format!("{}: {error}", path.display())))?,
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(unavailable(&path, &error)),
        };
        let known = Mutex::new(Known::restore(entries)?);
        Ok(Self { path, known })
    }

    /// Looks something up.
    pub(crate) fn look<R>(&self, look: impl FnOnce(&Known) -> R) -> R {
        look(&self.known())
    }

    /// Changes what is known, durably; when that fails, nothing has changed.
    ///
    /// # Errors
    /// What `change` says, or [`IdsError::Unavailable`] when the file cannot be written.
    pub(crate) fn change<R>(&self, change: impl FnOnce(&mut Known) -> Result<R, IdsError>) -> Result<R, IdsError> {
        let mut known = self.known();
        let mut changed = known.clone();
        let result = change(&mut changed)?;
        if changed != *known {
            self.store(&changed)?;
            *known = changed;
        }
        Ok(result)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Replaces the file by one with everything in `known`: whole and durable, or not at all.
    fn store(&self, known: &Known) -> Result<(), IdsError> {
        let text = serde_json::to_vec_pretty(&known.entries()).map_err(|error| IdsError::Damaged(error.to_string()))?;
        replace(&self.path, &text).map_err(|error| unavailable(&self.path, &error))
    }
}

fn replace(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let unfinished = path.with_extension("json.new");
    let mut file = File::create(&unfinished)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

fn unavailable(path: &Path, error: &std::io::Error) -> IdsError {
    IdsError::Unavailable(format!("{}: {error}", path.display()))
}
