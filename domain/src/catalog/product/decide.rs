//! Commands, refusals and decisions.

use super::{Description, VariantFacts};
use crate::value::{CategoryId, ImageId, Money, ProductId, Sku};
use crate::{Context, Decided, Refusal, Streams};

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
    /// Show it there no more.
    TakeFromCategory {
        /// Which.
        category: CategoryId,
    },
    /// Add an image at the end.
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

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {}

impl Rejection {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match *self {}
    }

    /// What kind of refusal it is.
    #[must_use]
    pub fn kind(&self) -> crate::Kind {
        match *self {}
    }

    /// The field to blame.
    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        match *self {}
    }
}

/// Decides one command.
///
/// # Errors
/// A refusal, or a state that is not in memory.
pub fn decide(
    _id: ProductId,
    command: &Command,
    _streams: &dyn Streams,
    _context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let _ = command;
    Ok(Vec::new())
}
