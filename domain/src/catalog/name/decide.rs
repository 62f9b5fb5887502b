//! Refusals and decisions. Names have no commands of their own: products and categories claim and release
//! them, in the commit that uses them.

use uuid::Uuid;

use super::{Event, Name};
use crate::command::NotLoaded;
use crate::stream::{NameKey, StreamId};
use crate::value::{Sku, Slug};
use crate::{Decided, Kind, Known, Refusal, Streams};

/// Why a name cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The slug names something else.
    #[error("slug {0} is taken")]
    SlugTaken(Slug),
    /// The SKU names a variant of another product.
    #[error("SKU {0} is taken")]
    SkuTaken(Sku),
}

impl Rejection {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::SlugTaken(_) => "slug.taken",
            Self::SkuTaken(_) => "sku.taken",
        }
    }

    /// What kind of refusal it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::SlugTaken(_) | Self::SkuTaken(_) => Kind::Conflict,
        }
    }

    /// The field to blame.
    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::SlugTaken(_) => Some("slug"),
            Self::SkuTaken(_) => Some("sku"),
        }
    }
}

/// What a name names.
pub(in crate::catalog) fn owner(key: &NameKey, streams: &dyn Streams) -> Result<Option<Uuid>, NotLoaded> {
    let name = Known::<Name>::load(streams, &StreamId::Name(key.clone()))?;
    Ok(name.owner())
}

/// Lets a name be that of `by`; nothing to do when it is so.
pub(in crate::catalog) fn claim(key: NameKey, by: Uuid, streams: &dyn Streams) -> Result<Option<Decided>, Refusal> {
    match owner(&key, streams)? {
        None => Ok(Some(decided(key, Event::NameClaimed { by }))),
        Some(owner) if owner == by => Ok(None),
        Some(_) => Err(taken(key).into()),
    }
}

/// Lets a name be free; nothing to do when it is not that of `by`.
pub(in crate::catalog) fn release(key: NameKey, by: Uuid, streams: &dyn Streams) -> Result<Option<Decided>, Refusal> {
    let is_owner = owner(&key, streams)? == Some(by);
    Ok(is_owner.then(|| decided(key, Event::NameReleased {})))
}

fn decided(key: NameKey, event: Event) -> Decided {
    Decided {
        stream: StreamId::Name(key),
        event: event.into(),
    }
}

fn taken(key: NameKey) -> Rejection {
    match key {
        NameKey::ProductSlug(slug) | NameKey::CategorySlug(slug) => Rejection::SlugTaken(slug),
        NameKey::Sku(sku) => Rejection::SkuTaken(sku),
    }
}
