//! Which categories a facet shows, and which of them a product lies in.

use std::collections::{BTreeMap, HashMap};

use domain::value::{CATEGORY_DEPTH_MAX, CategoryId};
use rusqlite::{Connection, params};

use crate::document::CATEGORY;
use crate::error::SearchError;

/// The categories that a facet shows, by the values of products that lie in them or below them.
pub(super) struct ShownCategories {
    around: HashMap<u32, Vec<CategoryId>>,
}

impl ShownCategories {
    /// Of the chosen category: those beside it, itself among them, and those right below it. Without one: those at
    /// the top of the tree.
    pub(super) fn read(connection: &Connection, chosen: Option<CategoryId>) -> Result<Self, SearchError> {
        let parents = parents(connection)?;
        let beside = chosen.and_then(|chosen| parents.get(&chosen).copied().flatten());
        let is_shown = |category: &CategoryId| {
            let parent = parents.get(category).copied().flatten();
            parent == beside || (chosen.is_some() && parent == chosen)
        };
        let mut statement = connection.prepare_cached("SELECT id, label FROM value WHERE facet = ?1")?;
        let mut rows = statement.query(params![CATEGORY])?;
        let mut around = HashMap::new();
        while let Some(row) = rows.next()? {
            let (value, label): (u32, String) = (row.get(0)?, row.get(1)?);
            let mut shown = upwards(&parents, category_of(&label)?);
            shown.retain(is_shown);
            around.insert(value, shown);
        }
        Ok(Self { around })
    }

    /// Those in which a product with this value lies.
    pub(super) fn around(&self, value: u32) -> impl Iterator<Item = CategoryId> {
        self.around.get(&value).into_iter().flatten().copied()
    }
}

/// A category and all above it; none when one of them is not shown.
fn upwards(parents: &BTreeMap<CategoryId, Option<CategoryId>>, from: CategoryId) -> Vec<CategoryId> {
    let mut way = Vec::new();
    let mut next = Some(from);
    while let Some(category) = next {
        let Some(parent) = parents.get(&category) else {
            return way;
        };
        way.push(category);
        // A tree has no way back; a damaged one must not be walked for ever.
        next = parent.filter(|_| way.len() <= CATEGORY_DEPTH_MAX);
    }
    way
}

/// The parent of each category that is shown.
fn parents(connection: &Connection) -> Result<BTreeMap<CategoryId, Option<CategoryId>>, SearchError> {
    let mut statement = connection.prepare_cached("SELECT id, parent FROM category WHERE NOT archived")?;
    let mut rows = statement.query(params![])?;
    let mut parents = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let (category, parent): (String, Option<String>) = (row.get(0)?, row.get(1)?);
        let parent = parent.map(|parent| category_of(&parent)).transpose()?;
        parents.insert(category_of(&category)?, parent);
    }
    Ok(parents)
}

fn category_of(text: &str) -> Result<CategoryId, SearchError> {
    text.parse()
        .map_err(|_| SearchError::Damaged(format!("{text:?} is no category's id")))
}
