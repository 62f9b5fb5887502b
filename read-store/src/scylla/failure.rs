//! What came of asking the database, as far as it matters to who asked.

use std::error::Error;

use scylla::errors::{DbError, ExecutionError, PrepareError, RequestAttemptError};

use crate::port::StoreError;

/// Why the database has not done what it was asked.
#[derive(Clone, Debug)]
pub(super) enum Failure {
    /// Nothing was heard of it: the session may be at fault. What was asked may have been done.
    Unreachable(String),
    /// It has answered: not now. What was asked may have been done.
    Busy(String),
    /// The statement makes no sense to it: there is no such table, or a value is too long.
    Invalid(String),
    /// Asking again does not help.
    Final(StoreError),
}

impl Failure {
    pub(super) fn is_retryable(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Busy(_))
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Unreachable(why) | Failure::Busy(why) => Self::Unavailable(why),
            Failure::Invalid(why) => Self::Damaged(why),
            Failure::Final(error) => error,
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Final(error)
    }
}

impl From<ExecutionError> for Failure {
    fn from(error: ExecutionError) -> Self {
        match error {
            ExecutionError::LastAttemptError(attempt) => attempt.into(),
            ExecutionError::PrepareError(prepare) => prepare.into(),
            ExecutionError::BadQuery(_) => Self::Final(StoreError::Damaged(said(&error))),
            ExecutionError::EmptyPlan | ExecutionError::ConnectionPoolError(_) | ExecutionError::RequestTimeout(_) => {
                Self::Unreachable(said(&error))
            }
            _ => Self::Busy(said(&error)),
        }
    }
}

impl From<PrepareError> for Failure {
    fn from(error: PrepareError) -> Self {
        match error {
            PrepareError::AllAttemptsFailed { first_attempt } => first_attempt.into(),
            PrepareError::ConnectionPoolError(_) => Self::Unreachable(said(&error)),
            _ => Self::Busy(said(&error)),
        }
    }
}

impl From<RequestAttemptError> for Failure {
    fn from(error: RequestAttemptError) -> Self {
        match &error {
            RequestAttemptError::DbError(DbError::Invalid, why) => Self::Invalid(why.clone()),
            RequestAttemptError::DbError(DbError::SyntaxError, _)
            | RequestAttemptError::SerializationError(_)
            | RequestAttemptError::CqlRequestSerialization(_) => Self::Final(StoreError::Damaged(said(&error))),
            // Whatever the database says, a missing right included, an operator can put right meanwhile.
            RequestAttemptError::DbError(..) => Self::Busy(said(&error)),
            _ => Self::Unreachable(said(&error)),
        }
    }
}

/// An error with its causes, on one line, each said once.
pub(super) fn said(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}
