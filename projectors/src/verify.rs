//! Whether stored rows are what the log says: row by row and byte by byte, against a fresh replay in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::shop::generation::Generations;
use domain::stream::{Shard, Topic};
use event_log::{EventLog, Follower};
use read_store::{Generation, ReadStore, StoreError};
use thiserror::Error;

use crate::compare::{Parity, Side, compare};
use crate::generations::{KnownGenerations, Plan, plan};
use crate::parity::{REPLAY_GENERATION, Replay, Still};
use crate::registry::{PROJECTIONS, Registered};
use crate::writes::Writes;

/// Why rows could not be verified.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum VerifyError {
    /// There is no projection of this name.
    #[error("there is no projection {0:?}")]
    UnknownProjection(String),
    /// No generation of it is active that this program can read.
    #[error("the projection does not serve")]
    NotServing,
    /// The read store or the log cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Compares the active generation of every projection with a fresh replay of the log, with no projectors running
/// or beside them. Those that have no active generation yet are left out.
///
/// Holds the rows of one projection at a time in memory.
///
/// # Errors
/// [`VerifyError::Store`].
pub async fn verify_all(
    store: &dyn ReadStore,
    log: &Arc<dyn EventLog>,
    follower: &Follower,
) -> Result<BTreeMap<&'static str, Parity>, VerifyError> {
    let known = read_generations(log.as_ref(), follower).await;
    let mut parities = BTreeMap::new();
    for registered in &PROJECTIONS {
        if let Plan::Serve(generation) = plan(&known.of(registered.name), registered.version) {
            store
                .create(&registered.all_tables(), generation)
                .await
                .map_err(VerifyError::Store)?;
            let verified = Verified {
                store,
                registered,
                generation,
            };
            // Nobody in this process writes.
            let parity = verify_generation(verified, follower, &log.shards(), &Writes::default()).await?;
            parities.insert(registered.name, parity);
        }
    }
    Ok(parities)
}

/// What is verified.
#[derive(Clone, Copy)]
pub(crate) struct Verified<'a> {
    pub(crate) store: &'a dyn ReadStore,
    pub(crate) registered: &'static Registered,
    pub(crate) generation: Generation,
}

/// Compares one generation with a fresh replay, while the runner of these writes may go on.
pub(crate) async fn verify_generation(
    verified: Verified<'_>,
    follower: &Follower,
    shards: &[Shard],
    writes: &Writes,
) -> Result<Parity, VerifyError> {
    let Verified {
        store,
        registered,
        generation,
    } = verified;
    let replay = Replay::new(store, registered, generation, follower, shards).await?;
    let memory = replay.memory();
    let stored = Side { store, generation };
    let replayed = Side {
        store: memory.as_ref(),
        generation: REPLAY_GENERATION,
    };
    let mut alignment = Still::new(replay, writes);
    Ok(compare(registered.tables, stored, replayed, &mut alignment).await?)
}

/// The generation that queries are answered from, if this program's code can read it.
pub(crate) fn serving(generations: &Generations, registered: &Registered) -> Result<Generation, VerifyError> {
    match plan(generations, registered.version) {
        Plan::Serve(generation) => Ok(generation),
        Plan::Fill(_) | Plan::Discard(_) | Plan::Await(_) | Plan::Open => Err(VerifyError::NotServing),
    }
}

async fn read_generations(log: &dyn EventLog, follower: &Follower) -> KnownGenerations {
    let shards: Vec<Shard> = log
        .shards()
        .into_iter()
        .filter(|shard| shard.topic == Topic::Shop)
        .collect();
    let mut subscription = follower.subscribe(&shards, &BTreeMap::new());
    let mut known = KnownGenerations::default();
    while !subscription.is_caught_up() {
        match subscription.next().await {
            Some(followed) => drop(known.take(&followed)),
            None => break,
        }
    }
    known
}
