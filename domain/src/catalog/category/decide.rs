//! Commands, refusals and decisions.

use crate::value::{CategoryId, LocalizedText, Slug};
use crate::{Context, Decided, Refusal, Streams};

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
    _id: CategoryId,
    command: &Command,
    _streams: &dyn Streams,
    _context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let _ = command;
    Ok(Vec::new())
}
