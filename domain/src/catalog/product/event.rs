//! Events of a product. These names and fields are the storage format.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::value::{Attributes, CategoryId, ImageId, LocalizedText, Money, Sku, Slug};

/// What a product says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Description {
    /// Unique among products.
    pub slug: Slug,
    /// What shoppers read first.
    pub title: LocalizedText,
    /// Harmless HTML: scripts, styles and handlers were taken out before it came here.
    pub description_html: LocalizedText,
    /// Who makes it.
    pub vendor: String,
    /// Free facts: material, origin.
    pub attributes: Attributes,
    /// Labels, in their given order.
    pub tags: Vec<String>,
    /// Title for search engines; empty: the title.
    pub seo_title: String,
    /// Description for search engines.
    pub seo_description: String,
}

/// One choice of a variant: Size = M.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OptionValue {
    /// The dimension.
    pub name: String,
    /// The choice in it.
    pub value: String,
}

/// What a variant is, but for its price.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct VariantFacts {
    /// Its choices, one in each of the product's dimensions, in their order.
    pub options: Vec<OptionValue>,
    /// GTIN, EAN, UPC; empty when it has none.
    pub barcode: String,
    /// Weight with packing, in grams.
    pub weight_grams: u32,
    /// Whether it goes by parcel.
    pub requires_shipping: bool,
    /// Key of the shop's tax rates.
    pub tax_class: String,
    /// Whether its pieces are counted.
    pub tracks_stock: bool,
    /// The image that shows it.
    pub image: Option<ImageId>,
}

/// How an option and its choices read in other languages.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OptionTexts {
    /// The dimension, as its variants have it.
    pub name: String,
    /// How it reads.
    pub texts: LocalizedText,
    /// How its choices read, each as the variants have it.
    pub values: BTreeMap<String, LocalizedText>,
}

/// What happened to a product.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames)]
pub enum Event {
    /// It exists, unseen by shoppers.
    ProductDrafted {
        /// What it says of itself.
        description: Description,
    },
    /// It says something else of itself.
    ProductDescribed {
        /// All of it, from now on.
        description: Description,
    },
    /// It can be bought in one more way.
    VariantAdded {
        /// Its identity for ever.
        sku: Sku,
        /// What it is.
        facts: VariantFacts,
    },
    /// A variant is something else.
    VariantChanged {
        /// Which.
        sku: Sku,
        /// All of it, from now on.
        facts: VariantFacts,
    },
    /// A variant has a price in a currency.
    VariantPriced {
        /// Which.
        sku: Sku,
        /// From now on.
        price: Money,
        /// The former price to show beside it, in the same currency.
        compare_at: Option<Money>,
    },
    /// Its options read so in other languages.
    OptionsTranslated {
        /// All that is said of that, from now on.
        options: Vec<OptionTexts>,
    },
    /// It is found in one more category.
    ProductPlaced {
        /// Which.
        category: CategoryId,
    },
    /// It is found there no more.
    ProductWithdrawn {
        /// Which category.
        category: CategoryId,
    },
    /// It has one more image, at the end.
    ImageAdded {
        /// Its id.
        image: ImageId,
        /// Where it is.
        url: String,
        /// What it shows, in words.
        alt: String,
        /// In pixels; 0 when not known.
        width: u32,
        /// In pixels; 0 when not known.
        height: u32,
    },
    /// An image shows something else, in words.
    ImageDescribed {
        /// Which.
        image: ImageId,
        /// All of them, from now on.
        alt: LocalizedText,
    },
    /// Its images stand in another order.
    ImagesOrdered {
        /// All of them.
        images: Vec<ImageId>,
    },
    /// An image is gone.
    ImageRemoved {
        /// Which.
        image: ImageId,
    },
    /// Shoppers see it and may buy it.
    ProductPublished {},
    /// Shoppers see it no more.
    ProductUnpublished {},
    /// It is history; its slug is free again, its SKUs are not.
    ProductArchived {},
}
