//! The index as those who ask see it.

use std::sync::{Arc, PoisonError, RwLock};

use domain::value::ProductId;
use read_store::Generation;
use rusqlite::Connection;
use tokio::sync::watch;

use crate::error::SearchError;
use crate::facets::Facet;
use crate::hits::{Hit, count, page};
use crate::readers::Readers;
use crate::related::related;
use crate::request::{Criteria, Slice};
use crate::suggestions::{Suggestion, suggestions};
use crate::writer::SearchWriter;

/// The name under which it says how far it is.
pub const PROJECTION: &str = "search";
/// Under which generation it says so: whatever file is answered from holds at least what the one before did.
pub const GENERATION: Generation = 1;

/// Answers searches. Cheap to clone: all clones are one.
#[derive(Clone, Debug)]
pub struct SearchIndex(Arc<Shown>);

#[derive(Debug)]
struct Shown {
    /// The file that is answered from.
    readers: RwLock<Readers>,
    /// The last file that was found to be damaged by who asked it; 0: none was.
    damaged: watch::Sender<Generation>,
}

impl SearchIndex {
    pub(crate) fn of(writer: &SearchWriter) -> Result<Self, SearchError> {
        let readers = Readers::open(writer)?;
        Ok(Self(Arc::new(Shown {
            readers: RwLock::new(readers),
            damaged: watch::Sender::new(0),
        })))
    }

    /// From now on answers from this file. Who is being answered from the one before still is. Blocks.
    ///
    /// # Errors
    /// It cannot be opened; then everything is as before.
    pub fn show(&self, writer: &SearchWriter) -> Result<(), SearchError> {
        let readers = Readers::open(writer)?;
        *self.0.readers.write().unwrap_or_else(PoisonError::into_inner) = readers;
        Ok(())
    }

    /// Hears of files that were found to be damaged by who asked them.
    #[must_use]
    pub fn damaged(&self) -> watch::Receiver<Generation> {
        self.0.damaged.subscribe()
    }

    fn readers(&self) -> Readers {
        self.0.readers.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn read<T: Send + 'static>(
        &self,
        reading: impl FnOnce(&Connection) -> Result<T, SearchError> + Send + 'static,
    ) -> Result<T, SearchError> {
        let readers = self.readers();
        let read = readers.read(reading).await;
        if let Err(SearchError::Damaged(_)) = &read {
            self.0.damaged.send_replace(readers.generation());
        }
        read
    }

    /// The products of a slice of a list; from the list's end when the slice is read backward.
    ///
    /// # Errors
    /// [`SearchError`].
    pub async fn page(&self, criteria: Criteria, slice: Slice) -> Result<Vec<Hit>, SearchError> {
        self.read(move |connection| page(connection, &criteria, &slice)).await
    }

    /// How many products a list has.
    ///
    /// # Errors
    /// [`SearchError`].
    pub async fn count(&self, criteria: Criteria) -> Result<u64, SearchError> {
        self.read(move |connection| count(connection, &criteria)).await
    }

    /// What a list can be narrowed by.
    ///
    /// # Errors
    /// [`SearchError`].
    pub async fn facets(&self, criteria: Criteria) -> Result<Vec<Facet>, SearchError> {
        let kept = self.readers().facets;
        self.read(move |connection| kept.facets(connection, &criteria)).await
    }

    /// How a search text may go on, and what may have been meant: at most `first`, the likeliest first.
    ///
    /// # Errors
    /// [`SearchError`].
    pub async fn suggestions(&self, query: String, first: usize) -> Result<Vec<Suggestion>, SearchError> {
        self.read(move |connection| suggestions(connection, &query, first))
            .await
    }

    /// The products most like each of these, at most `first` for each, in the order of these.
    ///
    /// # Errors
    /// [`SearchError`].
    pub async fn related(&self, products: Vec<ProductId>, first: usize) -> Result<Vec<Vec<ProductId>>, SearchError> {
        self.read(move |connection| related(connection, &products, first)).await
    }
}

#[cfg(test)]
mod tests;
