//! The index as those who ask see it.

use std::path::Path;
use std::sync::Arc;

use domain::value::ProductId;
use read_store::Generation;

use crate::error::SearchError;
use crate::facets::{Facet, facets};
use crate::hits::{Hit, count, page};
use crate::readers::Readers;
use crate::related::related;
use crate::request::{Criteria, Slice};
use crate::suggestions::{Suggestion, suggestions};
use crate::writer::SearchWriter;

/// The name under which it says how far it is.
pub const PROJECTION: &str = "search";
/// The only generation there is: an index of another shape is another file.
pub const GENERATION: Generation = 1;

/// Answers searches. Cheap to clone: all clones are one.
#[derive(Clone, Debug)]
pub struct SearchIndex(Arc<Readers>);

impl SearchIndex {
    /// Opens the index in a file, to write and to read. What is there is gone on with when it has the shape that
    /// this program makes; `folds` says which code makes the views in it. Else it begins anew, and the writer's
    /// positions are none. Blocks.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub fn open(path: &Path, folds: u32) -> Result<(SearchWriter, Self), SearchError> {
        let writer = SearchWriter::open(path, folds)?;
        Ok((writer, Self(Arc::new(Readers::open(path)?))))
    }

    /// The products of a slice of a list; from the list's end when the slice is read backward.
    ///
    /// # Errors
    /// [`SearchError`].
    pub async fn page(&self, criteria: Criteria, slice: Slice) -> Result<Vec<Hit>, SearchError> {
        self.0.read(move |connection| page(connection, &criteria, &slice)).await
    }

    /// How many products a list has.
    ///
    /// # Errors
    /// [`SearchError`].
    pub async fn count(&self, criteria: Criteria) -> Result<u64, SearchError> {
        self.0.read(move |connection| count(connection, &criteria)).await
    }

    /// What a list can be narrowed by.
    ///
    /// # Errors
    /// [`SearchError`].
    pub async fn facets(&self, criteria: Criteria) -> Result<Vec<Facet>, SearchError> {
        self.0.read(move |connection| facets(connection, &criteria)).await
    }

    /// How a search text may go on, and what may have been meant: at most `first`, the likeliest first.
    ///
    /// # Errors
    /// [`SearchError`].
    pub async fn suggestions(&self, query: String, first: usize) -> Result<Vec<Suggestion>, SearchError> {
        self.0
            .read(move |connection| suggestions(connection, &query, first))
            .await
    }

    /// The products most like each of these, at most `first` for each, in the order of these.
    ///
    /// # Errors
    /// [`SearchError`].
    pub async fn related(&self, products: Vec<ProductId>, first: usize) -> Result<Vec<Vec<ProductId>>, SearchError> {
        self.0
            .read(move |connection| related(connection, &products, first))
            .await
    }
}

#[cfg(test)]
mod tests;
