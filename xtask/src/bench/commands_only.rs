//! The command side alone, as the server wires it, without projections and queries.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use access::{Gate, Holder, Role, Secrets};
use axum::serve::ListenerExt;
use command_api::http::{HttpState, router};
use command_api::{Commands, Options, Wire};
use domain::value::Timestamp;
use event_log::sqlite::{DirectoryLock, SqliteLog, SqliteOptions};
use event_log::{Delivered, EventLog, Follower};
use schemas::{Codec, FileIds, Sealer, SqliteKeys};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::measure::Failure;

/// How long the shards may take to be claimed.
const CLAIM_DEADLINE: Duration = Duration::from_secs(30);
/// How long the token is valid.
const TOKEN_SECONDS: u32 = 36_000;

/// A log that was opened.
pub(super) struct Opened {
    pub(super) log: Arc<dyn EventLog>,
    pub(super) delivered: mpsc::UnboundedReceiver<Vec<Delivered>>,
    /// Ends it; may block.
    pub(super) close: Box<dyn FnOnce() + Send>,
}

impl Opened {
    /// The embedded log in a directory.
    pub(super) fn embedded(data: &Path) -> Result<Self, Failure> {
        let lock = Arc::new(DirectoryLock::acquire(data)?);
        let (deliveries, delivered) = mpsc::unbounded_channel();
        let log = Arc::new(SqliteLog::open(&lock, SqliteOptions::default(), deliveries)?);
        let closed = Arc::clone(&log);
        Ok(Self {
            log,
            delivered,
            close: Box::new(move || closed.close()),
        })
    }
}

/// The log and the command side on it.
pub(super) struct CommandSide {
    pub(super) log: Arc<dyn EventLog>,
    pub(super) follower: Follower,
    pub(super) wire: Arc<Wire>,
    pub(super) commands: Commands,
    close: Box<dyn FnOnce() + Send>,
}

impl CommandSide {
    /// Starts it in a directory, with the embedded log.
    pub(super) async fn start(data: &Path, url: &str) -> Result<Self, Failure> {
        Self::on(Opened::embedded(data)?, data, url).await
    }

    /// Starts it on any log; the directory holds everything else.
    pub(super) async fn on(opened: Opened, data: &Path, url: &str) -> Result<Self, Failure> {
        let Opened { log, delivered, close } = opened;
        let codec = Codec::open(Box::new(FileIds::open(data.join("schema-ids.json"))?))?;
        let wire = Arc::new(Wire(Arc::new(codec)));
        let follower = Follower::start(log.clone(), wire.clone(), &BTreeMap::new())?;
        let options = Options {
            node: "bench".to_owned(),
            url: url.to_owned(),
            directory: data.to_owned(),
            membership: Arc::new(event_log::Alone),
        };
        let commands = command_api::start(options, log.clone(), delivered, wire.clone(), &follower).await?;
        if !commands.until_serving(Instant::now() + CLAIM_DEADLINE).await {
            return Err("the shards are not served in time".into());
        }
        Ok(Self {
            log,
            follower,
            wire,
            commands,
            close,
        })
    }

    /// Stops it, and leaves everything in the directory.
    pub(super) async fn stop(self) -> Result<(), Failure> {
        self.commands.stop(Instant::now() + CLAIM_DEADLINE).await;
        tokio::task::spawn_blocking(move || {
            self.follower.stop();
            (self.close)();
        })
        .await?;
        Ok(())
    }

    /// Records in the log.
    pub(super) fn records(&self) -> i64 {
        self.log
            .shards()
            .into_iter()
            .filter_map(|shard| self.log.end(shard).ok())
            .sum()
    }
}

/// Serves until it is killed; its first line says where, and with which token of an admin.
pub(super) async fn run(data: &Path) -> Result<(), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let side = CommandSide::start(data, &format!("http://{address}")).await?;
    let secrets = Secrets::generate()?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
    let holder = Holder {
        subject: "bench".to_owned(),
        role: Role::Admin,
    };
    let token = secrets
        .tokens
        .issue(&holder, TOKEN_SECONDS, Timestamp(i64::try_from(now)?))?;
    let keys = Box::new(SqliteKeys::open(&data.join("keys.db"))?);
    let sealer = Sealer::with_keys(keys, secrets.master.bytes())?;
    let app = router(HttpState::new(
        side.commands.clone(),
        Gate::new(&secrets),
        Arc::new(sealer),
    ));
    writeln!(std::io::stdout(), "{address} {token}")?;
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    Ok(axum::serve(listener, app).await?)
}
