//! A few consumers that all readers share.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::stream::Shard;
use rdkafka::config::{ClientConfig, FromClientConfigAndContext};
use rdkafka::consumer::BaseConsumer;

use super::client::{self, Context};
use super::dispose::dispose;
use super::names::Names;
use super::signal::Signal;
use super::{KafkaError, KafkaOptions, place};
use crate::port::LogError;

/// Most consumers for readers; each has some threads and may hold some megabytes ready.
const READERS_MAX: usize = 4;
/// How long to wait for another reader to be done with one.
const SEAT_WITHIN: Duration = Duration::from_secs(10);

/// Consumers that are lent to readers, one look at a time. One that reads on finds what it left ready, as long as
/// nobody else needed it in between.
pub(super) struct Readers {
    config: ClientConfig,
    signal: Signal,
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Default)]
struct State {
    /// Those that are not lent, the one used longest ago first.
    idle: Vec<Seat>,
    /// How many there are, idle or lent.
    made: usize,
}

/// A consumer and where it stands.
pub(super) struct Seat {
    pub(super) consumer: BaseConsumer<Context>,
    /// The reader that it stands there for.
    reader: Option<u64>,
    /// The offset to come of each partition that is assigned.
    pub(super) nexts: BTreeMap<Shard, i64>,
}

impl Readers {
    /// None yet, but for one that is warm.
    pub(super) fn new(options: &KafkaOptions, signal: Signal) -> Result<Self, KafkaError> {
        let this = Self {
            config: client::reader(options),
            signal,
            state: Mutex::default(),
            freed: Condvar::new(),
        };
        let first = this.make()?;
        this.state().made = 1;
        this.state().idle.push(first);
        Ok(this)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn make(&self) -> Result<Seat, KafkaError> {
        let signal = self.signal.clone();
        Ok(Seat {
            consumer: BaseConsumer::from_config_and_context(&self.config, Context { signal })?,
            reader: None,
            nexts: BTreeMap::new(),
        })
    }

    /// A consumer for one look of this reader.
    pub(super) fn lend(&self, reader: u64) -> Result<Seat, LogError> {
        let deadline = Instant::now() + SEAT_WITHIN;
        let mut state = self.state();
        loop {
            if self.signal.is_closing() {
                return Err(LogError::Unavailable("the log is closed".to_owned()));
            }
            if let Some(seat) = state.take_best(reader) {
                return Ok(seat);
            }
            if state.made < READERS_MAX {
                state.made += 1;
                drop(state);
                return self.make_one_more();
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(LogError::Unavailable("too many are reading the log".to_owned()));
            }
            let waited = self.freed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn make_one_more(&self) -> Result<Seat, LogError> {
        self.make().map_err(|error| {
            self.state().made -= 1;
            LogError::Unavailable(error.to_string())
        })
    }

    /// Gives a consumer back, standing where its reader will go on.
    pub(super) fn give_back(&self, mut seat: Seat, reader: u64) {
        seat.reader = Some(reader);
        self.keep(seat);
    }

    /// Gives a consumer back that nobody will go on with.
    pub(super) fn give_up(&self, mut seat: Seat) {
        seat.leave();
        self.keep(seat);
    }

    fn keep(&self, seat: Seat) {
        self.state().idle.push(seat);
        self.freed.notify_one();
        if self.signal.is_closing() {
            self.close();
        }
    }

    /// The reader has ended: what stands ready for it is let go.
    pub(super) fn leave(&self, reader: u64) {
        let mut state = self.state();
        let of_reader = state.idle.iter_mut().filter(|seat| seat.reader == Some(reader));
        of_reader.for_each(Seat::leave);
    }

    /// Lets all idle consumers go.
    pub(super) fn close(&self) {
        let idle = std::mem::take(&mut self.state().idle);
        dispose(
            idle.into_iter()
                .map(|seat| Box::new(move || drop(seat)) as Box<dyn FnOnce() + Send>),
        );
    }
}

impl State {
    /// The reader's own; else one that stands for nobody; else, when no more can be made, anybody's.
    fn take_best(&mut self, reader: u64) -> Option<Seat> {
        let own = self.idle.iter().position(|seat| seat.reader == Some(reader));
        let free = || self.idle.iter().position(|seat| seat.reader.is_none());
        let any = || (self.made >= READERS_MAX && !self.idle.is_empty()).then_some(0);
        let index = own.or_else(free).or_else(any)?;
        Some(self.idle.remove(index))
    }
}

impl Seat {
    /// Whether it stands where this reader has to go on: what it gives first may be old, but nothing is left out.
    pub(super) fn stands_for(&self, reader: u64, wanted: &BTreeMap<Shard, i64>) -> bool {
        let is_there = |(shard, next): (&Shard, &i64)| self.nexts.get(shard).is_some_and(|at| at <= next);
        self.reader == Some(reader) && wanted.iter().all(is_there)
    }

    /// Moves it to these places and no others.
    pub(super) fn go_to(&mut self, wanted: &BTreeMap<Shard, i64>, names: &Names) -> Result<(), LogError> {
        place::go_to(&self.consumer, wanted, names).map_err(|error| LogError::Unavailable(error.to_string()))?;
        self.nexts.clone_from(wanted);
        Ok(())
    }

    fn leave(&mut self) {
        self.reader = None;
        self.nexts.clear();
        if let Err(error) = place::leave(&self.consumer) {
            tracing::warn!(%error, "a reader's consumer does not leave its place");
        }
    }
}
