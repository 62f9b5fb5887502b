//! What queries are answered from.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use access::Gate;
use domain::shop::settings::Settings;
use domain::stream::StreamId;
use domain::value::Sealed;
use event_log::Follower;
use read_store::model::{Versioned, shop};
use read_store::{ActiveGenerations, Generation, Reached, ReadStore};
use schemas::{SealError, Sealer};
use search::SearchIndex;
use tokio::sync::Semaphore;

use crate::consistency::{Consistency, Source};
use crate::document::DocumentCache;
use crate::error::QueryError;
use crate::history::History;
use crate::kept::KeptAnswers;
use crate::limits::{CONSISTENCY_WAIT_MS_MAX, KEY_WAIT_MS_MAX, KEYS_READ_AT_ONCE_MAX, SOCKETS_MAX};
use crate::live::Hub;
use crate::schema::{ShopSchema, build_schema};
use crate::sockets::Sockets;

/// What queries are answered from. Cheap to clone: all clones are one.
#[derive(Clone)]
pub struct QueryState(Arc<Inner>);

/// What a [`QueryState`] is made of.
pub struct QueryParts {
    /// Where the rows are.
    pub store: Arc<dyn ReadStore>,
    /// Which of them to read.
    pub generations: ActiveGenerations,
    /// What searched, filtered and counted lists are answered from.
    pub search: SearchIndex,
    /// Checks credentials.
    pub gate: Gate,
    /// What objects looked like before.
    pub history: Arc<dyn History>,
    /// Opens personal fields.
    pub sealer: Arc<Sealer>,
    /// Partitions of every topic that has many.
    pub partitions: u32,
    /// Reads the log, for live updates.
    pub follower: Follower,
    /// What an operator may choose.
    pub options: QueryOptions,
}

/// What an operator may choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryOptions {
    /// Whether the schema is shown, and misspelt names are corrected in errors.
    pub introspection: bool,
    /// How long a request waits for what its consistency token asks for, at most [`CONSISTENCY_WAIT_MS_MAX`].
    pub consistency_wait: Duration,
    /// Whether anybody on this machine sees what happens, as a headline without its fields; admins always see it.
    pub public_roll: bool,
    /// Pages of which origins may listen, beside those of the shop itself: `https://shop.example`.
    pub origins: Vec<String>,
    /// Sockets and streams of events at once, at most [`SOCKETS_MAX`].
    pub sockets: usize,
}

impl Default for QueryOptions {
    fn default() -> Self {
        Self {
            introspection: true,
            consistency_wait: Duration::from_millis(CONSISTENCY_WAIT_MS_MAX),
            public_roll: false,
            origins: Vec::new(),
            sockets: SOCKETS_MAX,
        }
    }
}

/// The shop as it was at a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ShopNow {
    /// How it works.
    pub(crate) settings: Settings,
    /// How many changes it has had; 0 before the first.
    pub(crate) version: u64,
}

struct Inner {
    parts: QueryParts,
    schema: ShopSchema,
    documents: DocumentCache,
    answers: KeptAnswers,
    shop: Mutex<Option<(Generation, Reached, Arc<ShopNow>)>>,
    key_readers: Arc<Semaphore>,
    hub: Arc<Hub>,
    sockets: Sockets,
}

impl QueryState {
    /// Makes it ready for queries, and begins to follow the log. Called in a Tokio runtime.
    #[must_use]
    pub fn new(mut parts: QueryParts) -> Self {
        let longest = Duration::from_millis(CONSISTENCY_WAIT_MS_MAX);
        parts.options.consistency_wait = parts.options.consistency_wait.min(longest);
        Self(Arc::new(Inner {
            schema: build_schema(parts.options.introspection),
            hub: Hub::start(parts.follower.clone(), parts.partitions),
            sockets: Sockets::new(parts.options.sockets.min(SOCKETS_MAX)),
            parts,
            documents: DocumentCache::default(),
            answers: KeptAnswers::default(),
            shop: Mutex::new(None),
            key_readers: Arc::new(Semaphore::new(KEYS_READ_AT_ONCE_MAX)),
        }))
    }

    pub(crate) fn parts(&self) -> &QueryParts {
        &self.0.parts
    }

