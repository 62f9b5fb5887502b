//! The thread that feeds the file which is answered from, and one beside it that is to follow it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::stream::Shard;
use event_log::Followed;
use read_store::Generation;
use search::{GENERATION, PROJECTION, SearchError, SearchWriter, Snapshot};
use tokio::sync::{mpsc, oneshot};

use super::fed::{Fed, is_another_log, shards};
use super::making::{self, Purpose};
use super::state::Shared;
use crate::limits::HEAL_PAUSE;
use crate::rebuild::RebuildOptions;

/// How often it is looked whether the index has caught up, until it has.
const CATCHING_UP_LOOK: Duration = Duration::from_millis(50);

/// What the thread is asked for.
pub(super) enum Order {
    /// Feed this file as well. What comes back are both files at the same commits; none when the one that is answered
    /// from cannot be read.
    Follow {
        fed: Box<Fed>,
        reply: oneshot::Sender<Result<Option<(Snapshot, Snapshot)>, SearchError>>,
    },
    /// Answer from the other file from now on.
    Switch {
        reply: oneshot::Sender<Result<(), SearchError>>,
    },
    /// Do without the other file, and take it away.
    Drop {
        generation: Generation,
        reply: oneshot::Sender<()>,
    },
}

pub(super) struct Feeding {
    pub(super) shared: Arc<Shared>,
    pub(super) orders: mpsc::UnboundedReceiver<Order>,
    /// What is answered from; none when it is broken.
    front: Option<Fed>,
    /// What is to follow it.
    beside: Option<Fed>,
    /// When a file that is broken is made again, and when it was for the last time.
    heal_at: Option<Instant>,
    healed_at: Option<Instant>,
}

/// Why the feed ends.
struct Stopped;

impl Feeding {
    pub(super) fn new(shared: Arc<Shared>, orders: mpsc::UnboundedReceiver<Order>) -> Self {
        Self {
            shared,
            orders,
            front: None,
            beside: None,
            heal_at: None,
            healed_at: None,
        }
    }

    /// Feeds until it is told to stop, or the follower has stopped.
    pub(super) async fn run(mut self, writer: SearchWriter, begun: Option<SearchWriter>) {
        match Fed::open(writer, &self.shared) {
            Ok(front) => {
                self.shared.active.set(PROJECTION, GENERATION);
                self.tell(&front.seqs());
                self.front = Some(front);
            }
            Err(error) => self.broken(&error),
        }
        if begun.is_some() {
            let purpose = Purpose::Switch(RebuildOptions::default());
            if let Err(error) = making::begin(&self.shared, purpose, begun) {
                tracing::error!(%error, "an interrupted rebuild of the search index could not go on");
            }
        }
        while self.turn().await.is_ok() {}
        for fed in [&mut self.front, &mut self.beside].into_iter().flatten() {
            fed.store_rest();
        }
    }

    async fn turn(&mut self) -> Result<(), Stopped> {
        self.look();
        let is_caught_up = *self.shared.caught_up.borrow();
        let mut damaged = self.shared.index.damaged();
        let front = self.shared.state().front;
        let heal_at = self.heal_at;
        tokio::select! {
            () = self.shared.stopping.cancelled() => return Err(Stopped),
            Some(order) = self.orders.recv() => self.obey(order).await,
            Ok(_) = damaged.wait_for(|damaged| *damaged == front), if heal_at.is_none() && self.may_heal() => {
                tracing::error!(generation = front, "the search index is damaged, as who asks it says");
                self.heal_at = Some(Instant::now());
            }
            followed = next_of(&mut self.front) => self.take_front(followed.ok_or(Stopped)?).await,
            followed = next_of(&mut self.beside) => self.take_beside(followed.ok_or(Stopped)?).await,
            () = tokio::time::sleep(CATCHING_UP_LOOK), if !is_caught_up => {}
            () = until(heal_at) => self.heal(),
        }
        Ok(())
    }

    /// Whether everything that was in the log at the start is there for the first time.
    fn look(&mut self) {
        let Some(front) = &mut self.front else { return };
        if *self.shared.caught_up.borrow() || !front.is_caught_up() {
            return;
        }
        if let Err(error) = front.writer.mark_whole() {
            tracing::warn!(%error, "the next start does not know that the search index is whole");
        }
        self.shared.caught_up.send_replace(true);
    }

    async fn take_front(&mut self, followed: Vec<Followed>) {
        for told in &followed {
            if let Followed::Halted { shard, halt } = told {
                tracing::error!(%shard, %halt, "a shard's log is not intact: what is found of it stands still");
                self.shared.state().halted.insert(*shard, halt.to_string());
            }
        }
        let Some(front) = &mut self.front else { return };
        let taken = if followed.iter().any(is_another_log) {
            tracing::warn!("the search index is of another log: it is made again from this one");
            self.shared.store.progress().forget(PROJECTION, GENERATION);
            self.shared.state().halted.clear();
            front.begin_anew(&self.shared)
        } else {
            front.take(followed, &self.shared).await
        };
        match taken {
            Ok(()) => {
                let reached = front.seqs();
                self.tell(&reached);
            }
            Err(error) => self.broken(&error),
        }
    }

