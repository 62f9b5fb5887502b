use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::known::{Entry, Known, fingerprint};
use super::{IdsError, SchemaIds};

/// Numbers in a file of the data directory (`schema-ids.json`): number, subject, fingerprint and the
/// whole schema, so that an old payload is readable for ever. One process at a time.
#[derive(Debug)]
pub struct FileIds {
    path: PathBuf,
    known: Mutex<Known>,
}

impl FileIds {
    /// Reads the file; one that is not there yet is empty.
    ///
    /// # Errors
    /// [`IdsError::Unavailable`] when it cannot be read, [`IdsError::Damaged`] when it makes no sense.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, IdsError> {
        let path = path.into();
        let entries: Vec<Entry> = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|error| IdsError::Damaged(format!("{}: {error}", path.display())))?,
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(unavailable(&path, &error)),
        };
        let known = Mutex::new(Known::restore(entries)?);
        Ok(Self { path, known })
    }

    /// Replaces the file by one with everything in `known`: whole and durable, or not at all.
    fn store(&self, known: &Known) -> Result<(), IdsError> {
        let text = serde_json::to_vec_pretty(&known.entries()).map_err(|error| IdsError::Damaged(error.to_string()))?;
        replace(&self.path, &text).map_err(|error| unavailable(&self.path, &error))
    }
}

impl SchemaIds for FileIds {
    fn id_of(&self, subject: &str, schema: &str) -> Result<u32, IdsError> {
        let fingerprint = fingerprint(schema).map_err(|reason| IdsError::Refused {
            subject: subject.to_owned(),
            reason,
        })?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(id) = known.id(subject, &fingerprint) {
            return Ok(id);
        }
        let mut grown = known.clone();
        let id = grown.register(subject, schema, fingerprint)?;
        self.store(&grown)?;
        *known = grown;
        Ok(id)
    }

    fn schema_of(&self, id: u32) -> Result<Option<String>, IdsError> {
        Ok(self.known.lock().unwrap_or_else(PoisonError::into_inner).text(id))
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
