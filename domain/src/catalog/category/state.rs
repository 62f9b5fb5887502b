//! What is known of a category.

use serde::{Deserialize, Serialize};

use super::Event;
use crate::value::{CategoryId, LocalizedText, Slug};

/// A category of the catalogue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Category {
    /// There is none.
    #[default]
    Unknown,
    /// Shoppers see it.
    Open(Place),
    /// Shoppers see it no more, and its slug is free.
    Archived(Place),
}

/// What a category is called, and where it hangs.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    /// Unique among the open categories.
    pub slug: Slug,
    /// What shoppers read.
    pub name: LocalizedText,
    /// The category above it; none at the top of the tree.
    pub parent: Option<CategoryId>,
}

impl Category {
    /// Takes an event in.
    pub fn evolve(&mut self, event: &Event) {
        match event {
            Event::CategoryOpened { slug, name, parent } => {
                *self = Self::Open(Place {
                    slug: slug.clone(),
                    name: name.clone(),
                    parent: *parent,
                });
            }
            Event::CategoryRenamed { slug, name } => {
                if let Some(place) = self.place_mut() {
                    place.slug = slug.clone();
                    place.name = name.clone();
                }
            }
            Event::CategoryMoved { parent } => {
                if let Some(place) = self.place_mut() {
                    place.parent = *parent;
                }
            }
            Event::CategoryArchived {} => {
                if let Some(place) = self.place_mut() {
                    *self = Self::Archived(place.clone());
                }
            }
        }
    }

    /// What it is called and where it hangs or hung, when there is or was one.
    #[must_use]
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::Unknown => None,
            Self::Open(place) | Self::Archived(place) => Some(place),
        }
    }

    fn place_mut(&mut self) -> Option<&mut Place> {
        match self {
            Self::Unknown => None,
            Self::Open(place) | Self::Archived(place) => Some(place),
        }
    }
}
