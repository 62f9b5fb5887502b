//! Categories: by id, by slug, and as a tree.

use domain::value::{CategoryId, LocalizedText, Slug, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Clustering, ID_COLUMN, VIEW_COLUMN};
use crate::port::{Key, Table};

/// The projection's name.
pub const PROJECTION: &str = "category";

/// The view of each category that ever was: partition = id. Archived ones are in it.
pub static BY_ID: Table = Table {
    projection: PROJECTION,
    name: "by_id",
    columns: &[VIEW_COLUMN],
};

/// The id of each category that is not archived: partition = slug.
pub static BY_SLUG: Table = Table {
    projection: PROJECTION,
    name: "by_slug",
    columns: &[ID_COLUMN],
};

/// The tree: partition = [`children_partition`], clustering = slug and id, column = the child's view.
pub static CHILDREN: Table = Table {
    projection: PROJECTION,
    name: "children",
    columns: &[VIEW_COLUMN],
};

/// All tables of the projection, the views' first.
pub static TABLES: [&Table; 3] = [&BY_ID, &BY_SLUG, &CHILDREN];

/// What is shown of a category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryView {
    /// Its id.
    pub id: CategoryId,
    /// Unique among categories.
    pub slug: Slug,
    /// What shoppers read.
    pub name: LocalizedText,
    /// The category above it; none at the top of the tree.
    pub parent: Option<CategoryId>,
    /// Whether it is shown no more.
    pub archived: bool,
    /// Since when it exists.
    pub opened: Timestamp,
}

/// Where the view of a category is.
#[must_use]
pub fn by_id_key(id: CategoryId) -> Key {
    Key::of(id.to_string())
}

/// Where the id of the category with a slug is.
#[must_use]
pub fn by_slug_key(slug: &Slug) -> Key {
    Key::of(slug.to_string())
}

/// The partition of the categories below one, or at the top of the tree (none).
#[must_use]
pub fn children_partition(parent: Option<CategoryId>) -> String {
    parent.map_or_else(|| "top".to_owned(), |parent| parent.to_string())
}

/// Where a category stands among those beside it.
#[must_use]
pub fn children_clustering(slug: &Slug, id: CategoryId) -> Vec<u8> {
    Clustering::new().text(slug.as_str()).id(id.0).into_bytes()
}
