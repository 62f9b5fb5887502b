//! The search index: an SQLite file with a full-text table, local to each process that answers queries.
//!
//! [`SearchFiles`] opens it; [`SearchWriter`] takes the views of products, categories and stock, and what was sold, in transactions together
//! with the positions in the log that they come from; [`SearchIndex`] answers from the file: pages of products that
//! fit a [`Filter`], facets, suggestions and related products. Nothing here is the truth: a file that is lost, old
//! or damaged is made again from the log. Who feeds the writer and who asks the index know nothing of SQLite.

mod availability;
mod conditions;
mod document;
mod error;
mod facets;
mod file;
mod files;
mod hits;
mod index;
mod kept;
pub mod limits;
mod place;
mod readers;
mod related;
mod request;
mod snapshot;
mod suggestions;
#[cfg(test)]
mod testkit;
mod words;
mod writer;
mod writer_parts;

pub use availability::Level;
pub use error::SearchError;
pub use facets::{Facet, FacetKind, FacetValue, ValueOf};
pub use files::{MEASURE, Opened, SearchFiles};
pub use hits::Hit;
pub use index::{GENERATION, PROJECTION, SearchIndex};
pub use place::Place;
pub use request::{Criteria, Filter, PriceBounds, Slice, Sort};
pub use snapshot::{Compared, Differing, Snapshot};
pub use suggestions::Suggestion;
pub use writer::{Changes, ParkedAt, SearchWriter};
