//! Views by key, read together: what the fields of twenty products ask for is one read of the store.
//!
//! A loader lives as long as one request. Whoever asks first lets the others speak, by yielding once, and then
//! reads for all of them; nobody waits for a clock. What was read is kept until the request is answered.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use tokio::sync::oneshot;

use crate::error::QueryError;

/// What reads the views at some keys, in their order.
pub(crate) trait ReadMany<K, V>: Send + Sync + 'static {
    /// The views at these keys; none where there is none.
    fn read_many(self: Arc<Self>, keys: Vec<K>) -> BoxFuture<'static, Result<Vec<Option<V>>, QueryError>>;
}

/// A loader of views of one kind.
pub(crate) struct Loader<K, V> {
    reader: Arc<dyn ReadMany<K, V>>,
    shelf: Mutex<Shelf<K, V>>,
}

/// Tells how the read went; nothing, when whoever was to read was given up.
type Outcome = Shared<oneshot::Receiver<Result<(), QueryError>>>;

struct Shelf<K, V> {
    known: HashMap<K, Option<Arc<V>>>,
    wanted: Vec<K>,
    /// The read to come, as long as more can be put on its list.
    gathering: Option<Outcome>,
}

/// What somebody who asks has to do.
enum Part {
    Nothing,
    Read(oneshot::Sender<Result<(), QueryError>>),
    Wait(Outcome),
}

impl<K, V> Loader<K, V>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// A loader that reads with `reader`.
    #[must_use]
    pub(crate) fn new(reader: Arc<dyn ReadMany<K, V>>) -> Self {
        Self {
            reader,
            shelf: Mutex::new(Shelf {
                known: HashMap::new(),
                wanted: Vec::new(),
                gathering: None,
            }),
        }
    }

    /// The view at a key.
    ///
    /// # Errors
    /// What the store says.
    pub(crate) async fn load(&self, key: K) -> Result<Option<Arc<V>>, QueryError> {
        let views = self.load_many(std::slice::from_ref(&key)).await?;
        Ok(views.into_iter().next().flatten())
    }

    /// The views at these keys, in their order; none where there is none.
    ///
    /// # Errors
    /// What the store says.
    pub(crate) async fn load_many(&self, keys: &[K]) -> Result<Vec<Option<Arc<V>>>, QueryError> {
        loop {
            match self.ask_for(keys) {
                Part::Nothing => break,
                Part::Read(tell) => {
                    tokio::task::yield_now().await;
                    let outcome = self.read_what_is_wanted().await;
                    // Nobody may be waiting.
                    let _ = tell.send(outcome.clone());
                    outcome?;
                }
                Part::Wait(outcome) => {
                    // When whoever was to read was given up, somebody else does.
                    if let Ok(outcome) = outcome.await {
                        outcome?;
                    }
                }
            }
        }
        let shelf = lock(&self.shelf);
        Ok(keys.iter().map(|key| shelf.known.get(key).cloned().flatten()).collect())
    }

    /// Puts what is not known yet on the list of the next read.
    fn ask_for(&self, keys: &[K]) -> Part {
        let mut shelf = lock(&self.shelf);
        let Shelf {
            known,
            wanted,
            gathering,
        } = &mut *shelf;
        let before = wanted.len();
        wanted.extend(keys.iter().filter(|key| !known.contains_key(key)).cloned());
        if wanted.len() == before {
            return Part::Nothing;
        }
        if let Some(outcome) = gathering.as_ref().filter(|outcome| outcome.peek().is_none()) {
            return Part::Wait(outcome.clone());
        }
        let (tell, outcome) = oneshot::channel();
        *gathering = Some(outcome.shared());
        Part::Read(tell)
    }

    async fn read_what_is_wanted(&self) -> Result<(), QueryError> {
        let keys = {
            let mut shelf = lock(&self.shelf);
            shelf.gathering = None;
            let mut keys = std::mem::take(&mut shelf.wanted);
            let mut seen = HashSet::new();
            keys.retain(|key| seen.insert(key.clone()));
            keys
        };
        let views = Arc::clone(&self.reader).read_many(keys.clone()).await?;
        let mut shelf = lock(&self.shelf);
        for (key, view) in keys.into_iter().zip(views) {
            shelf.known.insert(key, view.map(Arc::new));
        }
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
