//! Facets of lists that everybody asks for, kept until what they count has changed: counting them means looking at
//! every product.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use crate::error::SearchError;
use crate::facets::{Facet, facets, recount_availability};
use crate::limits::FACET_LISTS_KEPT_MAX;
use crate::request::{Criteria, Filter};

/// How often a file has changed since it was opened.
#[derive(Debug, Default)]
pub(crate) struct Moves {
    /// What products are, or where they are.
    products: AtomicU64,
    /// How many there are of them.
    stock: AtomicU64,
}

/// The numbers of both at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Moved {
    products: u64,
    stock: u64,
}

impl Moves {
    /// Says that products are others now, and their stock with them.
    pub(crate) fn products(&self) {
        self.products.fetch_add(1, Ordering::SeqCst);
    }

    /// Says that stock is another now.
    pub(crate) fn stock(&self) {
        self.stock.fetch_add(1, Ordering::SeqCst);
    }

    fn now(&self) -> Moved {
        Moved {
            products: self.products.load(Ordering::SeqCst),
            stock: self.stock.load(Ordering::SeqCst),
        }
    }
}

/// Facets that were counted. Cheap to clone: all clones are one.
#[derive(Clone, Debug)]
pub(crate) struct KeptFacets(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    moves: Arc<Moves>,
    /// The last one that was counted comes last.
    lists: Mutex<Vec<Counted>>,
}

#[derive(Clone, Debug)]
struct Counted {
    criteria: Criteria,
    at: Moved,
    facets: Vec<Facet>,
}

impl KeptFacets {
    pub(crate) fn new(moves: Arc<Moves>) -> Self {
        let lists = Mutex::default();
        Self(Arc::new(Inner { moves, lists }))
    }

    /// The facets of a list, as they are in the state of the file that this connection begins to see.
    ///
    /// # Errors
    /// [`SearchError`].
    pub(crate) fn facets(&self, connection: &Connection, criteria: &Criteria) -> Result<Vec<Facet>, SearchError> {
        if !is_asked_often(criteria) {
            return facets(connection, criteria);
        }
        // Before anything is read: whatever changes from here on makes what is read too old to be given again.
        let at = self.0.moves.now();
        let known = self
            .lists()
            .iter()
            .find(|counted| counted.criteria == *criteria)
            .cloned();
        let facets = match known {
            Some(known) if known.at == at => return Ok(known.facets),
            Some(known) if known.at.products == at.products => {
                recount_availability(connection, criteria, known.facets)?
            }
            _ => facets(connection, criteria)?,
        };
        self.keep(Counted {
            criteria: criteria.clone(),
            at,
            facets: facets.clone(),
        });
        Ok(facets)
    }

    fn keep(&self, counted: Counted) {
        let mut lists = self.lists();
        lists.retain(|known| known.criteria != counted.criteria);
        if lists.len() >= FACET_LISTS_KEPT_MAX {
            lists.remove(0);
        }
        lists.push(counted);
    }

    fn lists(&self) -> MutexGuard<'_, Vec<Counted>> {
        self.0.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether it is a list that a shop's pages begin with: all products, or those of a category.
fn is_asked_often(criteria: &Criteria) -> bool {
    let only_category = Filter {
        category: criteria.filter.category,
        ..Filter::default()
    };
    criteria.query.is_none() && criteria.filter == only_category
}

#[cfg(test)]
mod tests;
