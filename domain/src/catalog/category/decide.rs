//! Commands, refusals and decisions.

use super::{Category, Event, Place};
use crate::catalog::name;
use crate::command::NotLoaded;
use crate::stream::{NameKey, StreamId};
use crate::value::{CATEGORY_DEPTH_MAX, CategoryId, LocalizedText, Slug, TITLE_CHARS_MAX, ValueError, check_title};
use crate::{Context, Decided, Kind, Known, Refusal, Streams};

/// What can be asked of a category.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Let it exist.
    Open {
        /// Unique among categories.
        slug: Slug,
        /// What shoppers read.
        name: LocalizedText,
        /// The category above it.
        parent: Option<CategoryId>,
    },
    /// Call it something else.
    Rename {
        /// The new slug.
        slug: Slug,
        /// The new name.
        name: LocalizedText,
    },
    /// Hang it elsewhere.
    Move {
        /// The category above it; none: the top.
        parent: Option<CategoryId>,
    },
    /// Show it no more.
    Archive,
}

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// There is no such category.
    #[error("there is no such category")]
    Absent,
    /// It is open already, as something else.
    #[error("the category exists already")]
    Exists,
    /// It was archived.
    #[error("the category is archived")]
    Archived,
    /// Its name is not acceptable.
    #[error("name {0}")]
    Name(ValueError),
    /// The category above it is not open.
    #[error("the parent is no open category")]
    ParentNotOpen,
    /// It would hang below itself.
    #[error("a category cannot hang below itself")]
    Cycle,
    /// It would hang too deep.
    #[error("the tree of categories has at most {CATEGORY_DEPTH_MAX} levels")]
    TooDeep,
}

impl Rejection {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Absent => "category.absent",
            Self::Exists => "category.exists",
            Self::Archived => "category.archived",
            Self::Name(_) => "category.name_invalid",
            Self::ParentNotOpen => "category.parent_not_open",
            Self::Cycle => "category.cycle",
            Self::TooDeep => "category.too_deep",
        }
    }

    /// What kind of refusal it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Absent => Kind::Absent,
            Self::Exists | Self::Archived => Kind::Conflict,
            Self::Name(_) | Self::ParentNotOpen | Self::Cycle | Self::TooDeep => Kind::Invalid,
        }
    }

    /// The field to blame.
    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::Absent | Self::Exists | Self::Archived => None,
            Self::Name(_) => Some("name"),
            Self::ParentNotOpen | Self::Cycle | Self::TooDeep => Some("parent"),
        }
    }
}

/// Decides one command.
///
/// # Errors
/// A refusal, or a state that is not in memory.
pub fn decide(
    id: CategoryId,
    command: &Command,
    streams: &dyn Streams,
    _context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let category = Known::<Category>::load(streams, &StreamId::Category(id))?;
    match (command, &*category) {
        (Command::Open { slug, name, parent }, Category::Unknown) => {
            check_title(name, TITLE_CHARS_MAX).map_err(Rejection::Name)?;
            check_parent(id, *parent, streams)?;
            open(id, slug, name, *parent, streams)
        }
        (Command::Open { slug, name, parent }, Category::Open(place)) => {
            let is_so = place.slug == *slug && place.name == *name && place.parent == *parent;
            if is_so {
                Ok(Vec::new())
            } else {
                Err(Rejection::Exists.into())
            }
        }
        (_, Category::Unknown) => Err(Rejection::Absent.into()),
        (Command::Archive, Category::Archived(_)) => Ok(Vec::new()),
        (_, Category::Archived(_)) => Err(Rejection::Archived.into()),
        (Command::Rename { slug, name }, Category::Open(place)) => rename(id, place, slug, name, streams),
        (Command::Move { parent }, Category::Open(place)) => move_below(id, place, *parent, streams),
        (Command::Archive, Category::Open(place)) => {
            let mut decided = vec![happened(id, Event::CategoryArchived {})];
            decided.extend(name::release(NameKey::CategorySlug(place.slug.clone()), id.0, streams)?);
            Ok(decided)
        }
    }
}

/// Opens a category whose name and parent were checked.
pub(in crate::catalog) fn open(
    id: CategoryId,
    slug: &Slug,
    name: &LocalizedText,
    parent: Option<CategoryId>,
    streams: &dyn Streams,
) -> Result<Vec<Decided>, Refusal> {
    let opened = Event::CategoryOpened {
        slug: slug.clone(),
        name: name.clone(),
        parent,
    };
    let mut decided = vec![happened(id, opened)];
    decided.extend(name::claim(NameKey::CategorySlug(slug.clone()), id.0, streams)?);
    Ok(decided)
}

fn rename(
    id: CategoryId,
    place: &Place,
    slug: &Slug,
    name: &LocalizedText,
    streams: &dyn Streams,
) -> Result<Vec<Decided>, Refusal> {
    check_title(name, TITLE_CHARS_MAX).map_err(Rejection::Name)?;
    if place.slug == *slug && place.name == *name {
        return Ok(Vec::new());
    }
    let renamed = Event::CategoryRenamed {
        slug: slug.clone(),
        name: name.clone(),
    };
    let mut decided = vec![happened(id, renamed)];
    if place.slug != *slug {
        decided.extend(name::release(NameKey::CategorySlug(place.slug.clone()), id.0, streams)?);
        decided.extend(name::claim(NameKey::CategorySlug(slug.clone()), id.0, streams)?);
    }
    Ok(decided)
}

fn move_below(
    id: CategoryId,
    place: &Place,
    parent: Option<CategoryId>,
    streams: &dyn Streams,
) -> Result<Vec<Decided>, Refusal> {
    if place.parent == parent {
        return Ok(Vec::new());
    }
    check_parent(id, parent, streams)?;
    Ok(vec![happened(id, Event::CategoryMoved { parent })])
}

/// Walks from the parent up to the top. Every way up was checked when it was laid, so the walk ends; what
/// hangs below a category that is moved may come to lie deeper than the limit, and gets no children there.
fn check_parent(id: CategoryId, parent: Option<CategoryId>, streams: &dyn Streams) -> Result<(), Refusal> {
    let Some(parent) = parent else {
        return Ok(());
    };
    if !is_open(parent, streams)? {
        return Err(Rejection::ParentNotOpen.into());
    }
    let mut level = 1;
    let mut above = Some(parent);
    while let Some(ancestor) = above {
        if ancestor == id {
            return Err(Rejection::Cycle.into());
        }
        level += 1;
        let category = Known::<Category>::load(streams, &StreamId::Category(ancestor))?;
        above = category.place().and_then(|place| place.parent);
    }
    if level > CATEGORY_DEPTH_MAX {
        return Err(Rejection::TooDeep.into());
    }
    Ok(())
}

/// Whether shoppers see a category.
pub(in crate::catalog) fn is_open(id: CategoryId, streams: &dyn Streams) -> Result<bool, NotLoaded> {
    let category = Known::<Category>::load(streams, &StreamId::Category(id))?;
    Ok(matches!(&*category, Category::Open(_)))
}

fn happened(id: CategoryId, event: Event) -> Decided {
    Decided {
        stream: StreamId::Category(id),
        event: event.into(),
    }
}
