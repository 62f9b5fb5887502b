//! What can go wrong with the index.

use thiserror::Error;

/// Why the index cannot do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SearchError {
    /// For now; asking again may help.
    #[error("the search index is not available: {0}")]
    Unavailable(String),
    /// What is stored is not what was written: the file has to be made again from the log.
    #[error("the search index is damaged: {0}")]
    Damaged(String),
}

impl SearchError {
    /// Whether asking again may help.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

impl From<rusqlite::Error> for SearchError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            // A file that cannot be read gets no better by asking again; another one is made.
            Some(
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::SystemIoFailure | ErrorCode::Unknown,
            )
            | None => Self::Damaged(error.to_string()),
            Some(_) => Self::Unavailable(error.to_string()),
        }
    }
}

impl From<postcard::Error> for SearchError {
    fn from(error: postcard::Error) -> Self {
        Self::Damaged(error.to_string())
    }
}

impl From<serde_json::Error> for SearchError {
    fn from(error: serde_json::Error) -> Self {
        Self::Damaged(error.to_string())
    }
}
