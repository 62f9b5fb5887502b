//! Documents that were parsed before: a page asks the same question again and again.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use lru::LruCache;

use super::{DocumentError, ParsedDocument, parse};
use crate::limits::{DOCUMENT_KEPT_BYTES_MAX, DOCUMENTS_KEPT_MAX};

/// The last documents, parsed and within their limits, by their text.
pub(crate) struct DocumentCache {
    kept: Mutex<LruCache<Box<str>, Arc<ParsedDocument>>>,
}

impl Default for DocumentCache {
    fn default() -> Self {
        let capacity = NonZeroUsize::new(DOCUMENTS_KEPT_MAX).unwrap_or(NonZeroUsize::MIN);
        Self {
            kept: Mutex::new(LruCache::new(capacity)),
        }
    }
}

impl DocumentCache {
    /// The document of this text, parsed now or before.
    ///
    /// # Errors
    /// It is not GraphQL, or exceeds a limit; refusals are not kept.
    pub(crate) fn parsed(&self, text: &str) -> Result<Arc<ParsedDocument>, DocumentError> {
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
