//! Categories by id, by slug, and as a tree.

use domain::catalog::category;
use domain::stream::{StreamId, Topic};
use domain::value::Timestamp;
use domain::{Decided, Event};
use read_store::model::category::{
    BY_SLUG, CHILDREN, CategoryView, PROJECTION, TABLES, by_id_key, by_slug_key, children_clustering,
    children_partition,
};
use read_store::model::{Versioned, id_row, view_row};
use read_store::{Key, StoreError, Table};

use crate::projection::{DerivedRow, Projection};

/// Categories by id, by slug, and as a tree.
#[derive(Debug)]
pub struct Categories;

impl Projection for Categories {
    const NAME: &'static str = PROJECTION;
    const VERSION: u32 = 1;
    const TOPICS: &'static [Topic] = &[Topic::Catalog];
    const TABLES: &'static [&'static Table] = &TABLES;

    type View = CategoryView;

    fn view_key(stream: &StreamId) -> Option<Key> {
        match stream {
            StreamId::Category(id) => Some(by_id_key(*id)),
            _ => None,
        }
    }

    fn evolve(view: Option<CategoryView>, decided: &Decided, at: Timestamp) -> Option<CategoryView> {
        let (Event::Category(event), StreamId::Category(id)) = (&decided.event, &decided.stream) else {
            return view;
        };
        if let category::Event::CategoryOpened { slug, name, parent } = event {
            return Some(CategoryView {
                id: *id,
                slug: slug.clone(),
                name: name.clone(),
                parent: *parent,
                archived: false,
                opened: at,
            });
        }
        let mut view = view?;
        match event {
            category::Event::CategoryOpened { .. } => {}
            category::Event::CategoryRenamed { slug, name } => {
                view.slug = slug.clone();
                view.name = name.clone();
            }
            category::Event::CategoryMoved { parent } => view.parent = *parent,
            category::Event::CategoryArchived {} => view.archived = true,
        }
        Some(view)
    }

    fn rows(versioned: &Versioned<CategoryView>) -> Result<Vec<DerivedRow>, StoreError> {
        let view = &versioned.view;
        if view.archived {
            return Ok(Vec::new());
        }
        let in_tree = Key {
            partition: children_partition(view.parent),
            clustering: children_clustering(&view.slug, view.id),
        };
        Ok(vec![
            (&BY_SLUG, id_row(by_slug_key(&view.slug), view.id.0)),
            (&CHILDREN, view_row(in_tree, versioned)?),
        ])
    }
}

#[cfg(test)]
mod tests;
