use domain::value::{CategoryId, ProductId};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::Outcome;

/// A product after a command: which, in which version. What it says, queries tell.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ProductVersion")]
pub(crate) struct ProductView {
    #[serde(rename = "__typename")]
    typename: &'static str,
    id: String,
    version: u64,
    /// The image that the command added.
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<PartView>,
    /// Whether an import changed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    changed: Option<bool>,
}

impl ProductView {
    pub(crate) fn of(id: ProductId, outcome: &Outcome) -> Self {
        Self {
            typename: "Product",
            id: id.to_string(),
            version: outcome.version,
            image: None,
            changed: None,
        }
    }

    pub(crate) fn with_changed(mut self, outcome: &Outcome) -> Self {
        self.changed = Some(!outcome.streams.is_empty());
        self
    }

    pub(crate) fn with_image(mut self, image: Uuid) -> Self {
        self.image = Some(PartView::of("Image", image));
        self
    }
}

/// A part that a command made.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Part")]
pub(crate) struct PartView {
    #[serde(rename = "__typename")]
    typename: &'static str,
    id: String,
}

impl PartView {
    pub(crate) fn of(typename: &'static str, id: Uuid) -> Self {
        let id = id.to_string();
        Self { typename, id }
    }
}

/// A category after a command.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CategoryVersion")]
pub(crate) struct CategoryView {
    #[serde(rename = "__typename")]
    typename: &'static str,
    id: String,
    version: u64,
}

impl CategoryView {
    pub(crate) fn of(id: CategoryId, outcome: &Outcome) -> Self {
        Self {
            typename: "Category",
            id: id.to_string(),
            version: outcome.version,
        }
    }
}

/// The shop after a command.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ShopVersion")]
pub(crate) struct ShopView {
    #[serde(rename = "__typename")]
    typename: &'static str,
    version: u64,
}

impl ShopView {
    pub(crate) fn of(outcome: &Outcome) -> Self {
        Self {
            typename: "Shop",
            version: outcome.version,
        }
    }
}
