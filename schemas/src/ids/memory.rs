use std::sync::{Mutex, PoisonError};

use super::known::{Known, fingerprint};
use super::{IdsError, SchemaIds};

/// Numbers that live as long as the process. They follow from the schemas, so what was written with
/// them is readable by every program that ships the same schemas.
#[derive(Debug, Default)]
pub struct MemoryIds {
    known: Mutex<Known>,
}

impl SchemaIds for MemoryIds {
    fn id_of(&self, subject: &str, schema: &str) -> Result<u32, IdsError> {
        let fingerprint = fingerprint(schema).map_err(|reason| IdsError::Refused {
            subject: subject.to_owned(),
            reason,
        })?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match known.id(subject, &fingerprint) {
            Some(id) => Ok(id),
            None => known.register(subject, schema, fingerprint),
        }
    }

    fn schema_of(&self, id: u32) -> Result<Option<String>, IdsError> {
        Ok(self.known.lock().unwrap_or_else(PoisonError::into_inner).text(id))
    }
}
