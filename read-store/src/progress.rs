use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use domain::stream::Shard;
use tokio::sync::oneshot;

use crate::port::Generation;

/// How far each generation of each projection is: the last commit of each shard that its rows hold.
///
/// Stores advance it with every batch; queries wait on it to read their writes. Advancing takes one lock and
/// wakes only those whose commit has come.
#[derive(Debug, Default)]
pub struct Progress(Mutex<HashMap<(&'static str, Generation), Track>>);

/// Where the rows of a shard stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Reached {
    /// The last commit that they hold; 0 when none is known.
    pub seq: u64,
    /// How often rows were made again behind it, in this process.
    pub amendments: u64,
}

#[derive(Debug, Default)]
struct Track {
    seqs: HashMap<Shard, u64>,
    amendments: u64,
    waiters: Vec<Waiter>,
}

#[derive(Debug)]
struct Waiter {
    shard: Shard,
    seq: u64,
    wake: oneshot::Sender<()>,
}

impl Progress {
    /// Nothing is known yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The last commit of a shard that the rows hold; 0 when none is known.
    #[must_use]
    pub fn seq(&self, projection: &'static str, generation: Generation, shard: Shard) -> u64 {
        self.reached(projection, generation, shard).seq
    }

    /// Where the rows of a shard stand: as long as it is the same, so are they.
    #[must_use]
    pub fn reached(&self, projection: &'static str, generation: Generation, shard: Shard) -> Reached {
        let tracks = self.lock();
        let Some(track) = tracks.get(&(projection, generation)) else {
            return Reached::default();
        };
        Reached {
            seq: track.seqs.get(&shard).copied().unwrap_or(0),
            amendments: track.amendments,
        }
    }

    /// Says that rows were written that hold nothing newer: a repair, a parked commit that was read after all.
    pub fn amended(&self, projection: &'static str, generation: Generation) {
        self.lock().entry((projection, generation)).or_default().amendments += 1;
    }

    /// Says that the rows hold everything up to these commits. Never goes back.
    pub fn advance(
        &self,
        projection: &'static str,
        generation: Generation,
        reached: impl IntoIterator<Item = (Shard, u64)>,
    ) {
        let mut tracks = self.lock();
        let track = tracks.entry((projection, generation)).or_default();
        for (shard, seq) in reached {
            let known = track.seqs.entry(shard).or_default();
            *known = seq.max(*known);
        }
        if track.waiters.is_empty() {
            return;
        }
        let Track { seqs, waiters, .. } = track;
        let arrived = |waiter: &mut Waiter| seqs.get(&waiter.shard).is_some_and(|known| *known >= waiter.seq);
        for waiter in waiters.extract_if(.., |waiter| arrived(waiter)) {
            // One who no longer waits needs no wake.
            let _ = waiter.wake.send(());
        }
    }

    /// Forgets a generation whose tables are gone; whoever waits for it waits in vain until the deadline.
    pub fn forget(&self, projection: &'static str, generation: Generation) {
        self.lock().remove(&(projection, generation));
    }

    /// Waits until the rows hold all these commits. Whether they do; not when the deadline came first.
    pub async fn wait_for(
        &self,
        projection: &'static str,
        generation: Generation,
        wanted: &[(Shard, u64)],
        deadline: Instant,
    ) -> bool {
        for (shard, seq) in wanted {
            let Some(arrival) = self.arrival(projection, generation, *shard, *seq) else {
                continue;
            };
            match tokio::time::timeout_at(deadline.into(), arrival).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) | Err(_) => {
                    self.leave(projection, generation);
                    return false;
                }
            }
        }
        true
    }

    /// What resolves when a commit has come; none when it is there.
    fn arrival(
        &self,
        projection: &'static str,
        generation: Generation,
        shard: Shard,
        seq: u64,
    ) -> Option<oneshot::Receiver<()>> {
        let mut tracks = self.lock();
        let track = tracks.entry((projection, generation)).or_default();
        if track.seqs.get(&shard).copied().unwrap_or(0) >= seq {
            return None;
        }
        if track.waiters.len() == track.waiters.capacity() {
            // Before there is room for more, those go whose request was given up.
            track.waiters.retain(|waiter| !waiter.wake.is_closed());
        }
        let (wake, woken) = oneshot::channel();
        track.waiters.push(Waiter { shard, seq, wake });
        Some(woken)
    }

    /// Lets nobody be remembered who no longer waits.
    fn leave(&self, projection: &'static str, generation: Generation) {
        if let Some(track) = self.lock().get_mut(&(projection, generation)) {
            track.waiters.retain(|waiter| !waiter.wake.is_closed());
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(&'static str, Generation), Track>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
