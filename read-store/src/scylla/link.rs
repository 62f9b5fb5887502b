//! The link to the database: a session on a thread of its own, requests that are repeated while that may help,
//! and another session when nothing is heard in the old one.
//!
//! The session's connections are served by the store's own thread, so that a caller's runtime may block, or end,
//! without stopping anybody else's requests. A request is encoded and its answer decoded where it is awaited; the
//! way to the connection and back is its only hop.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::ScyllaOptions;
use super::failure::Failure;
use super::limits::{
    REQUEST_TIME_MAX, RETRY_PAUSE_MAX, RETRY_PAUSE_MIN, RETRY_TIME_MAX, SCHEMA_TIME_MAX, SESSION_PATIENCE,
    SESSION_PAUSE, SESSION_TIME_MAX,
};
use super::session::{Live, within};
use crate::port::StoreError;

/// How long a request is waited for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// One attempt.
    attempt: Duration,
    /// All of them.
    total: Duration,
}

impl Patience {
    /// With rows.
    pub(super) const ROWS: Self = Self {
        attempt: REQUEST_TIME_MAX,
        total: RETRY_TIME_MAX,
    };

    /// With a change of the schema.
    pub(super) const SCHEMA: Self = Self {
        attempt: SCHEMA_TIME_MAX,
        total: SCHEMA_TIME_MAX,
    };
}

/// A link to the database. Cheap to clone: all clones are one.
#[derive(Clone, Debug)]
pub(super) struct Link(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    options: ScyllaOptions,
    driver: DriverThread,
    live: RwLock<Arc<Live>>,
    /// Since when nothing was heard.
    silent_since: Mutex<Option<Instant>>,
    /// Whether `silent_since` has a value: what every answer asks.
    is_silent: AtomicBool,
    /// Whether another session is being begun.
    is_replacing: AtomicBool,
}

impl Link {
    /// Connects once.
    pub(super) async fn open(options: ScyllaOptions) -> Result<Self, StoreError> {
        let driver = DriverThread::start()?;
        let live = driver.connect(&options).await?;
        Ok(Self(Arc::new(Inner {
            options,
            driver,
            live: RwLock::new(Arc::new(live)),
            silent_since: Mutex::new(None),
            is_silent: AtomicBool::new(false),
            is_replacing: AtomicBool::new(false),
        })))
    }

    /// The session of the moment.
    pub(super) fn live(&self) -> Arc<Live> {
        Arc::clone(&self.0.live.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Asks until there is an answer, as long as asking again may help and patience lasts.
    pub(super) async fn ask<T, F, A>(&self, patience: Patience, ask: F) -> Result<T, Failure>
    where
        F: Fn(Arc<Live>) -> A,
        A: Future<Output = Result<T, Failure>>,
    {
        let deadline = Instant::now() + patience.total;
        let mut pause = RETRY_PAUSE_MIN;
        loop {
            let attempt_ends = deadline.min(Instant::now() + patience.attempt);
            let answered = tokio::time::timeout_at(attempt_ends, ask(self.live())).await;
            let silence = || Failure::Unreachable(format!("no answer within {:?}", patience.attempt));
            let failure = match answered.unwrap_or_else(|_| Err(silence())) {
                Ok(answer) => {
                    self.heard();
                    return Ok(answer);
                }
                Err(failure) => failure,
            };
            match failure {
                Failure::Unreachable(_) => self.heard_nothing(),
                Failure::Busy(_) | Failure::Invalid(_) | Failure::Final(_) => self.heard(),
            }
            let pausing = jittered(pause);
            if !failure.is_retryable() || Instant::now() + pausing >= deadline {
                return Err(failure);
            }
            tokio::time::sleep(pausing).await;
            pause = RETRY_PAUSE_MAX.min(pause * 2);
        }
    }

    fn heard(&self) {
        if self.0.is_silent.swap(false, Ordering::AcqRel) {
            *self.silent_since() = None;
        }
    }

    fn heard_nothing(&self) {
        let since = *self.silent_since().get_or_insert_with(Instant::now);
        self.0.is_silent.store(true, Ordering::Release);
        if since.elapsed() >= SESSION_PATIENCE && !self.0.is_replacing.swap(true, Ordering::AcqRel) {
            let link = self.clone();
            drop(self.0.driver.handle.spawn(async move { link.replace().await }));
        }
    }

    /// Begins another session; the requests in the old one end there.
    async fn replace(&self) {
        let begun = within(SESSION_TIME_MAX, Live::connect(&self.0.options)).await;
        match begun {
            Ok(live) => {
                *self.0.live.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(live);
                self.heard();
            }
            // Whoever asks is told what is wrong; this goes on as long as somebody asks.
            Err(_) => tokio::time::sleep(SESSION_PAUSE).await,
        }
        self.0.is_replacing.store(false, Ordering::Release);
    }

    fn silent_since(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.0.silent_since.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Half of a pause, and by chance up to the whole of it.
fn jittered(pause: Duration) -> Duration {
    // Without random bytes all wait equally long.
    let chance = f64::from(getrandom::u32().unwrap_or(u32::MAX)) / f64::from(u32::MAX);
    pause.mul_f64(0.5 + chance / 2.0)
}

/// The thread on which sessions live. It ends when this is dropped.
#[derive(Debug)]
struct DriverThread {
    handle: Handle,
    /// The thread waits for it to go.
    _alive: oneshot::Sender<()>,
}

impl DriverThread {
    fn start() -> Result<Self, StoreError> {
        let unavailable = |error: std::io::Error| StoreError::Unavailable(error.to_string());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(unavailable)?;
        let handle = runtime.handle().clone();
        let (alive, ended) = oneshot::channel::<()>();
        let thread = std::thread::Builder::new().name("read-store".to_owned());
        let thread = thread.spawn(move || {
            // An error says that the sender is gone: that is the end.
            let _ = runtime.block_on(ended);
        });
        drop(thread.map_err(unavailable)?);
        Ok(Self { handle, _alive: alive })
    }

    /// A session whose tasks run on the thread.
    async fn connect(&self, options: &ScyllaOptions) -> Result<Live, StoreError> {
        let options = options.clone();
        let connecting = async move { within(SESSION_TIME_MAX, Live::connect(&options)).await };
        let connected = self.handle.spawn(connecting).await;
        connected.unwrap_or_else(|error| Err(StoreError::Unavailable(error.to_string())))
    }
}
