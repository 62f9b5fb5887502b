//! Why an engine is not there.

/// Why an engine did not start, stop or obey.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Error(pub(crate) String);
