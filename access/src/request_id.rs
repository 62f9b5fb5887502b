//! What one request is called in logs, records and answers.

use http::{HeaderMap, HeaderValue};
use uuid::Uuid;

/// The header in which a request is named, and its answer.
pub const REQUEST_ID_HEADER: &str = "x-request-id";
/// Most characters of a name that a sender gives.
pub const REQUEST_ID_CHARS_MAX: usize = 128;

/// What one request is called: by its sender (`X-Request-Id`), or by us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The sender's own, when it is short and plain enough to stand in a log line as it is; else a new one.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let is_plain = |text: &str| {
            (1..=REQUEST_ID_CHARS_MAX).contains(&text.len())
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
        };
        match headers.get(REQUEST_ID_HEADER) {
            Some(value) if value.to_str().is_ok_and(is_plain) => Self(value.clone()),
            _ => Self::fresh(),
        }
    }

    fn fresh() -> Self {
        let text = Uuid::now_v7().to_string();
        Self(HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("unknown")))
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or("unknown")
    }

    /// Writes it into headers, instead of what may stand there.
    pub fn name(&self, headers: &mut HeaderMap) {
        headers.insert(REQUEST_ID_HEADER, self.0.clone());
    }
}

#[cfg(test)]
mod tests;
