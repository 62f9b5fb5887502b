//! Commands.

use super::{Description, DescriptionChange, ImageChange, OptionTexts, VariantChange, VariantFacts};
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
    /// Draft it when there is none, say something else of it otherwise.
    Import {
        /// What is said of it.
        change: DescriptionChange,
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
        /// Whether nobody gave it this SKU: then a variant with the same choices is meant, whatever its SKU (and the
        /// only one, where no choices are said).
        is_made_up: bool,
        /// What is said of it.
        change: VariantChange,
    },
    /// Say how its options read in other languages.
    TranslateOptions {
        /// All that is said of that.
        options: Vec<OptionTexts>,
    },
    /// Say how its options read in some languages; in the others they read as they do. An empty text takes the
    /// language away.
    ImportOptionTexts {
        /// What is said of that.
        options: Vec<OptionTexts>,
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
    /// Show it in the last category of a path of the tree; what there is not of the path is opened.
    ImportIntoCategory {
        /// Slugs from the top downwards, with the names of those that are opened.
        path: Vec<(Slug, LocalizedText)>,
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
        alt: LocalizedText,
        /// Pixels; 0 when not known.
        width: u32,
        /// Pixels; 0 when not known.
        height: u32,
    },
    /// Say what an image shows.
    DescribeImage {
        /// Which.
        image: ImageId,
        /// In words, all that is said of it.
        alt: LocalizedText,
    },
    /// Bring the images into another order.
    OrderImages {
        /// All of them.
        images: Vec<ImageId>,
    },
    /// Add those images whose addresses it does not have, say what the others show, and bring all of them into this
    /// order among themselves.
    ImportImages {
        /// With the ids of those that are added.
        images: Vec<ImageChange>,
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
