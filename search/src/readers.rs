//! The connections that read, each lent to one answer at a time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use read_store::Generation;
use rusqlite::{Connection, InterruptHandle};
use tokio::sync::Semaphore;

use crate::error::SearchError;
use crate::file;
use crate::kept::KeptFacets;
use crate::limits::{READERS, SEARCH_MS_MAX};
use crate::writer::SearchWriter;

/// The connections that read one file. Cheap to clone: all clones are one.
#[derive(Clone, Debug)]
pub(crate) struct Readers {
    generation: Generation,
    /// What was counted in it.
    pub(crate) facets: KeptFacets,
    free: Arc<Mutex<Vec<Connection>>>,
    turns: Arc<Semaphore>,
}

impl Readers {
    /// # Errors
    /// The file cannot be opened.
    pub(crate) fn open(writer: &SearchWriter) -> Result<Self, SearchError> {
        let free: Vec<Connection> = (0..READERS)
            .map(|_| file::open_to_read(writer.path()))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            generation: writer.generation(),
            facets: KeptFacets::new(writer.moves()),
            turns: Arc::new(Semaphore::new(free.len())),
            free: Arc::new(Mutex::new(free)),
        })
    }

    /// Which file it is.
    pub(crate) fn generation(&self) -> Generation {
        self.generation
    }

    /// Does some reading on a thread that may block, all of it on one state of the file. What takes too long, or
    /// whoever waits too long for a turn, is given up.
    ///
    /// # Errors
    /// What the reading says; [`SearchError::Unavailable`] when it takes too long.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        reading: impl FnOnce(&Connection) -> Result<T, SearchError> + Send + 'static,
    ) -> Result<T, SearchError> {
        let longest = Duration::from_millis(SEARCH_MS_MAX);
        let too_long = || SearchError::Unavailable(format!("it takes longer than {SEARCH_MS_MAX} ms"));
        let turn = tokio::time::timeout(longest, Arc::clone(&self.turns).acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            return Err(too_long());
        };
        let Some(mut connection) = lock(&self.free).pop() else {
            return Err(SearchError::Unavailable("no connection is free".to_owned()));
        };
        let reading_now = Arc::new(Interruptible {
            handle: connection.get_interrupt_handle(),
            is_over: Mutex::new(false),
        });
        let (free, over) = (Arc::clone(&self.free), Arc::clone(&reading_now));
        let running = tokio::task::spawn_blocking(move || {
            let snapshot = connection.transaction().map_err(SearchError::from);
            let read = snapshot.and_then(|snapshot| reading(&snapshot));
            *lock(&over.is_over) = true;
            lock(&free).push(connection);
            drop(turn);
            read
        });
        let _given_up = GivenUp(reading_now);
        match tokio::time::timeout(longest, running).await {
            Ok(Ok(read)) => read,
            Ok(Err(error)) => Err(SearchError::Unavailable(error.to_string())),
            Err(_) => Err(too_long()),
        }
    }
}

/// A reading that can be interrupted for as long as it has its connection.
struct Interruptible {
    handle: InterruptHandle,
    is_over: Mutex<bool>,
}

/// Interrupts a reading that nobody waits for any more.
struct GivenUp(Arc<Interruptible>);

impl Drop for GivenUp {
    fn drop(&mut self) {
        let is_over = lock(&self.0.is_over);
        if !*is_over {
            self.0.handle.interrupt();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
