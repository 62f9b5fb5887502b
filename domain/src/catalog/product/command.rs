//! Commands.

use super::{Description, VariantFacts};
use crate::value::{CategoryId, ImageId, LocalizedText, Money, Sku, Slug};

/// What can be asked of a product.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Let it exist, unseen.
    Draft {
        /// What it says of itself.
        description: Description,
    },
    /// Say something else of it.
    Describe {
        /// All of it.
        description: Description,
    },
    /// Draft it when there is none, describe it otherwise.
    Import {
        /// What it says of itself.
        description: Description,
    },
    /// Let it be bought in one more way.
    AddVariant {
        /// Its identity for ever.
        sku: Sku,
        /// What it is.
        facts: VariantFacts,
    },
    /// Make a variant something else.
    ChangeVariant {
        /// Which.
        sku: Sku,
        /// All of it.
        facts: VariantFacts,
    },
    /// Add a variant when there is none of its SKU, change it otherwise.
    ImportVariant {
        /// Its identity for ever.
        sku: Sku,
        /// What it is.
        facts: VariantFacts,
    },
    /// Give a variant a price in the price's currency.
    SetPrice {
        /// Which.
        sku: Sku,
        /// From now on.
        price: Money,
        /// The former price to show beside it.
        compare_at: Option<Money>,
    },
    /// Show it in a category.
    PlaceInCategory {
        /// Which.
        category: CategoryId,
    },
    /// Show it in the category of this slug, which is opened at the top of the tree when there is none.
    ImportIntoCategory {
        /// Of which slug.
        slug: Slug,
        /// Its name, when it is opened.
        name: LocalizedText,
    },
    /// Show it there no more.
    TakeFromCategory {
        /// Which.
        category: CategoryId,
    },
    /// Add an image at the end. An image of this id that is there stays as it is.
    AddImage {
        /// Its id.
        image: ImageId,
        /// Where it is: http, https or a path of this server.
        url: String,
        /// What it shows, in words.
        alt: String,
        /// Pixels; 0 when not known.
        width: u32,
        /// Pixels; 0 when not known.
        height: u32,
    },
    /// Bring the images into another order.
    OrderImages {
        /// All of them.
        images: Vec<ImageId>,
    },
    /// Take an image away.
    RemoveImage {
        /// Which.
        image: ImageId,
    },
    /// Let shoppers see and buy it.
    Publish,
    /// Let shoppers see it no more.
    Unpublish,
    /// Make it history.
    Archive,
}
