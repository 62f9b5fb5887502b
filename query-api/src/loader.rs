//! Views by key, read together: what the fields of twenty products ask for is one read of the store.
//!
//! A loader lives as long as one request. Whoever asks first lets the others speak, by yielding once, and then
//! reads for all of them; nobody waits for a clock. What was read is kept until the request is answered.

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::FutureExt;
use futures::future::{BoxFuture, Shared};

use crate::error::QueryError;

/// What reads the views at some keys, in their order.
pub(crate) trait ReadMany<K, V>: Send + Sync + 'static {
    /// The views at these keys; none where there is none.
    fn read_many(self: Arc<Self>, keys: Vec<K>) -> BoxFuture<'static, Result<Vec<Option<V>>, QueryError>>;
}

/// A loader of views of one kind.
pub(crate) struct Loader<K, V> {
    reader: Arc<dyn ReadMany<K, V>>,
    shelf: Arc<Mutex<Shelf<K, V>>>,
}

type Batch = Shared<Pin<Box<dyn Future<Output = Result<(), QueryError>> + Send>>>;

struct Shelf<K, V> {
    known: HashMap<K, Option<Arc<V>>>,
    wanted: Vec<K>,
    gathering: Option<Batch>,
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
            shelf: Arc::new(Mutex::new(Shelf {
                known: HashMap::new(),
                wanted: Vec::new(),
                gathering: None,
            })),
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
        if let Some(batch) = self.ask_for(keys) {
            batch.await?;
        }
        let shelf = lock(&self.shelf);
        Ok(keys.iter().map(|key| shelf.known.get(key).cloned().flatten()).collect())
    }

    /// Puts what is not known yet on the list of the next read; none when all is known.
    fn ask_for(&self, keys: &[K]) -> Option<Batch> {
        let mut shelf = lock(&self.shelf);
        let missing: Vec<K> = keys.iter().filter(|key| !shelf.known.contains_key(key)).cloned().collect();
        if missing.is_empty() {
            return None;
        }
        shelf.wanted.extend(missing);
        let batch = shelf.gathering.get_or_insert_with(|| {
            let (reader, shelf) = (Arc::clone(&self.reader), Arc::clone(&self.shelf));
            read_what_is_wanted(reader, shelf).boxed().shared()
        });
        Some(batch.clone())
    }
}

async fn read_what_is_wanted<K, V>(
    reader: Arc<dyn ReadMany<K, V>>,
    shelf: Arc<Mutex<Shelf<K, V>>>,
) -> Result<(), QueryError>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    tokio::task::yield_now().await;
    let keys = {
        let mut shelf = lock(&shelf);
        shelf.gathering = None;
        let mut keys = std::mem::take(&mut shelf.wanted);
        let mut seen = std::collections::HashSet::new();
        keys.retain(|key| seen.insert(key.clone()));
        keys
    };
    let views = reader.read_many(keys.clone()).await?;
    let mut shelf = lock(&shelf);
    for (key, view) in keys.into_iter().zip(views) {
        shelf.known.insert(key, view.map(Arc::new));
    }
    Ok(())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
