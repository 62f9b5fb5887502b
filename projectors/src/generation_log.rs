//! How projectors write to the log: the generations of projections are opened, switched and dropped by commands.

use futures::future::BoxFuture;
use read_store::Generation;
use thiserror::Error;

/// Takes the commands of a projection's generations. What came of them is read from the log.
///
/// The server implements it with the command side; projectors do not know it.
pub trait GenerationLog: Send + Sync + 'static {
    /// Begins a generation, filled by code of this version. Of one that is held, queries are answered only once
    /// somebody switches to it.
    fn open(&self, projection: &'static str, version: u32, held: bool) -> BoxFuture<'_, Result<(), GenerationError>>;

    /// Lets queries be answered from a generation.
    fn switch(&self, projection: &'static str, generation: Generation) -> BoxFuture<'_, Result<(), GenerationError>>;

    /// Lets the tables of a generation go.
    fn drop_tables(
        &self,
        projection: &'static str,
        generation: Generation,
    ) -> BoxFuture<'_, Result<(), GenerationError>>;
}

/// Why a command of a generation did not go through.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum GenerationError {
    /// The rules say no.
    #[error("{message} ({code})")]
    Refused {
        /// The refusal's code, for example `generation.open`.
        code: String,
        /// The same in words.
        message: String,
    },
    /// It may have been taken or not: look into the log, or ask again.
    #[error("{0}")]
    Unavailable(String),
}

impl GenerationError {
    /// Whether what was asked may have come about, and the log has not shown it yet.
    pub(crate) fn may_be_so_already(&self) -> bool {
        match self {
            // What to open is open, what to drop is gone.
            Self::Refused { code, .. } => ["generation.open", "generation.absent"].contains(&code.as_str()),
            Self::Unavailable(_) => true,
        }
    }
}
