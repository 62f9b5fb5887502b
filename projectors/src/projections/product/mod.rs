//! Products by id, by slug, by SKU, in pages, and in the lists of those who run the shop.

use domain::stream::{StreamId, Topic};
use domain::value::Timestamp;
use domain::{Decided, Event};
use read_store::model::Versioned;
use read_store::model::product::{PROJECTION, ProductView, TABLES, by_id_key};
use read_store::{Key, StoreError, Table};

use crate::projection::{DerivedRow, Projection};

mod evolve;
mod rows;

/// Products by id, by slug, by SKU, in pages, and in the lists of those who run the shop.
#[derive(Debug)]
pub struct Products;

impl Projection for Products {
    const NAME: &'static str = PROJECTION;
    const VERSION: u32 = 3;
    const TOPICS: &'static [Topic] = &[Topic::Catalog];
    const TABLES: &'static [&'static Table] = &TABLES;

    type View = ProductView;

    fn view_key(stream: &StreamId) -> Option<Key> {
        match stream {
            StreamId::Product(id) => Some(by_id_key(*id)),
            _ => None,
        }
    }

    fn evolve(view: Option<ProductView>, decided: &Decided, at: Timestamp) -> Option<ProductView> {
        let (Event::Product(event), StreamId::Product(id)) = (&decided.event, &decided.stream) else {
            return view;
        };
        evolve::evolve(view, *id, event, at)
    }

    fn rows(versioned: &Versioned<ProductView>) -> Result<Vec<DerivedRow>, StoreError> {
        Ok(rows::rows(&versioned.view))
    }
}

#[cfg(test)]
mod tests;
