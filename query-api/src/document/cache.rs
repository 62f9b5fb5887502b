//! Documents that were parsed before: a page asks the same question again and again.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use lru::LruCache;
use sha2::{Digest, Sha256};

use super::{DocumentError, ParsedDocument, parse};
use crate::limits::{DOCUMENT_KEPT_BYTES_MAX, DOCUMENTS_KEPT_MAX};

/// Bytes of a SHA-256.
const HASH_BYTES: usize = 32;

/// The SHA-256 of a document's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct DocumentHash([u8; HASH_BYTES]);

impl DocumentHash {
    /// The hash of a text.
    pub(crate) fn of(text: &str) -> Self {
        Self(Sha256::digest(text).into())
    }

    /// The hash that 64 hexadecimal digits name.
    pub(crate) fn from_hex(digits: &str) -> Option<Self> {
        if digits.len() != 2 * HASH_BYTES || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let mut hash = [0; HASH_BYTES];
        for (place, byte) in hash.iter_mut().enumerate() {
            *byte = u8::from_str_radix(digits.get(2 * place..2 * place + 2)?, 16).ok()?;
        }
        Some(Self(hash))
    }
}

/// How a document is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// By its text.
    Text(String),
    /// By its text, which may be asked for by its hash from now on.
    Named(String, DocumentHash),
    /// By the hash of a text that came before.
    Known(DocumentHash),
}

/// The last documents, parsed and within their limits, by their text and by its hash. What is named by a hash may be
/// forgotten at any time; whoever asks sends the text again.
pub(crate) struct DocumentCache {
    kept: Mutex<LruCache<Box<str>, Arc<ParsedDocument>>>,
    named: Mutex<LruCache<DocumentHash, Arc<ParsedDocument>>>,
}

impl Default for DocumentCache {
    fn default() -> Self {
        let capacity = NonZeroUsize::new(DOCUMENTS_KEPT_MAX).unwrap_or(NonZeroUsize::MIN);
        Self {
            kept: Mutex::new(LruCache::new(capacity)),
            named: Mutex::new(LruCache::new(capacity)),
        }
    }
}

impl DocumentCache {
    /// The document that is named so.
    ///
    /// # Errors
    /// It is not GraphQL, or exceeds a limit; the hash is another text's, or of one that is not known. Refusals are
    /// not kept.
    pub(crate) fn of(&self, source: &Source) -> Result<Arc<ParsedDocument>, DocumentError> {
        match source {
            Source::Text(text) => self.parsed(text),
            Source::Named(text, hash) => {
                if DocumentHash::of(text) != *hash {
                    return Err(DocumentError::PersistedDiffers);
                }
                let parsed = self.parsed(text)?;
                if text.len() <= DOCUMENT_KEPT_BYTES_MAX {
                    let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
                    named.put(*hash, Arc::clone(&parsed));
                }
                Ok(parsed)
            }
            Source::Known(hash) => {
                let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
                named.get(hash).cloned().ok_or(DocumentError::PersistedNotFound)
            }
        }
    }

    /// The document of this text, parsed now or before.
    fn parsed(&self, text: &str) -> Result<Arc<ParsedDocument>, DocumentError> {
        if let Some(known) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(text) {
            return Ok(Arc::clone(known));
        }
        let parsed = Arc::new(parse(text)?);
        if text.len() <= DOCUMENT_KEPT_BYTES_MAX {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.put(text.into(), Arc::clone(&parsed));
        }
        Ok(parsed)
    }
}

#[cfg(test)]
mod tests;
