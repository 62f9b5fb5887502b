//! Committed states in memory: those not yet written to `state.db`, and the ones used last.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use domain::State;
use domain::stream::StreamId;
use lru::LruCache;

use crate::limits::HOT_STREAMS_MAX;

/// Streams that a look for something to forget passes over at most, because they are not written yet.
const PASSED_OVER_MAX: usize = 8;

/// A stream's state and how many events made it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Versioned {
    /// How many events the stream had.
    pub version: u64,
    /// The state; none when one of the events cannot be read by this program.
    pub state: Option<Arc<State>>,
}

impl Versioned {
    /// A stream without events.
    #[must_use]
    pub fn initial(stream: &StreamId) -> Self {
        Self {
            version: 0,
            state: Some(Arc::new(State::initial(stream))),
        }
    }
}

#[derive(Clone, Debug, Hash)]
struct Entry {
    versioned: Versioned,
    /// The commit that changed it last, as far as this memory goes.
    seq: u64,
}

/// Committed states of one shard's streams. What `state.db` holds may be forgotten.
#[derive(Clone, Debug)]
pub(super) struct Hot {
    entries: LruCache<StreamId, Entry>,
    written: u64,
}

impl Hot {
    pub(super) fn new() -> Self {
        Self {
            entries: LruCache::unbounded(),
            written: 0,
        }
    }

    /// Everything up to this commit is in `state.db`.
    pub(super) fn set_written(&mut self, seq: u64) {
        self.written = self.written.max(seq);
    }

    pub(super) fn peek(&self, stream: &StreamId) -> Option<&Versioned> {
        self.entries.peek(stream).map(|entry| &entry.versioned)
    }

    /// A state that `state.db` holds; what is in memory already is newer or the same.
    pub(super) fn loaded(&mut self, stream: StreamId, versioned: Versioned) {
        if !self.entries.contains(&stream) {
            self.put(stream, versioned, 0);
        }
    }

    /// A state that commit `seq` led to.
    pub(super) fn committed(&mut self, stream: StreamId, versioned: Versioned, seq: u64) {
        self.put(stream, versioned, seq);
    }

    fn put(&mut self, stream: StreamId, versioned: Versioned, seq: u64) {
        self.entries.put(stream, Entry { versioned, seq });
        self.forget_the_coldest();
    }

    fn forget_the_coldest(&mut self) {
        for _ in 0..PASSED_OVER_MAX {
            if self.entries.len() <= HOT_STREAMS_MAX {
                return;
            }
            let Some((stream, entry)) = self.entries.pop_lru() else {
                return;
            };
            if entry.seq > self.written {
                self.entries.put(stream, entry);
            }
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&StreamId, &Versioned)> {
        self.entries.iter().map(|(stream, entry)| (stream, &entry.versioned))
    }
}

impl Hash for Hot {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.written.hash(hasher);
        for (stream, entry) in &self.entries {
            (stream, entry).hash(hasher);
        }
    }
}
