//! One process that takes commands, with a data directory of its own.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use command_api::{Commands, Key, Options, Request, Wire};
use domain::stream::{Location, StreamId};
use domain::value::{CommandId, ReservationId, Sku, Timestamp};
use domain::{Command, ConsistencyToken, inventory};
use event_log::{DirectoryLock, EventLog, Follower, SqliteLog, SqliteOptions};
use tokio::sync::mpsc;
use uuid::Uuid;

/// Longer than anything here takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
const PARTITIONS: u32 = 4;

/// A node that runs.
pub(crate) struct Node {
    pub(crate) commands: Commands,
    pub(crate) log: Arc<SqliteLog>,
    follower: Follower,
}

impl Node {
    /// Starts on what the directory holds.
    pub(crate) async fn start(directory: &Path) -> Self {
        let lock = Arc::new(lock(directory).await);
        let options = SqliteOptions {
            partitions: PARTITIONS,
            ..SqliteOptions::default()
        };
        let (deliveries, received) = mpsc::unbounded_channel();
        let log = Arc::new(SqliteLog::open(&lock, options, deliveries).expect("the log opens"));
        let codec = wire();
        let port: Arc<dyn EventLog> = Arc::<SqliteLog>::clone(&log);
        let follower = Follower::start(Arc::clone(&port), codec.clone(), &Default::default()).expect("it follows");
        let options = Options {
            node: "test".to_owned(),
            url: "http://localhost".to_owned(),
            directory: directory.to_owned(),
            membership: Arc::new(event_log::Alone),
        };
        let commands = command_api::start(options, port, received, codec, &follower)
            .await
            .expect("the shards start");
        assert!(commands.until_serving(soon()).await, "every shard is served");
        Self {
            commands,
            log,
            follower,
        }
    }

    /// Stops as an operator would.
    pub(crate) async fn stop(self) {
        self.commands.stop(soon()).await;
        self.end().await;
    }

    /// Stops without a word to the shards, as a crash does: what `state.db` lacks must come from the log.
    pub(crate) async fn crash(self) {
        self.end().await;
    }

    async fn end(self) {
        let Self {
            commands,
            log,
            follower,
        } = self;
        tokio::task::spawn_blocking(move || {
            follower.stop();
            log.close();
        })
        .await
        .expect("the log closes");
        // The tasks still hold their ends until the runtime lets go of them.
        commands.stop(Instant::now()).await;
    }
}

/// The directory, once the tasks of the node before have let go of it.
async fn lock(directory: &Path) -> DirectoryLock {
    let deadline = soon();
    loop {
        match DirectoryLock::acquire(directory) {
            Ok(lock) => return lock,
            Err(error) => assert!(Instant::now() < deadline, "somebody else uses the directory: {error}"),
        }
        tokio::task::yield_now().await;
    }
}

pub(crate) fn wire() -> Arc<Wire> {
    let codec = schemas::Codec::open(Box::new(schemas::MemoryIds::default())).expect("the schemas are sound");
    Arc::new(Wire(Arc::new(codec)))
}

pub(crate) fn soon() -> Instant {
    Instant::now() + PATIENCE
}

/// A request that nobody gave a key.
pub(crate) fn asking(commands: Vec<Command>) -> Request {
    Request {
        commands,
        command_id: CommandId(Uuid::new_v4()),
        keyed: None,
        request_hash: [7; 32],
        expected_version: None,
        actor: "guest".to_owned(),
        correlation: Uuid::new_v4(),
        causation: Uuid::new_v4(),
        traceparent: String::new(),
        after: ConsistencyToken::default(),
        deadline: soon(),
    }
}

/// The same under a key.
pub(crate) fn keyed(key: u128, commands: Vec<Command>) -> Request {
    Request {
        command_id: CommandId(Uuid::from_u128(key)),
        keyed: Some(Key { drawn_at: None }),
        ..asking(commands)
    }
}

pub(crate) fn sku(name: &str) -> Sku {
    name.parse().expect("a SKU")
}

pub(crate) fn item(name: &str) -> StreamId {
    StreamId::StockItem(sku(name), Location::default())
}

pub(crate) fn receive(name: &str, quantity: i64) -> Command {
    let command = inventory::item::Command::Receive { quantity };
    Command::StockItem(sku(name), Location::default(), command)
}

pub(crate) fn reserve(name: &str, reservation: u128, quantity: i64, until: Timestamp) -> Command {
    let reservation = ReservationId(Uuid::from_u128(reservation));
    let command = inventory::hold::Command::Reserve { quantity, until };
    Command::Hold(sku(name), Location::default(), reservation, command)
}

/// What the state of a stock item comes to.
pub(crate) fn levels(state: &domain::State) -> inventory::item::Levels {
    match state {
        domain::State::StockItem(item) => item.stock().levels,
        other => panic!("{other:?} is no stock item"),
    }
}

/// So many seconds from now.
pub(crate) fn in_seconds(seconds: u32) -> Timestamp {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("the clock is past 1970");
    let now = i64::try_from(now.as_millis()).expect("the clock is not that far");
    Timestamp(now).plus_seconds(seconds)
}
