//! Making the rows of one view again, in the generation that queries read, beside everything that goes on.
//!
//! The log is read outside; the end of it, the comparison and the writing are the runner's, between two of its rounds:
//! it alone knows how far its rows are, and forgets the view that it may have read while it was wrong. What is
//! written has the version of its own commit, so whatever is younger outdoes it, in every process.

use std::sync::Arc;

use read_store::{Batch, Generation, Key, Mutation, ReadStore, Row, StoreError, Version};
use thiserror::Error;
use tokio::sync::oneshot;

use crate::compare::Difference;
use crate::limits::{REPAIR_PAUSE, REPAIR_READ_MAX, REPAIR_TRIES_MAX, RUNNER_ANSWER_MAX};
use crate::registry::projection;
use crate::retold::{Expected, Retold};
use crate::shared::{Command, Shared};

/// Why rows are not made again.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RepairError {
    /// There is no projection of this name.
    #[error("there is no projection {0:?}")]
    UnknownProjection(String),
    /// It is no projection into the read store.
    #[error("{0} is made again as a whole: `tillroll rebuild {0}`")]
    OnlyWhole(&'static str),
    /// No generation of it is active that this program can read.
    #[error("the projection does not serve")]
    NotServing,
    /// Neither the log nor the rows know the key.
    #[error("neither the log nor the rows know this key")]
    UnknownKey,
    /// A commit of the view cannot be read.
    #[error("a commit of it cannot be read: `tillroll parked list`")]
    Parked,
    /// The read store or the log cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl RepairError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownProjection(_) => "repair.unknown_projection",
            Self::OnlyWhole(_) => "repair.only_whole",
            Self::NotServing => "repair.not_serving",
            Self::UnknownKey => "repair.unknown_key",
            Self::Parked => "repair.parked",
            Self::Store(_) => "repair.unavailable",
        }
    }
}

/// What making the rows of one view again has come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repaired {
    /// In which generation.
    pub generation: Generation,
    /// Rows that the view has or had.
    pub rows: u64,
    /// Those that were not what the log says: first what was there, second what is there now.
    pub differences: Vec<Difference>,
    /// How many of these are still wrong: something that claims to be younger than their commits lies there.
    pub left: u64,
}

/// What the runner says.
pub(crate) enum Mended {
    /// It is done.
    Done(Repaired),
    /// A row is of a later commit than this process has read: another one is ahead.
    Behind,
}

/// The runner's answer, and what it was asked with.
pub(crate) type Answer = (Box<Retold>, Result<Mended, RepairError>);

/// Makes the rows of one view again.
pub(crate) async fn repair(shared: &Shared, name: &str, key: &str) -> Result<Repaired, RepairError> {
    let registered = projection(name).ok_or_else(|| RepairError::UnknownProjection(name.to_owned()))?;
    let parts = &shared.parts;
    let generation = parts.active.of(registered.name).ok_or(RepairError::NotServing)?;
    let retold = Box::new(Retold::new(parts, registered, key).await?);
    // The runner's rows are there already, so it has no more to read than what came since.
    let stored = parts.store.positions(registered.name, generation).await?;
    let last = stored.get(&retold.shard()).map_or(-1, |position| position.offset);
    let runtime = tokio::runtime::Handle::current();
    let stopping = shared.stopping.clone();
    let mut reading = retold;
    let read = tokio::task::spawn_blocking(move || {
        let read = runtime.block_on(reading.read_to(last, REPAIR_READ_MAX, &stopping));
        read.map(|()| reading)
    });
    let mut retold = read
        .await
        .map_err(|error| StoreError::Unavailable(error.to_string()))??;
    for tries in 1..=REPAIR_TRIES_MAX {
        let insists = tries == REPAIR_TRIES_MAX;
        let (given_back, mended) = ask(shared, retold, insists).await?;
        match mended? {
            Mended::Done(repaired) => return Ok(repaired),
            Mended::Behind => retold = given_back,
        }
        tokio::time::sleep(REPAIR_PAUSE).await;
    }
    Err(StoreError::Unavailable("the rows are of later commits than were read here".to_owned()).into())
}

