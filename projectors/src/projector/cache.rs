use lru::LruCache;
use read_store::model::Versioned;

/// Views that were used lately, as they are stored: a view that changes often is not read and decoded each time.
pub(super) struct ViewCache<V> {
    views: LruCache<String, Cached<V>>,
    bytes: usize,
    bytes_max: usize,
}

struct Cached<V> {
    view: Box<Versioned<V>>,
    /// How long it is encoded: a measure of its size in memory.
    bytes: usize,
}

impl<V> ViewCache<V> {
    pub(super) fn new(bytes_max: usize) -> Self {
        Self {
            views: LruCache::unbounded(),
            bytes: 0,
            bytes_max,
        }
    }

    pub(super) fn contains(&self, key: &str) -> bool {
        self.views.contains(key)
    }

    pub(super) fn take(&mut self, key: &str) -> Option<Box<Versioned<V>>> {
        let cached = self.views.pop(key)?;
        self.bytes -= cached.bytes;
        Some(cached.view)
    }

    /// Keeps a view, and lets those go that were not used for the longest time.
    pub(super) fn put(&mut self, key: String, view: Box<Versioned<V>>, bytes: usize) {
        self.bytes += bytes;
        if let Some(replaced) = self.views.put(key, Cached { view, bytes }) {
            self.bytes -= replaced.bytes;
        }
        while self.bytes > self.bytes_max
            && let Some((_, oldest)) = self.views.pop_lru()
        {
            self.bytes -= oldest.bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::value::Timestamp;

    use super::*;

    fn view(number: u64) -> Box<Versioned<u64>> {
        Box::new(Versioned {
            seq: number,
            version: number,
            changed: Timestamp(0),
            view: number,
        })
    }

    #[test]
    fn what_was_not_used_goes_first_when_there_is_no_room() {
        let mut cache = ViewCache::new(20);
        cache.put("a".to_owned(), view(1), 10);
        cache.put("b".to_owned(), view(2), 10);
        let used = cache.take("a").expect("it is there");
        cache.put("a".to_owned(), used, 10);
        cache.put("c".to_owned(), view(3), 10);
        assert!(cache.contains("a") && cache.contains("c") && !cache.contains("b"));
        assert_eq!(cache.bytes, 20);
    }

    #[test]
    fn a_view_larger_than_the_room_is_not_kept() {
        let mut cache = ViewCache::new(20);
        cache.put("a".to_owned(), view(1), 21);
        assert!(cache.take("a").is_none());
        assert_eq!(cache.bytes, 0);
    }
}
