//! Cursors: where a row stands in the order of one query.
//!
//! A cursor is the row's clustering key behind a fingerprint of the query it came from, in base64url. It names a
//! position, not a number of rows, so it stays good while rows come and go and after a rebuild. Another query's
//! cursor is refused: its keys mean something else.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use thiserror::Error;
use uuid::Uuid;

use crate::limits::CURSOR_CHARS_MAX;

/// Namespace of the fingerprints. Part of every cursor: it never changes.
const QUERIES: Uuid = Uuid::from_u128(0x8f3b_6c1e_52d9_4a07_b1c4_7e90_d2a6_35f8);
/// Bytes of a fingerprint.
const FINGERPRINT_BYTES: usize = 8;

/// Which query a cursor belongs to: everything that decides the order and the partition of its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct QueryFingerprint([u8; FINGERPRINT_BYTES]);

/// Not a cursor of this query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("is not a cursor of this query")]
pub(crate) struct InvalidCursor;

impl QueryFingerprint {
    /// The fingerprint of what `description` describes.
    #[must_use]
    pub(crate) fn of(description: &str) -> Self {
        let hash = Uuid::new_v5(&QUERIES, description.as_bytes());
        let mut fingerprint = [0; FINGERPRINT_BYTES];
        fingerprint.copy_from_slice(&hash.as_bytes()[..FINGERPRINT_BYTES]);
        Self(fingerprint)
    }

    /// The cursor of the row with this clustering key.
    #[must_use]
    pub(crate) fn cursor(&self, clustering_key: &[u8]) -> String {
        let mut bytes = Vec::with_capacity(FINGERPRINT_BYTES + clustering_key.len());
        bytes.extend_from_slice(&self.0);
        bytes.extend_from_slice(clustering_key);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The clustering key that `cursor` stands for.
    ///
    /// # Errors
    /// It is no cursor, or another query's.
    pub(crate) fn clustering_key(&self, cursor: &str) -> Result<Vec<u8>, InvalidCursor> {
        if cursor.len() > CURSOR_CHARS_MAX {
            return Err(InvalidCursor);
        }
        let mut bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| InvalidCursor)?;
        if !bytes.starts_with(&self.0) {
            return Err(InvalidCursor);
        }
        Ok(bytes.split_off(FINGERPRINT_BYTES))
    }
}

#[cfg(test)]
mod tests;
