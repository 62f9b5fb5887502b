//! Events of a category. These names and fields are the storage format.

use serde::{Deserialize, Serialize};

use crate::value::{CategoryId, LocalizedText, Slug};

/// What happened to a category.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames)]
pub enum Event {
    /// It exists from now on.
    CategoryOpened {
        /// Unique among categories.
        slug: Slug,
        /// What shoppers read.
        name: LocalizedText,
        /// The category above it; none at the top of the tree.
        parent: Option<CategoryId>,
    },
    /// Its name or slug changed.
    CategoryRenamed {
        /// The slug from now on.
        slug: Slug,
        /// The name from now on.
        name: LocalizedText,
    },
    /// It hangs elsewhere in the tree.
    CategoryMoved {
        /// The category above it from now on.
        parent: Option<CategoryId>,
    },
    /// It is shown no more; its slug is free again.
    CategoryArchived {},
}
