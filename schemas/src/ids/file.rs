use std::path::PathBuf;

use super::kept::Kept;
use super::known::fingerprint;
use super::{IdsError, SchemaIds};

/// Numbers in a file of the data directory (`schema-ids.json`), given here. One process at a time.
#[derive(Debug)]
pub struct FileIds {
    kept: Kept,
}

impl FileIds {
    /// Reads the file; one that is not there yet is empty.
    ///
    /// # Errors
    /// [`IdsError::Unavailable`] when it cannot be read, [`IdsError::Damaged`] when it makes no sense.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, IdsError> {
        let kept = Kept::open(path.into())?;
        Ok(Self { kept })
    }
}

impl SchemaIds for FileIds {
    fn id_of(&self, subject: &str, schema: &str) -> Result<u32, IdsError> {
        let fingerprint = fingerprint(schema).map_err(|reason| IdsError::Refused {
            subject: subject.to_owned(),
            reason,
        })?;
        self.kept.change(|known| match known.id(subject, &fingerprint) {
            Some(id) => Ok(id),
            None => known.register(subject, schema, fingerprint),
        })
    }

    fn schema_of(&self, id: u32) -> Result<Option<String>, IdsError> {
        Ok(self.kept.look(|known| known.text(id)))
    }
}
