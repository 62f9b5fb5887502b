//! The shop that `tillroll serve` runs: every role in one process.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use access::{Gate, Holder, Role};
use axum::Router;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use command_api::http::{HttpState, router as command_router};
use command_api::{Commands, Options as CommandOptions, StartError as CommandsError, Wire};
use domain::value::Timestamp;
use event_log::sqlite::{DirectoryLock, LockError};
use event_log::{EventLog, Follower, LogError};
use projectors::{Projectors, ProjectorsParts, SEARCH_FOLDS, SearchFeed, SearchFeedParts};
use query_api::{QueryOptions, QueryParts, QueryState, router as query_router};
use read_store::model::product;
use read_store::{ActiveGenerations, Direction, PageRange, ReadStore, StoreError};
use schemas::Codec;
use search::{SearchError, SearchFiles};
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::backends::{EngineError, Roll, open_sealer, open_store};
use crate::data_dir::{DataDir, DataDirError, OperatorFile};
use crate::demo_shop;
use crate::deployment::Deployment;
use crate::generation_commands::GenerationCommands;
use crate::health::{self, Health};
use crate::history::Past;
use crate::image_files::{self, ImageFiles};
use crate::listener;
use crate::metrics;
use crate::operating::turns::Turns;
use crate::operator::{self, Operator};
use crate::pages;
use crate::parked::skips::{self, Skipping};
use crate::read_models::ReadModels;
use crate::secrets;
use crate::{openapi, postman};

/// How long requests that were taken may take to end when the server stops.
const DRAIN_SECONDS: u64 = 10;
/// How long the token of the demo's own import is valid.
const DEMO_TOKEN_SECONDS: u32 = 600;
/// Bytes of the operator's token.
const OPERATOR_TOKEN_BYTES: usize = 32;
/// How long the shards may take to be claimed before the terminal says so.
const CLAIM_DEADLINE: Duration = Duration::from_secs(30);
/// Rows read at once while products are counted.
const COUNT_PAGE_ROWS: usize = 1_000;
/// How often readiness is looked at while the server starts.
const READY_POLL: Duration = Duration::from_millis(2);

/// Where uploaded images lie in a data directory.
const IMAGES: &str = "images";

/// What a shop needs to know.
#[derive(Clone, Debug)]
pub struct StartOptions {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The directory that holds everything that the engines of the deployment do not.
    pub data: PathBuf,
    /// The directory that holds the secrets.
    pub secrets: PathBuf,
    /// The directory that holds uploaded images; nodes of one shop share it. None: one in the data directory.
    pub images: Option<PathBuf>,
    /// On which engines.
    pub deployment: Deployment,
    /// Partitions of the topics that have many; fixed when the directory is made.
    pub partitions: u32,
    /// Whether anybody on this machine may watch what happens, as headlines.
    pub public_roll: bool,
    /// Pages of which other origins may listen.
    pub origins: Vec<String>,
    /// Sockets and streams of events at once.
    pub sockets: usize,
    /// Fill an empty shop with demo products.
    pub demo: bool,
}

