//! Process managers: their streams' states, for those who send what they owe.

use std::sync::{Arc, PoisonError};

use domain::State;
use domain::stream::{Shard, StreamId};
use tokio::sync::mpsc;

use super::Runner;
use super::cell::{Cell, Inner};
use crate::shard::{Changed, Standing, Versioned};

/// A process manager's stream in a shard that this process serves, and its committed state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Which shard owns it.
    pub shard: Shard,
    /// Which process.
    pub stream: StreamId,
    /// Its state after its last event.
    pub state: Arc<State>,
    /// How many events it had.
    pub version: u64,
}

/// Those who want to hear of every change.
pub(super) type Listeners = Vec<mpsc::UnboundedSender<Process>>;

/// Whether a process manager still owes something.
pub(crate) fn is_unfinished(state: &State) -> bool {
    match state {
        State::Checkout(checkout) => checkout.is_unfinished(),
        _ => false,
    }
}

impl Runner {
    pub(crate) fn listen(&self) -> mpsc::UnboundedReceiver<Process> {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(sender);
        receiver
    }

    /// The unfinished processes of all shards that are served here.
    pub(crate) fn unfinished(&self) -> Vec<Process> {
        let mut unfinished = Vec::new();
        for cell in self.cells.values() {
            let inner = cell.lock();
            if matches!(inner.standing, Standing::Serving { .. }) {
                unfinished.extend(inner.processes(cell));
            }
        }
        unfinished
    }

    pub(super) fn publish_process(&self, cell: &Cell, inner: &mut Inner, changed: &Changed) {
        let Some(state) = &changed.state else {
            return;
        };
        let stream = changed.stream.clone();
        if is_unfinished(state) {
            let versioned = Versioned {
                version: changed.version,
                state: Some(Arc::clone(state)),
            };
            inner.unfinished.insert(stream.clone(), versioned);
        } else {
            inner.unfinished.remove(&stream);
        }
        if matches!(inner.standing, Standing::Serving { .. }) {
            self.tell_listeners(&[Process {
                shard: cell.shard,
                stream,
                state: Arc::clone(state),
                version: changed.version,
            }]);
        }
    }

    /// A shard that is served from now on owes what it owed before.
    pub(super) fn publish_unfinished(&self, cell: &Cell, inner: &Inner) {
        let unfinished: Vec<Process> = inner.processes(cell).collect();
        self.tell_listeners(&unfinished);
    }

    fn tell_listeners(&self, processes: &[Process]) {
        let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        listeners.retain(|listener| processes.iter().all(|process| listener.send(process.clone()).is_ok()));
    }
}

impl Inner {
    fn processes(&self, cell: &Cell) -> impl Iterator<Item = Process> {
        self.unfinished.iter().filter_map(|(stream, versioned)| {
            Some(Process {
                shard: cell.shard,
                stream: stream.clone(),
                state: versioned.state.clone()?,
                version: versioned.version,
            })
        })
    }
}
