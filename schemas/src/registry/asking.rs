use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use lru::LruCache;

/// How long a registry that did not answer is not asked again: whoever needs it hears so at once.
const AWAY: Duration = Duration::from_secs(1);
/// How long a number stays unknown before it is asked for again.
const UNKNOWN: Duration = Duration::from_secs(5);
/// Most unknown numbers that are remembered: a log full of nonsense must not become a flood of questions.
const UNKNOWN_IDS_MAX: NonZeroUsize = NonZeroUsize::new(1_000).expect("a thousand is not zero");

/// What was asked a moment ago, in vain.
#[derive(Debug)]
pub(super) struct Asked {
    failed: Option<(Instant, String)>,
    unknown: LruCache<u32, Instant>,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            failed: None,
            unknown: LruCache::new(UNKNOWN_IDS_MAX),
        }
    }
}

impl Asked {
    /// The registry did not answer just now.
    pub(super) fn failed(&mut self, why: String) {
        self.failed = Some((Instant::now(), why));
    }

    /// Why it did not, when that was a moment ago.
    pub(super) fn recently_failed(&self) -> Option<String> {
        let (at, why) = self.failed.as_ref()?;
        (at.elapsed() < AWAY).then(|| why.clone())
    }

    /// Nobody has registered a schema under this number.
    pub(super) fn unknown(&mut self, id: u32) {
        self.unknown.put(id, Instant::now());
    }

    /// Whether that was so a moment ago.
    pub(super) fn recently_unknown(&mut self, id: u32) -> bool {
        self.unknown.get(&id).is_some_and(|at| at.elapsed() < UNKNOWN)
    }
}