async fn ask(shared: &Shared, retold: Box<Retold>, insists: bool) -> Result<Answer, StoreError> {
    let (reply, replied) = oneshot::channel();
    let stopped = || StoreError::Unavailable("the projectors have stopped".to_owned());
    let command = Command::Repair { retold, insists, reply };
    shared.commands.send(command).map_err(|_| stopped())?;
    let silent = |_| StoreError::Unavailable("the projectors wait for the read store".to_owned());
    let replied = tokio::time::timeout(RUNNER_ANSWER_MAX, replied).await.map_err(silent)?;
    replied.map_err(|_| stopped())
}

/// Compares, and writes what differs. The view is told up to where the rows are; nobody else in this process writes.
pub(crate) async fn mend(
    store: &Arc<dyn ReadStore>,
    generation: Generation,
    retold: &Retold,
    insists: bool,
) -> Result<Mended, RepairError> {
    let view = retold.registered.tables[0];
    let mut expected: Vec<(Key, Expected)> = Vec::new();
    for ((_, key), row) in retold.rows() {
        expected.push((key.clone(), row.clone()));
    }
    if expected.is_empty() {
        let found = store
            .get_versioned(view, generation, std::slice::from_ref(&retold.key))
            .await?;
        let Some((row, version)) = found.into_iter().flatten().next() else {
            return Err(RepairError::UnknownKey);
        };
        // A process that is ahead may have written it by a commit that was not read here: taken away, it would stay
        // away.
        if version > retold.seq() {
            return Ok(if insists {
                Mended::Done(left_as_it_is(retold, generation, row, version))
            } else {
                Mended::Behind
            });
        }
        // The log knows nothing of it: whatever it says to be, it is not.
        let nothing = Expected {
            table: view,
            version: version.saturating_add(1),
            values: None,
        };
        expected.push((retold.key.clone(), nothing));
    }
    let differences = differences(store, generation, &expected).await?;
    let is_younger = |difference: &Difference| match (&difference.first, &difference.second) {
        (Some((_, stored)), Some((_, version))) => stored > version,
        _ => false,
    };
    if differences.iter().any(is_younger) && !insists {
        return Ok(Mended::Behind);
    }
    let mut batch = Batch {
        projection: retold.registered.name,
        generation,
        ..Batch::default()
    };
    for (key, row) in &expected {
        let is_wrong = |difference: &Difference| difference.key == *key && std::ptr::eq(difference.table, row.table);
        if differences.iter().any(is_wrong) {
            let is_view = std::ptr::eq(row.table, view);
            let changes = if is_view {
                &mut batch.views
            } else {
                &mut batch.mutations
            };
            changes.push(change(key, row));
        }
    }
    let mut left = 0;
    if !differences.is_empty() {
        store.apply(std::slice::from_ref(&batch)).await?;
        store.progress().amended(retold.registered.name, generation);
        left = self::differences(store, generation, &expected).await?.len() as u64;
    }
    Ok(Mended::Done(Repaired {
        generation,
        rows: expected.len() as u64,
        differences,
        left,
    }))
}

/// A row that the log does not know, and that claims to be younger than everything that was read.
fn left_as_it_is(retold: &Retold, generation: Generation, row: Row, version: Version) -> Repaired {
    let difference = Difference {
        table: retold.registered.tables[0],
        key: retold.key.clone(),
        first: Some((row, version)),
        second: None,
    };
    Repaired {
        generation,
        rows: 1,
        differences: vec![difference],
        left: 1,
    }
}

fn change(key: &Key, expected: &Expected) -> Mutation {
    let (table, version) = (expected.table, expected.version);
    match expected.row_at(key) {
        Some((row, version)) => Mutation::Replace { table, row, version },
        None => Mutation::Delete {
            table,
            key: key.clone(),
            version,
        },
    }
}

/// The rows that are not what the log says. One that should be gone is, when something younger took its place.
async fn differences(
    store: &Arc<dyn ReadStore>,
    generation: Generation,
    expected: &[(Key, Expected)],
) -> Result<Vec<Difference>, StoreError> {
    let mut differing = Vec::new();
    for (key, row) in expected {
        let found = store
            .get_versioned(row.table, generation, std::slice::from_ref(key))
            .await?;
        let first = found.into_iter().flatten().next();
        let second = row.row_at(key);
        let is_anothers = second.is_none() && first.as_ref().is_some_and(|(_, version)| *version > row.version);
        if first != second && !is_anothers {
            differing.push(Difference {
                table: row.table,
                key: key.clone(),
                first,
                second,
            });
        }
    }
    Ok(differing)
}
