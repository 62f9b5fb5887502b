//! What happens in the shop, as it happens.
//!
//! One [`Hub`] per process follows the log once and hands each commit to those whose interest it touches. A [`Feed`]
//! is one reader's view of it: first the log from a [`LiveCursor`] on, then the hub, without gap or repeat. Nothing
//! here can write: the follower is a reader of the log, and the only part of it that this crate knows.

mod cursor;
mod feed;
mod hub;
mod interest;
mod public_event;
mod replay;
mod scope;
mod summary;
#[cfg(test)]
mod tests;

use thiserror::Error;

pub(crate) use cursor::LiveCursor;
pub(crate) use feed::{Feed, FeedEnd, Given, Reach};
pub(crate) use hub::Hub;
pub(crate) use interest::Interest;
pub(crate) use public_event::{CloudEvent, Detail, public_events};
pub(crate) use scope::{Ending, LiveScope};

use crate::limits::{LIVE_CURSOR_CHARS_MAX, REPLAY_COMMITS_MAX};

/// Where a reader begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Beginning {
    /// With what comes from now on.
    Now,
    /// With the first commit of the shop.
    First,
    /// Behind what somebody has seen.
    After(LiveCursor),
    /// With the last events, at most so many of them, in the order of their time.
    Last(usize),
}

/// Why a reader cannot begin.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum LiveError {
    /// Not a cursor of live updates.
    #[error("the cursor is none of live updates, or has more than {LIVE_CURSOR_CHARS_MAX} characters")]
    Cursor,
    /// It comes from another shop.
    #[error("the cursor comes from another shop's log")]
    OtherLog,
    /// It comes from something that did not follow what is asked for now.
    #[error("the cursor says nothing of {0}: it comes from something that did not follow it")]
    OtherTopics(String),
    /// What it names is not there.
    #[error("the log does not hold what the cursor names; begin anew")]
    Lost,
    /// More happened since than may be read again.
    #[error("more than {REPLAY_COMMITS_MAX} commits were made since the cursor; ask for the state, and begin anew")]
    TooOld,
    /// Not for now.
    #[error("live updates are not available just now; try again")]
    Unavailable,
}

impl LiveError {
    /// The stable code.
    #[must_use]
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Cursor => "cursor.invalid",
            Self::OtherLog => "cursor.other_log",
            Self::OtherTopics(_) => "cursor.other_topics",
            Self::Lost => "cursor.lost",
            Self::TooOld => "cursor.too_old",
            Self::Unavailable => "query.unavailable",
        }
    }
}
