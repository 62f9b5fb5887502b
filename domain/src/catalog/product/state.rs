//! What is known of a product.

use serde::{Deserialize, Serialize};

use super::{Description, Event, OptionTexts, VariantFacts};
use crate::value::{CategoryId, Currency, ImageId, LocalizedText, Money, Sku};

/// A product of the catalogue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Product {
    /// There is none.
    #[default]
    Unknown,
    /// Shoppers do not see it: not yet, or not now.
    Hidden(Listing),
    /// Shoppers see it and may buy it.
    Published(Listing),
    /// It is history.
    Archived(Listing),
}

/// All that a product says and offers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Listing {
    /// What it says of itself.
    pub description: Description,
    /// The ways in which it can be bought, in the order in which they were added.
    pub variants: Vec<Variant>,
    /// Where it is found, in the order in which it was placed.
    pub categories: Vec<CategoryId>,
    /// What it looks like, the first image first.
    pub images: Vec<Image>,
    /// How its options read in other languages.
    pub option_texts: Vec<OptionTexts>,
}

/// One way in which a product can be bought.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Variant {
    /// Its identity.
    pub sku: Sku,
    /// What it is.
    pub facts: VariantFacts,
    /// At most one per currency.
    pub prices: Vec<Price>,
}

/// What a variant costs in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Price {
    /// What is paid.
    pub price: Money,
    /// The former price to show beside it, in the same currency.
    pub compare_at: Option<Money>,
}

/// One image of a product.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Image {
    /// Its id.
    pub id: ImageId,
    /// Where it is.
    pub url: String,
    /// What it shows, in words of the shop's first language; empty once it says so by language.
    pub alt: String,
    /// What it shows, by language.
    pub alts: LocalizedText,
    /// In pixels; 0 when not known.
    pub width: u32,
    /// In pixels; 0 when not known.
    pub height: u32,
}

impl Image {
    /// What it shows, by language. What was said in no language in particular is in the first one.
    #[must_use]
    pub fn words(&self, first_locale: &str) -> LocalizedText {
        if self.alt.is_empty() {
            self.alts.clone()
        } else {
            LocalizedText::of(first_locale, &self.alt)
        }
    }
}

impl Product {
    /// Takes an event in.
    pub fn evolve(&mut self, event: &Event) {
        match event {
            Event::ProductDrafted { description } => *self = Self::Hidden(Listing::new(description.clone())),
            Event::ProductPublished {} => self.turn_into(Self::Published),
            Event::ProductUnpublished {} => self.turn_into(Self::Hidden),
            Event::ProductArchived {} => self.turn_into(Self::Archived),
            _ => {
                if let Some(listing) = self.listing_mut() {
                    listing.evolve(event);
                }
            }
        }
    }

    /// What it says and offers, or did, when there is or was one.
    #[must_use]
    pub fn listing(&self) -> Option<&Listing> {
        match self {
            Self::Unknown => None,
            Self::Hidden(listing) | Self::Published(listing) | Self::Archived(listing) => Some(listing),
        }
    }

    /// Whether shoppers see it.
    #[must_use]
    pub fn is_published(&self) -> bool {
        matches!(self, Self::Published(_))
    }

    fn listing_mut(&mut self) -> Option<&mut Listing> {
        match self {
            Self::Unknown => None,
            Self::Hidden(listing) | Self::Published(listing) | Self::Archived(listing) => Some(listing),
        }
    }

    fn turn_into(&mut self, situation: fn(Listing) -> Self) {
        *self = match std::mem::take(self) {
            Self::Unknown => Self::Unknown,
            Self::Hidden(listing) | Self::Published(listing) | Self::Archived(listing) => situation(listing),
        };
    }
}

impl Listing {
    pub(super) fn new(description: Description) -> Self {
        Self {
            description,
            variants: Vec::new(),
            categories: Vec::new(),
            images: Vec::new(),
            option_texts: Vec::new(),
        }
    }

    /// The variant with this SKU.
    #[must_use]
    pub fn variant(&self, sku: &Sku) -> Option<&Variant> {
        self.variants.iter().find(|variant| variant.sku == *sku)
    }

    /// The image with this id.
    #[must_use]
    pub fn image(&self, id: ImageId) -> Option<&Image> {
        self.images.iter().find(|image| image.id == id)
    }

    fn evolve(&mut self, event: &Event) {
        match event {
            Event::ProductDescribed { description } => self.description = description.clone(),
            Event::VariantAdded { sku, facts } => self.variants.push(Variant {
                sku: sku.clone(),
                facts: facts.clone(),
                prices: Vec::new(),
            }),
            Event::VariantChanged { sku, facts } => {
                if let Some(variant) = self.variant_mut(sku) {
                    variant.facts = facts.clone();
                }
            }
            Event::VariantPriced { sku, price, compare_at } => {
                if let Some(variant) = self.variant_mut(sku) {
                    variant.set_price(Price {
                        price: *price,
                        compare_at: *compare_at,
                    });
                }
            }
            Event::ProductPlaced { category } => self.categories.push(*category),
            Event::ProductWithdrawn { category } => self.categories.retain(|placed| placed != category),
            Event::ImageAdded {
                image,
                url,
                alt,
                width,
                height,
            } => self.images.push(Image {
                id: *image,
                url: url.clone(),
                alt: alt.clone(),
                alts: LocalizedText::default(),
                width: *width,
                height: *height,
            }),
            Event::OptionsTranslated { options } => self.option_texts.clone_from(options),
            Event::ImageDescribed { image, alt } => {
                if let Some(described) = self.images.iter_mut().find(|known| known.id == *image) {
                    described.alt.clear();
                    described.alts = alt.clone();
                }
            }
            Event::ImagesOrdered { images } => {
                let position = |image: &Image| images.iter().position(|id| *id == image.id);
                self.images.sort_by_key(position);
            }
            Event::ImageRemoved { image } => self.remove_image(*image),
            Event::ProductDrafted { .. }
            | Event::ProductPublished {}
            | Event::ProductUnpublished {}
            | Event::ProductArchived {} => {}
        }
    }

    fn variant_mut(&mut self, sku: &Sku) -> Option<&mut Variant> {
        self.variants.iter_mut().find(|variant| variant.sku == *sku)
    }

    /// A variant that showed itself in the image shows itself in none.
    fn remove_image(&mut self, id: ImageId) {
        self.images.retain(|image| image.id != id);
        for variant in &mut self.variants {
            variant.facts.image = variant.facts.image.filter(|image| *image != id);
        }
    }
}

impl Variant {
    /// What it costs in a currency.
    #[must_use]
    pub fn price_in(&self, currency: Currency) -> Option<&Price> {
        self.prices.iter().find(|price| price.price.currency == currency)
    }

    fn set_price(&mut self, price: Price) {
        let same_currency = |known: &Price| known.price.currency == price.price.currency;
        match self.prices.iter().position(same_currency) {
            Some(index) => self.prices[index] = price,
            None => self.prices.push(price),
        }
    }
}