    async fn take_beside(&mut self, followed: Vec<Followed>) {
        let Some(beside) = &mut self.beside else { return };
        if let Err(error) = beside.take(followed, &self.shared).await {
            tracing::error!(%error, "what was to follow the search index cannot be fed");
            self.beside = None;
        }
    }

    /// Tells whoever waits how far the index is.
    fn tell(&self, reached: &BTreeMap<Shard, u64>) {
        let reached = reached.iter().map(|(shard, seq)| (*shard, *seq));
        self.shared.store.progress().advance(PROJECTION, GENERATION, reached);
    }

    /// The file stands still, and is still answered from as far as that goes, until another one is made.
    fn broken(&mut self, error: &SearchError) {
        if self.shared.stopping.is_cancelled() {
            return;
        }
        tracing::error!(%error, "the search index stands still; it is made again from the log");
        self.shared.state().stopped = Some(error.to_string());
        self.front = None;
        let pause = if self.may_heal() { Duration::ZERO } else { HEAL_PAUSE };
        self.heal_at = Some(Instant::now() + pause);
    }

    /// Whether the last time is long enough ago: what breaks at once would keep the process busy for nothing.
    fn may_heal(&self) -> bool {
        self.healed_at.is_none_or(|healed| healed.elapsed() >= HEAL_PAUSE)
    }

    /// Makes the file again. While somebody else does so, it is looked again.
    fn heal(&mut self) {
        let begun = making::begin(&self.shared, Purpose::Heal, None);
        self.heal_at = begun.is_err().then(|| Instant::now() + HEAL_PAUSE);
        self.healed_at = Some(Instant::now());
    }

    async fn obey(&mut self, order: Order) {
        match order {
            Order::Follow { fed, reply } => {
                let followed = self.follow(*fed).await;
                let _ = reply.send(followed);
            }
            Order::Switch { reply } => {
                let switched = self.switch().await;
                let _ = reply.send(switched);
            }
            Order::Drop { generation, reply } => {
                self.drop_beside(generation);
                let _ = reply.send(());
            }
        }
    }

    /// Brings both files to the same commits, and gives what is in them there.
    async fn follow(&mut self, mut beside: Fed) -> Result<Option<(Snapshot, Snapshot)>, SearchError> {
        let Some(front) = &mut self.front else {
            self.beside = Some(beside);
            return Ok(None);
        };
        let target = later(front.seqs(), beside.seqs());
        let _ = beside.bring_to(&target, &self.shared).await?;
        if let Err(error) = front.bring_to(&target, &self.shared).await {
            self.beside = Some(beside);
            self.broken(&error);
            return Ok(None);
        }
        let reached = front.seqs();
        let both = front
            .writer
            .snapshot()
            .and_then(|front| Ok((front, beside.writer.snapshot()?)));
        self.tell(&reached);
        self.beside = Some(beside);
        match both {
            Ok(both) => Ok(Some(both)),
            Err(error) => {
                tracing::warn!(%error, "what is in the search index cannot be compared");
                Ok(None)
            }
        }
    }

    /// Answers from the other file, once it holds all that whoever waits was told to be there.
    async fn switch(&mut self) -> Result<(), SearchError> {
        let gone = || SearchError::Unavailable("what was to follow is not there any more".to_owned());
        let Some(mut beside) = self.beside.take() else {
            return Err(gone());
        };
        let progress = self.shared.store.progress();
        let told = shards(&self.shared).into_iter();
        let told = told.map(|shard| (shard, progress.seq(PROJECTION, GENERATION, shard)));
        let target = later(told.collect(), beside.seqs());
        if !beside.bring_to(&target, &self.shared).await? {
            return Err(gone());
        }
        beside.writer.mark_whole()?;
        self.shared.index.show(&beside.writer)?;
        let (generation, reached) = (beside.writer.generation(), beside.seqs());
        let former = {
            let mut state = self.shared.state();
            state.stopped = None;
            std::mem::replace(&mut state.front, generation)
        };
        self.front = Some(beside);
        self.heal_at = None;
        self.tell(&reached);
        tracing::info!(generation, "searches are answered from this file");
        self.take_away(former);
        Ok(())
    }

    fn drop_beside(&mut self, generation: Generation) {
        self.beside.take_if(|beside| beside.writer.generation() == generation);
        if self.shared.state().front != generation {
            self.take_away(generation);
        }
        // What was being made in place of a broken file has not become anything.
        if self.front.is_none() && self.heal_at.is_none() {
            self.heal_at = Some(Instant::now() + HEAL_PAUSE);
        }
    }

    fn take_away(&self, generation: Generation) {
        self.shared.state().files.remove(&generation);
        if let Err(error) = self.shared.files.remove(generation) {
            tracing::warn!(generation, %error, "a file of the search index is still there");
        }
    }
}

/// Of each shard the later commit.
fn later(mut first: BTreeMap<Shard, u64>, second: BTreeMap<Shard, u64>) -> BTreeMap<Shard, u64> {
    for (shard, seq) in second {
        let known = first.entry(shard).or_default();
        *known = seq.max(*known);
    }
    first
}

async fn next_of(fed: &mut Option<Fed>) -> Option<Vec<Followed>> {
    match fed {
        Some(fed) => fed.next().await,
        None => std::future::pending().await,
    }
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment.into()).await,
        None => std::future::pending().await,
    }
}