    pub(crate) fn schema(&self) -> &ShopSchema {
        &self.0.schema
    }

    pub(crate) fn documents(&self) -> &DocumentCache {
        &self.0.documents
    }

    pub(crate) fn answers(&self) -> &KeptAnswers {
        &self.0.answers
    }

    pub(crate) fn hub(&self) -> &Arc<Hub> {
        &self.0.hub
    }

    pub(crate) fn sockets(&self) -> &Sockets {
        &self.0.sockets
    }

    /// Ends all that goes on for longer than one request (sockets, streams of events), and waits until it has
    /// ended: the server's own shutdown waits for none of them.
    pub async fn close_live(&self) {
        self.0.sockets.close().await;
    }

    /// Opens a personal field; none when its person was forgotten. A key that is not in memory is read on a thread
    /// that may block, and of these there are few: a store of keys that hangs takes nothing else with it.
    ///
    /// # Errors
    /// The key cannot be had, or the field is not what it should be.
    pub(crate) async fn open(&self, sealed: &Sealed, field: &'static str) -> Result<Option<String>, QueryError> {
        let opened = match self.parts().sealer.open_cached(sealed, field) {
            Some(opened) => opened,
            None => self.open_uncached(sealed.clone(), field).await?,
        };
        match opened {
            Ok(text) => Ok(Some(text)),
            Err(SealError::Forgotten { .. }) => Ok(None),
            Err(SealError::Keys(error)) if error.is_retryable() => Err(QueryError::KeysUnavailable(error.to_string())),
            Err(error) => Err(QueryError::Sealed(error.to_string())),
        }
    }

    async fn open_uncached(
        &self,
        sealed: Sealed,
        field: &'static str,
    ) -> Result<Result<String, SealError>, QueryError> {
        let longest = Duration::from_millis(KEY_WAIT_MS_MAX);
        let turn = tokio::time::timeout(longest, Arc::clone(&self.0.key_readers).acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            let why = format!("{KEYS_READ_AT_ONCE_MAX} others have waited for {KEY_WAIT_MS_MAX} ms");
            return Err(QueryError::KeysUnavailable(why));
        };
        let state = self.clone();
        let opened = tokio::task::spawn_blocking(move || {
            let opened = state.parts().sealer.open(&sealed, field);
            // Held until the thread is free again, also when nobody waits for the answer any more.
            drop(turn);
            opened
        })
        .await;
        opened.map_err(|error| QueryError::Sealed(error.to_string()))
    }

    /// The generation of a projection to read.
    ///
    /// # Errors
    /// There is none yet.
    pub(crate) fn generation(&self, projection: &'static str) -> Result<Generation, QueryError> {
        let generation = self.parts().generations.of(projection);
        generation.ok_or_else(|| QueryError::not_built(projection))
    }

    /// The shop, as new as the token asks for. Kept until a commit changes it.
    ///
    /// # Errors
    /// What the store says.
    pub(crate) async fn shop(&self, consistency: &Consistency) -> Result<Arc<ShopNow>, QueryError> {
        let store = &self.parts().store;
        let generation = self.generation(shop::PROJECTION)?;
        let shard = StreamId::Shop.shard(self.parts().partitions);
        consistency
            .wait(store.progress(), shop::PROJECTION, generation, Source::Shard(shard))
            .await;
        let reached = store.progress().reached(shop::PROJECTION, generation, shard);
        let kept = || self.0.shop.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((kept_generation, kept_at, shop)) = &*kept()
            && (*kept_generation, *kept_at) == (generation, reached)
        {
            return Ok(Arc::clone(shop));
        }
        let rows = store.get(&shop::SETTINGS, generation, &[shop::settings_key()]).await?;
        let shop = match rows.into_iter().next().flatten() {
            None => ShopNow {
                settings: Settings::default(),
                version: 0,
            },
            Some(row) => {
                let view = Versioned::<shop::ShopView>::of_row(&row)?;
                ShopNow {
                    settings: view.view.settings,
                    version: view.version,
                }
            }
        };
        let shop = Arc::new(shop);
        *kept() = Some((generation, reached, Arc::clone(&shop)));
        Ok(shop)
    }
}
