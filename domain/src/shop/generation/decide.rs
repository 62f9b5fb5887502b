//! Commands, refusals and decisions.

use super::{Event, Generations};
use crate::stream::StreamId;
use crate::value::GENERATIONS_KEPT_MAX;
use crate::{Context, Decided, Kind, Known, Refusal, Streams};

/// What can be asked of a projection's generations.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Begin a new one.
    Open {
        /// The version of the projection's code.
        version: u32,
        /// Whether queries stay where they are once it is filled, until somebody switches.
        held: bool,
    },
    /// Answer queries from it.
    Switch {
        /// Which.
        generation: u32,
    },
    /// Take its tables away.
    Drop {
        /// Which.
        generation: u32,
    },
}

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Another one is being filled.
    #[error("generation {generation} is being filled")]
    Open {
        /// Which.
        generation: u32,
    },
    /// It never was, or was dropped.
    #[error("there is no generation {generation}")]
    Absent {
        /// Which.
        generation: u32,
    },
    /// Queries are answered from it.
    #[error("queries are answered from generation {generation}")]
    Active {
        /// Which.
        generation: u32,
    },
    /// Too many are kept.
    #[error("{GENERATIONS_KEPT_MAX} generations are kept; drop one")]
    TooMany,
}

impl Rejection {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Open { .. } => "generation.open",
            Self::Absent { .. } => "generation.absent",
            Self::Active { .. } => "generation.active",
            Self::TooMany => "generation.too_many",
        }
    }

    /// What kind of refusal it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Absent { .. } => Kind::Absent,
            Self::Open { .. } | Self::Active { .. } | Self::TooMany => Kind::Conflict,
        }
    }

    /// The field to blame.
    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        None
    }
}

/// Decides one command.
///
/// # Errors
/// A refusal, or a state that is not in memory.
pub fn decide(
    projection: &str,
    command: &Command,
    streams: &dyn Streams,
    _context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let stream = StreamId::Generation(projection.to_owned());
    let generations = Known::<Generations>::load(streams, &stream)?;
    let event = match command {
        Command::Open { version, held } => open(&generations, *version, *held).map(Some),
        Command::Switch { generation } => switch(&generations, *generation),
        Command::Drop { generation } => drop_tables(&generations, *generation),
    }?;
    let decided = event.map(|event| Decided {
        stream,
        event: event.into(),
    });
    Ok(decided.into_iter().collect())
}

fn open(generations: &Generations, version: u32, held: bool) -> Result<Event, Rejection> {
    if let Some(generation) = generations.filling() {
        return Err(Rejection::Open { generation });
    }
    if generations.kept().len() >= GENERATIONS_KEPT_MAX {
        return Err(Rejection::TooMany);
    }
    Ok(Event::GenerationOpened {
        generation: generations.last_number() + 1,
        version,
        held,
    })
}

fn switch(generations: &Generations, generation: u32) -> Result<Option<Event>, Rejection> {
    if generations.get(generation).is_none() {
        return Err(Rejection::Absent { generation });
    }
    let is_active = generations.active() == Some(generation);
    Ok((!is_active).then_some(Event::GenerationSwitched { generation }))
}

fn drop_tables(generations: &Generations, generation: u32) -> Result<Option<Event>, Rejection> {
    if generation == 0 || generation > generations.last_number() {
        return Err(Rejection::Absent { generation });
    }
    if generations.active() == Some(generation) {
        return Err(Rejection::Active { generation });
    }
    let is_kept = generations.get(generation).is_some();
    Ok(is_kept.then_some(Event::GenerationDropped { generation }))
}
