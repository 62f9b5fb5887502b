//! Why a product says no.

use crate::Kind;
use crate::value::{Sku, ValueError};

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// There is no such product.
    #[error("there is no such product")]
    Absent,
    /// It was drafted already, as something else.
    #[error("the product exists already")]
    Exists,
    /// It was archived.
    #[error("the product is archived")]
    Archived,
    /// A value is not acceptable.
    #[error("{field} {why}")]
    Value {
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        why: ValueError,
    },
    /// It has as many of these as it may have.
    #[error("a product has at most {max} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The limit.
        max: usize,
    },
    /// It has a variant of this SKU, which is something else.
    #[error("the product has a variant {0} already")]
    VariantExists(Sku),
    /// It has no variant of this SKU.
    #[error("the product has no variant {0}")]
    VariantAbsent(Sku),
    /// Its variants choose in other dimensions.
    #[error("all variants of a product choose in the same options, in the same order")]
    OptionsDiffer,
    /// Another variant is this choice.
    #[error("variant {0} has the same options")]
    OptionsTaken(Sku),
    /// It has no such image.
    #[error("the product has no such image")]
    ImageAbsent,
    /// The images to be ordered are not the product's images.
    #[error("the list must name each image of the product once")]
    ImagesDiffer,
    /// Shoppers do not see the category.
    #[error("there is no such open category")]
    CategoryNotOpen,
    /// Nobody could buy it.
    #[error("no variant of the product has a price")]
    NotPriced,
}

impl Rejection {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Absent => "product.absent",
            Self::Exists => "product.exists",
            Self::Archived => "product.archived",
            Self::Value { .. } => "product.value_invalid",
            Self::TooMany { .. } => "product.too_many",
            Self::VariantExists(_) => "product.variant_exists",
            Self::VariantAbsent(_) => "product.variant_absent",
            Self::OptionsDiffer => "product.options_differ",
            Self::OptionsTaken(_) => "product.options_taken",
            Self::ImageAbsent => "product.image_absent",
            Self::ImagesDiffer => "product.images_differ",
            Self::CategoryNotOpen => "product.category_not_open",
            Self::NotPriced => "product.not_priced",
        }
    }

    /// What kind of refusal it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Absent | Self::VariantAbsent(_) | Self::ImageAbsent => Kind::Absent,
            Self::Exists
            | Self::Archived
            | Self::TooMany { .. }
            | Self::VariantExists(_)
            | Self::OptionsTaken(_)
            | Self::NotPriced => Kind::Conflict,
            Self::Value { .. } | Self::OptionsDiffer | Self::ImagesDiffer | Self::CategoryNotOpen => Kind::Invalid,
        }
    }

    /// The field to blame.
    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::Value { field, .. } => Some(field),
            Self::VariantExists(_) | Self::VariantAbsent(_) => Some("sku"),
            Self::OptionsDiffer | Self::OptionsTaken(_) => Some("options"),
            Self::ImageAbsent => Some("image"),
            Self::ImagesDiffer => Some("images"),
            Self::CategoryNotOpen => Some("category"),
            Self::Absent | Self::Exists | Self::Archived | Self::TooMany { .. } | Self::NotPriced => None,
        }
    }
}
