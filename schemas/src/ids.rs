//! Which number stands for which schema.

#[cfg(any(test, feature = "contract"))]
pub mod contract;
mod file;
mod kept;
mod known;
mod memory;
#[cfg(test)]
mod tests;

use thiserror::Error;

pub use file::FileIds;
#[cfg(feature = "registry")]
pub(crate) use kept::Kept;
#[cfg(feature = "registry")]
pub(crate) use known::{Entry, fingerprint};
pub use memory::MemoryIds;

/// Why a number or a schema cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum IdsError {
    /// For now; asking again may help.
    #[error("schema ids are not available: {0}")]
    Unavailable(String),
    /// What is stored is not what was written.
    #[error("the stored schema ids are damaged: {0}")]
    Damaged(String),
    /// Not an address that schemas could be asked for at.
    #[error("{address} is no address of a schema registry: {reason}")]
    Address {
        /// What was given.
        address: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Not a schema, or one that cannot read what was written before under its subject.
    #[error("{subject} cannot take this schema: {reason}")]
    Refused {
        /// Under which name.
        subject: String,
        /// Why.
        reason: String,
    },
}

impl IdsError {
    /// Whether asking again may help.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

/// Numbers for schemas, for ever: a payload carries the number, and whoever reads it asks for the schema.
pub trait SchemaIds: Send + Sync {
    /// The number of `schema` under `subject`, given to it now if it has none; durable before it is
    /// returned. May block.
    ///
    /// # Errors
    /// [`IdsError::Refused`] when it cannot read what was written under this subject before;
    /// [`IdsError::Unavailable`] when it has no number yet, and nobody can give it one now.
    fn id_of(&self, subject: &str, schema: &str) -> Result<u32, IdsError>;

    /// The text of the schema with this number; none when nobody has registered it. May block.
    ///
    /// # Errors
    /// [`IdsError::Unavailable`], [`IdsError::Damaged`].
    fn schema_of(&self, id: u32) -> Result<Option<String>, IdsError>;
}
