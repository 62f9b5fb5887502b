//! What can go wrong with a query, and the one place where it becomes a GraphQL error.

use async_graphql::{ErrorExtensionValues, ServerError, Value};
use read_store::StoreError;
use search::SearchError;

use crate::cursor::InvalidCursor;
use crate::history::HistoryError;
use crate::limits::{ERRORS_MAX, PAGE_ROWS_MAX};
use crate::live::LiveError;

/// Why a field has no answer.
///
/// Deliberately without `Display`: the library would turn that into an error without a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum QueryError {
    /// An argument is not acceptable.
    Argument {
        /// The stable code.
        code: &'static str,
        /// For people.
        message: String,
    },
    /// The store cannot answer.
    Store(StoreError),
    /// The search index cannot answer.
    Search(SearchError),
    /// A projection has no rows to read yet.
    NotBuilt(&'static str),
    /// The key of a personal field cannot be had now.
    KeysUnavailable(String),
    /// A personal field cannot be opened.
    Sealed(String),
    /// The past cannot be told.
    Past(HistoryError),
}

impl QueryError {
    /// An argument is not acceptable.
    #[must_use]
    pub(crate) fn argument(code: &'static str, message: impl Into<String>) -> Self {
        Self::Argument {
            code,
            message: message.into(),
        }
    }

    /// A projection has no rows to read yet.
    #[must_use]
    pub(crate) fn not_built(projection: &'static str) -> Self {
        Self::NotBuilt(projection)
    }

    /// `first` or `last` is not a page size.
    #[must_use]
    pub(crate) fn page_size(argument: &str) -> Self {
        Self::argument("page.size", format!("{argument} must be from 1 to {PAGE_ROWS_MAX}"))
    }

    /// The stable code.
    #[must_use]
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Argument { code, .. } => code,
            Self::Past(error) => error.code,
            Self::Store(StoreError::Unavailable(_))
            // A damaged index is made again by itself.
            | Self::Search(_)
            | Self::NotBuilt(_)
            | Self::KeysUnavailable(_) => "query.unavailable",
            Self::Store(StoreError::Damaged(_)) | Self::Sealed(_) => {
                "query.internal"
            }
        }
    }

    /// What the asking person reads: internals are logged, never shown.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Argument { message, .. } => message.clone(),
            Self::Past(_) => "the past cannot be told just now; try again".to_owned(),
            Self::Store(StoreError::Unavailable(_))
            | Self::Search(_)
            | Self::NotBuilt(_)
            | Self::KeysUnavailable(_) => "this cannot be read just now; try again".to_owned(),
            Self::Store(StoreError::Damaged(_)) | Self::Sealed(_) => "something is wrong on our side".to_owned(),
        }
    }

    pub(crate) fn log(&self) {
        match self {
            Self::Argument { .. } => {}
            Self::Past(error) => tracing::warn!(%error, "the past cannot be told"),
            Self::Store(error) => tracing::error!(%error, "a query cannot be answered"),
            Self::Search(error) => tracing::error!(%error, "a search cannot be answered"),
            Self::NotBuilt(projection) => tracing::warn!(projection, "a query reads a projection without rows"),
            Self::KeysUnavailable(why) => tracing::warn!(why, "the key of a personal field cannot be had for now"),
            Self::Sealed(what) => tracing::error!(what, "a personal field cannot be opened"),
        }
    }
}

impl From<StoreError> for QueryError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<HistoryError> for QueryError {
    fn from(error: HistoryError) -> Self {
        Self::Past(error)
    }
}

impl From<SearchError> for QueryError {
    fn from(error: SearchError) -> Self {
        Self::Search(error)
    }
}

impl From<LiveError> for QueryError {
    fn from(error: LiveError) -> Self {
        Self::argument(error.code(), error.to_string())
    }
}

impl From<InvalidCursor> for QueryError {
    fn from(error: InvalidCursor) -> Self {
        Self::argument("cursor.invalid", format!("the cursor {error}"))
    }
}

impl From<QueryError> for async_graphql::Error {
    fn from(error: QueryError) -> Self {
        error.log();
        let mut converted = Self::new(error.message());
        converted.extensions = Some(coded(error.code()));
        converted
    }
}

/// An error of the whole request.
#[must_use]
pub(crate) fn request_error(code: &str, message: impl Into<String>) -> ServerError {
    let mut error = ServerError::new(message, None);
    error.extensions = Some(coded(code));
    error
}

fn coded(code: &str) -> ErrorExtensionValues {
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", Value::from(code));
    extensions
}

/// Gives a code to the errors that the library raised itself, and bounds their number.
pub(crate) fn finish(errors: &mut Vec<ServerError>) {
    errors.truncate(ERRORS_MAX);
    for error in errors {
        if error.extensions.is_none() {
            error.extensions = Some(coded(library_code(&error.message)));
        }
    }
}

/// The library tells its own refusals apart by their text alone; a test holds the two that we name.
fn library_code(message: &str) -> &'static str {
    match message {
        "Query is too complex." => "graphql.too_complex",
        "Query is nested too deep." => "graphql.too_deep",
        _ => "graphql.invalid",
    }
}
