//! What queries are answered from.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use access::Gate;
use domain::shop::settings::Settings;
use domain::stream::StreamId;
use read_store::model::{Versioned, shop};
use read_store::{ActiveGenerations, Generation, ReadStore};
use schemas::Sealer;

use crate::consistency::{Consistency, Source};
use crate::document::DocumentCache;
use crate::error::QueryError;
use crate::kept::KeptAnswers;
use crate::limits::CONSISTENCY_WAIT_MS_MAX;
use crate::schema::{ShopSchema, build_schema};

/// What queries are answered from. Cheap to clone: all clones are one.
#[derive(Clone)]
pub struct QueryState(Arc<Inner>);

/// What a [`QueryState`] is made of.
pub struct QueryParts {
    /// Where the rows are.
    pub store: Arc<dyn ReadStore>,
    /// Which of them to read.
    pub generations: ActiveGenerations,
    /// Checks credentials.
    pub gate: Gate,
    /// Opens personal fields.
    pub sealer: Arc<Sealer>,
    /// Partitions of every topic that has many.
    pub partitions: u32,
    /// What an operator may choose.
    pub options: QueryOptions,
}

/// What an operator may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueryOptions {
    /// Whether the schema is shown, and misspelt names are corrected in errors.
    pub introspection: bool,
    /// How long a request waits for what its consistency token asks for, at most [`CONSISTENCY_WAIT_MS_MAX`].
    pub consistency_wait: Duration,
}

impl Default for QueryOptions {
    fn default() -> Self {
        Self {
            introspection: true,
            consistency_wait: Duration::from_millis(CONSISTENCY_WAIT_MS_MAX),
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
    shop: Mutex<Option<(Generation, u64, Arc<ShopNow>)>>,
}

impl QueryState {
    /// Makes it ready for queries.
    #[must_use]
    pub fn new(mut parts: QueryParts) -> Self {
        let longest = Duration::from_millis(CONSISTENCY_WAIT_MS_MAX);
        parts.options.consistency_wait = parts.options.consistency_wait.min(longest);
        Self(Arc::new(Inner {
            schema: build_schema(parts.options.introspection),
            parts,
            documents: DocumentCache::default(),
            answers: KeptAnswers::default(),
            shop: Mutex::new(None),
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
        let seq = store.progress().seq(shop::PROJECTION, generation, shard);
        let kept = || self.0.shop.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((kept_generation, kept_seq, shop)) = &*kept()
            && (*kept_generation, *kept_seq) == (generation, seq)
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
        *kept() = Some((generation, seq, Arc::clone(&shop)));
        Ok(shop)
    }
}