/// Why a shop does not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The data directory cannot be used.
    #[error("{0}")]
    Data(String),
    /// Somebody else has it.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// An engine cannot be used.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The search index cannot be opened.
    #[error(transparent)]
    Search(#[from] SearchError),
    /// The command side does not start.
    #[error(transparent)]
    Commands(#[from] CommandsError),
    /// The system gives no threads or no socket.
    #[error("{0}")]
    System(#[from] std::io::Error),
    /// The demo shop cannot be brought in.
    #[error("the demo shop: {0}")]
    Demo(String),
    /// The log cannot be read.
    #[error(transparent)]
    Read(#[from] LogError),
    /// The system gives no random bytes.
    #[error("no random bytes: {0}")]
    NoEntropy(String),
}

impl From<DataDirError> for StartError {
    fn from(error: DataDirError) -> Self {
        Self::Data(error.to_string())
    }
}

/// A shop that serves.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// Products that are offered.
    pub products: u64,
    /// Records in the log.
    pub records: u64,
    data: DataDir,
    log: Arc<dyn EventLog>,
    close_log: Box<dyn FnOnce() + Send>,
    follower: Follower,
    commands: Commands,
    read_models: ReadModels,
    store: Arc<dyn ReadStore>,
    active: ActiveGenerations,
    serves: Arc<AtomicBool>,
    stop_intake: CancellationToken,
    stop_processes: CancellationToken,
    queries: QueryState,
    http: JoinHandle<()>,
    processes: JoinHandle<()>,
}

/// Starts a shop, and returns once everything that is in its log is served.
///
/// # Errors
/// See [`StartError`]; nothing runs then.
pub async fn start(options: StartOptions) -> Result<Running, StartError> {
    let data = DataDir::open(&options.data)?;
    let lock = Arc::new(DirectoryLock::acquire(data.root())?);
    data.remove_operator()?;
    let secrets = secrets::load(&DataDir::open(&options.secrets)?, options.listen)?;
    let mut roll = Roll::open(&options.deployment, &data, &lock, options.partitions).await?;
    let close_log = roll.take_close();
    let Roll { log, codec, .. } = roll;
    let wire = Arc::new(Wire(Arc::clone(&codec)));
    load_skips(&log, &codec).await?;
    // All that may be missing or refused comes before the claims: they take the shop from the node that serves it.
    let store = open_store(&options.deployment, &data).await?;
    let search_files = SearchFiles::new(data.root(), SEARCH_FOLDS);
    let opened_search = search_files.open()?;
    let search = opened_search.index.clone();
    let sealer = Arc::new(open_sealer(&options.deployment, &data, secrets.master.bytes()).await?);
    let listener = TcpListener::bind(options.listen).await?;
    let address = listener.local_addr()?;
    let url = format!("http://{address}");
    let follower = Follower::start(log.clone(), wire.clone(), &BTreeMap::new())?;
    let command_options = CommandOptions {
        node: roll.node,
        url: url.clone(),
        directory: data.root().to_owned(),
        membership: roll.membership,
    };
    let commands = command_api::start(command_options, log.clone(), roll.delivered, wire.clone(), &follower).await?;
    let active = ActiveGenerations::new();
    let projectors = Projectors::start(ProjectorsParts {
        store: Arc::clone(&store),
        log: log.clone(),
        decoder: wire,
        follower: follower.clone(),
        generation_log: Arc::new(GenerationCommands(commands.clone())),
        active: active.clone(),
    })?;
    let search_feed = SearchFeed::start(SearchFeedParts {
        opened: opened_search,
        files: search_files,
        log: log.clone(),
        follower: follower.clone(),
        store: Arc::clone(&store),
        active: active.clone(),
    })?;
    let read_models = ReadModels {
        projectors,
        search: search_feed,
    };
    let gate = Gate::new(&secrets);
    let stop_processes = CancellationToken::new();
    let skipping = Skipping {
        codec: Arc::clone(&codec),
        commands: commands.clone(),
        read_models: read_models.clone(),
    };
    tokio::spawn(skipping.follow(follower.clone(), stop_processes.clone()));
    let processes = tokio::spawn(reactors::processes::run(commands.clone(), stop_processes.clone()));
    let operator_token = random_token()?;
    let serves = Arc::new(AtomicBool::new(false));
    let health = Health {
        commands: commands.clone(),
        read_models: read_models.clone(),
        serves: Arc::clone(&serves),
    };
    let images = Arc::new(ImageFiles::open(&options.images.unwrap_or_else(|| data.path(IMAGES)))?);
    let queries = QueryState::new(QueryParts {
        store: Arc::clone(&store),
        generations: active.clone(),
        history: Arc::new(Past::new(log.clone(), Arc::clone(&codec))),
        search,
        gate: gate.clone(),
        sealer: Arc::clone(&sealer),
        partitions: options.partitions,
        follower: follower.clone(),
        options: QueryOptions {
            public_roll: options.public_roll,
            origins: options.origins,
            sockets: options.sockets,
            ..QueryOptions::default()
        },
    });
    let app = app(
        HttpState::new(commands.clone(), gate, sealer).keeping_images(images.clone()),
        queries.clone(),
        health.clone(),
        Operator {
            log: log.clone(),
            codec,
            follower: follower.clone(),
            commands: commands.clone(),
            store: Arc::clone(&store),
            active: active.clone(),
            read_models: read_models.clone(),
            turns: Turns::default(),
            token: operator_token.as_str().into(),
        },
    )
    .merge(image_files::router(images));
    let sources = metrics::Sources {
        commands: commands.clone(),
        read_models: read_models.clone(),
        follower: follower.clone(),
    };
    let app = metrics::router(app, sources);
    let stop_intake = CancellationToken::new();
    let http = tokio::spawn(listener::serve(listener, app, stop_intake.clone()));
    let running = Running {
        address,
        products: 0,
        records: 0,
        data,
        log,
        close_log,
        follower,
        commands,
        read_models,
        store,
        active,
        serves,
        stop_intake,
        stop_processes,
        queries,
        http,
        processes,
    };
    let token = || {
        let holder = Holder {
            subject: "demo".to_owned(),
            role: Role::Admin,
        };
        secrets
            .tokens
            .issue(&holder, DEMO_TOKEN_SECONDS, now())
            .map_err(|error| StartError::Demo(error.to_string()))
    };
    running.open_shop(&url, operator_token, options.demo, token).await
}

impl Running {
    /// Waits until everything is served, brings the demo shop in, and says so.
    async fn open_shop(
        mut self,
        url: &str,
        operator_token: String,
        demo: bool,
        token: impl FnOnce() -> Result<String, StartError>,
    ) -> Result<Self, StartError> {
        if !self.commands.until_serving(Instant::now() + CLAIM_DEADLINE).await {
            tracing::warn!("not every shard serves; see /readyz");
        }
        self.read_models.projectors.wait_until_caught_up().await;
        self.read_models.search.wait_until_caught_up().await;
        if demo && demo_shop::is_due(&self.data, &*self.log)? {
            demo_shop::bring_in(&self.data, url, &token()?)
                .await
                .map_err(StartError::Demo)?;
            while self.read_models.lag_commits() > 0 {
                tokio::time::sleep(READY_POLL).await;
            }
        }
        // Only the terminal is told how many there are.
        self.products = count_products(&*self.store, &self.active)
            .await
            .inspect_err(|error| tracing::warn!(%error, "the products could not be counted"))
            .unwrap_or_default();
        self.records = self.count_records();
        self.serves.store(true, Ordering::Release);
        let operator = OperatorFile {
            url: url.to_owned(),
            token: operator_token,
            pid: std::process::id(),
        };
        self.data.write_operator(&operator)?;
        Ok(self)
    }

    fn count_records(&self) -> u64 {
        let ends = self
            .log
            .shards()
            .into_iter()
            .map(|shard| self.log.known_end(shard).unwrap_or(0));
        ends.sum::<i64>().try_into().unwrap_or(0)
    }

    /// Stops gracefully: no more requests, the ones that were taken end, every shard drains, everything is stored.
    pub async fn stop(self) {
        self.serves.store(false, Ordering::Release);
        self.stop_intake.cancel();
        let live = tokio::time::timeout(Duration::from_secs(DRAIN_SECONDS), self.queries.close_live()).await;
        if live.is_err() {
            tracing::warn!("some who listened were still there after {DRAIN_SECONDS} s");
        }
        let drained = tokio::time::timeout(Duration::from_secs(DRAIN_SECONDS), self.http).await;
        if drained.is_err() {
            tracing::warn!("requests were still running after {DRAIN_SECONDS} s");
        }
        self.stop_processes.cancel();
        let _ = self.processes.await;
        self.commands
            .stop(Instant::now() + Duration::from_secs(DRAIN_SECONDS))
            .await;
        let stopping = tokio::task::spawn_blocking(move || {
            self.read_models.projectors.stop();
            self.follower.stop();
            self.read_models.search.stop();
            (self.close_log)();
            if let Err(error) = self.data.remove_operator() {
                tracing::warn!(%error, "the operator's note is still there");
            }
        });
        if stopping.await.is_err() {
            tracing::error!("stopping has panicked");
        }
    }
}

/// Reads what an operator has decided to do without, before anything else is read.
async fn load_skips(log: &Arc<dyn EventLog>, codec: &Arc<Codec>) -> Result<(), StartError> {
    let (log, codec) = (Arc::clone(log), Arc::clone(codec));
    let loading = tokio::task::spawn_blocking(move || skips::load(&*log, &codec)).await;
    Ok(loading.map_err(EngineError::from)??)
}

/// How many products shoppers can see.
async fn count_products(store: &dyn ReadStore, active: &ActiveGenerations) -> Result<u64, StoreError> {
    let Some(generation) = active.of(product::PROJECTION) else {
        return Ok(0);
    };
    let partition = product::page_partition(None, &product::Sort::Newest);
    let mut products = 0;
    let mut range = PageRange::default();
    loop {
        let rows = store
            .page(
                &product::CATEGORY_PAGE,
                generation,
                &partition,
                range,
                Direction::Forward,
                COUNT_PAGE_ROWS,
            )
            .await?;
        products += rows.len() as u64;
        let Some(last) = rows.into_iter().next_back() else {
            return Ok(products);
        };
        range = PageRange {
            after: Some(last.key.clustering),
            before: None,
        };
    }
}

fn app(commands: HttpState, queries: QueryState, health: Health, operator: Operator) -> Router {
    command_router(commands)
        .merge(query_router(queries))
        .merge(health::router(health))
        .merge(operator::router(operator))
        .merge(openapi::router())
        .merge(postman::router())
        .merge(pages::router())
}

fn random_token() -> Result<String, StartError> {
    let mut bytes = [0; OPERATOR_TOKEN_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| StartError::NoEntropy(error.to_string()))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Now, by this machine's clock.
pub(crate) fn now() -> Timestamp {
    Timestamp(jiff::Timestamp::now().as_millisecond())
}
