//! Commands, refusals and decisions.

use super::Settings;
use crate::{Context, Decided, Refusal, Streams};

/// What can be asked of the shop.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Work like this.
    Configure {
        /// All settings.
        settings: Settings,
    },
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
pub fn decide(command: &Command, _streams: &dyn Streams, _context: &Context<'_>) -> Result<Vec<Decided>, Refusal> {
    let _ = command;
    Ok(Vec::new())
}
