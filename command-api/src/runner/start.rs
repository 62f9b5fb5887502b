//! Start: what `state.db` holds, then the log behind it, then the claims.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use domain::stream::{Shard, StreamId};
use event_log::{Checkpoint, Delivered, EventLog, Fold, Follower, Membership};
use thiserror::Error;
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Runner;
use super::cell::Cell;
use crate::codec::Codec;
use crate::commands::Commands;
use crate::planted;
use crate::reference::{REFERENCE_STREAMS, REFERENCE_TOPICS, SharedReference};
use crate::shard::{Changed, Identity, Machine, Versioned};
use crate::state_db::{StateDb, StateDbError};

/// What a process that takes commands is told.
#[derive(Clone)]
pub struct Options {
    /// This node's name, as claims carry it.
    pub node: String,
    /// Where this node takes commands, as claims carry it.
    pub url: String,
    /// Where `state.db` lies. Nobody else may use this directory.
    pub directory: PathBuf,
    /// Which other nodes are alive: a shard that one of them has taken over is left to it.
    pub membership: Arc<dyn Membership>,
}

/// Why the shards do not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// `state.db` cannot be used.
    #[error(transparent)]
    StateDb(#[from] StateDbError),
    /// The follower stopped before the log was read.
    #[error("the follower stopped before the log was read")]
    FollowerStopped,
    /// A task of the runtime was lost.
    #[error("starting was interrupted: {0}")]
    Interrupted(#[from] tokio::task::JoinError),
}

/// Starts every shard of the log: reads `state.db`, folds what the log holds beyond it, and claims.
///
/// Returns once everything in the log is folded and the claims are sent; [`Commands::until_serving`] waits for
/// them. `deliveries` is the receiving end of the channel that the log was opened with.
///
/// # Errors
/// [`StartError`]. A shard whose log cannot be right is no error: it alone is halted.
pub async fn start(
    options: Options,
    log: Arc<dyn EventLog>,
    deliveries: mpsc::UnboundedReceiver<Vec<Delivered>>,
    codec: Arc<dyn Codec>,
    follower: &Follower,
) -> Result<Commands, StartError> {
    let (runner, checkpoints) = tokio::task::spawn_blocking({
        let log = Arc::clone(&log);
        move || open(options, log, codec)
    })
    .await??;
    let shards = log.shards();
    let mut subscription = follower.subscribe(&shards, &checkpoints);
    let (runner, subscription) = tokio::task::spawn_blocking(move || {
        let caught_up = runner.catch_up(&mut subscription);
        caught_up.map(|()| (runner, subscription))
    })
    .await??;
    tokio::spawn(Arc::clone(&runner).take_deliveries(deliveries));
    runner.claim_what_is_due();
    tokio::spawn(Arc::clone(&runner).tick());
    if runner.has_rivals {
        tokio::spawn(Arc::clone(&runner).follow(subscription));
    }
    Ok(Commands::new(runner))
}

type Opened = (Arc<Runner>, BTreeMap<Shard, Checkpoint>);

fn open(options: Options, log: Arc<dyn EventLog>, codec: Arc<dyn Codec>) -> Result<Opened, StartError> {
    let state_db = StateDb::open(&options.directory, Arc::clone(&log))?;
    let checkpoints = state_db.checkpoints()?;
    let reference = SharedReference::default();
    let mut cells = BTreeMap::new();
    for shard in log.shards() {
        let checkpoint = checkpoints.get(&shard);
        let identity = Identity {
            shard,
            partitions: log.partitions(),
            node: options.node.clone(),
            url: options.url.clone(),
        };
        let machine = Machine::new(
            identity,
            checkpoint.map(fold_at).unwrap_or_default(),
            checkpoint.map_or_else(Default::default, |checkpoint| checkpoint.at),
        )
        .broken_by(planted::mutant());
        read_reference(&state_db, &reference, shard, machine.fold().seq)?;
        let unfinished: BTreeMap<StreamId, Versioned> = state_db.unfinished(shard)?.into_iter().collect();
        cells.insert(shard, Cell::new(machine, unfinished, state_db.written_by_now(shard)));
    }
    // A log that checks the owner itself refuses what others write; there is nothing to hear of.
    let has_rivals = log
        .shards()
        .first()
        .is_some_and(|shard| log.owns(*shard, Uuid::nil()).is_none());
    let runner = Runner {
        node: options.node,
        membership: options.membership,
        has_rivals,
        partitions: log.partitions(),
        log,
        codec,
        state_db,
        reference,
        cells,
        listeners: Mutex::new(Vec::new()),
        standing_changed: Notify::new(),
        started: Instant::now(),
        is_stopping: AtomicBool::new(false),
        ended: CancellationToken::new(),
    };
    Ok((Arc::new(runner), checkpoints))
}

/// The follower checks that the record there is still the same, and halts the shard when it is not.
fn fold_at(checkpoint: &Checkpoint) -> Fold {
    Fold {
        offset: checkpoint.offset,
        term: checkpoint.term,
        seq: checkpoint.seq,
        owner: checkpoint.owner,
        log: checkpoint.log,
    }
}

fn read_reference(state_db: &StateDb, reference: &SharedReference, shard: Shard, seq: u64) -> Result<(), StateDbError> {
    if !REFERENCE_TOPICS.contains(&shard.topic) {
        return Ok(());
    }
    for prefix in REFERENCE_STREAMS {
        state_db.scan(shard, prefix, |stream, versioned| {
            let changed = Changed {
                stream,
                version: versioned.version,
                state: versioned.state,
            };
            reference.take_in(shard, seq, &[changed]);
        })?;
    }
    Ok(())
}
