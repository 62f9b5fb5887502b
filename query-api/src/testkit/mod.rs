//! A shop in memory whose rows the tests write by hand, and its endpoint to ask.

mod counting;
mod log;
mod past;
mod rows;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use access::{Gate, Holder, Role, Secrets};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use domain::shop::settings::Settings;
use domain::stream::{Shard, StreamId};
use domain::value::{CartId, Sealed};
use read_store::{ActiveGenerations, Batch, MemoryStore, Mutation, Position, ReadStore, Row, Table, model};
use schemas::{MemoryKeys, Sealer};
use search::{Changes, Opened, SearchFiles, SearchWriter};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;

use self::past::TestPast;
use crate::{QueryOptions, QueryParts, QueryState, router};

pub(crate) use counting::CountingStore;
pub(crate) use log::TestLog;
pub(crate) use rows::{Rows, cart_of, category, cents, order_of, product, stock};

/// Partitions of every topic that has many.
pub(crate) const PARTITIONS: u32 = 4;
/// The generation whose rows are read.
const GENERATION: u32 = 1;

/// A shop in memory.
pub(crate) struct TestShop {
    pub(crate) store: Arc<dyn ReadStore>,
    pub(crate) sealer: Arc<Sealer>,
    pub(crate) past: TestPast,
    secrets: Secrets,
    gate: Gate,
    router: Router,
    index: Mutex<SearchWriter>,
    _folder: TempDir,
}

/// What came back.
pub(crate) struct TestAnswer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl TestShop {
    pub(crate) async fn new() -> Self {
        Self::with(QueryOptions::default()).await
    }

    pub(crate) async fn with_patience(consistency_wait: Duration) -> Self {
        Self::with(QueryOptions {
            consistency_wait,
            ..QueryOptions::default()
        })
        .await
    }

    pub(crate) async fn with(options: QueryOptions) -> Self {
        Self::over(Arc::new(MemoryStore::new()), options).await
    }

    pub(crate) async fn over(store: Arc<dyn ReadStore>, options: QueryOptions) -> Self {
        let generations = ActiveGenerations::new();
        let projections: [(&'static str, &'static [&'static Table]); 6] = [
            (model::product::PROJECTION, &model::product::TABLES),
            (model::category::PROJECTION, &model::category::TABLES),
            (model::cart::PROJECTION, &model::cart::TABLES),
            (model::order::PROJECTION, &model::order::TABLES),
            (model::stock::PROJECTION, &model::stock::TABLES),
            (model::shop::PROJECTION, &model::shop::TABLES),
        ];
        for (projection, tables) in projections {
            store.create(tables, GENERATION).await.expect("tables can be made");
            generations.set(projection, GENERATION);
        }
        let folder = TempDir::new().expect("a temporary folder can be made");
        let opened = SearchFiles::new(folder.path(), 1).open();
        let Opened { writer, index, .. } = opened.expect("an index can be made");
        generations.set(search::PROJECTION, search::GENERATION);
        let secrets = Secrets::generate().expect("the system has random bytes");
        let gate = Gate::new(&secrets);
        let sealer = Sealer::with_keys(Box::new(MemoryKeys::default()), secrets.master.bytes());
        let sealer = Arc::new(sealer.expect("a fresh master key is right"));
        let past = TestPast::default();
        let state = QueryState::new(QueryParts {
            history: Arc::new(past.clone()),
            store: Arc::clone(&store),
            generations,
            search: index,
            gate: gate.clone(),
            sealer: Arc::clone(&sealer),
            partitions: PARTITIONS,
            follower: TestLog::new().follower(),
            options,
        });
        Self {
            store,
            sealer,
            past,
            secrets,
            gate,
            router: router(state),
            index: Mutex::new(writer),
            _folder: folder,
        }
    }

    /// Writes rows, as of a commit that is not told to anybody.
    pub(crate) async fn write(&self, version: u64, rows: Vec<(&'static Table, Row)>) {
        for (table, row) in rows {
            let batch = Batch {
                projection: table.projection,
                generation: GENERATION,
                mutations: vec![Mutation::Write { table, row, version }],
                ..Batch::default()
            };
            self.store.apply(&[batch]).await.expect("rows can be written");
        }
    }

    /// Brings the search index up.
    pub(crate) fn index(&self, changes: &Changes) {
        let mut writer = self.index.lock().expect("nobody has panicked");
        writer.apply(changes).expect("changes can be written");
    }

    /// Writes the rows of a view.
    pub(crate) async fn put(&self, view: &(impl Rows + Sync)) {
        self.write(1, view.rows()).await;
    }

    /// Says that the rows of a projection hold everything up to a commit.
    pub(crate) async fn advance(&self, projection: &'static str, shard: Shard, seq: u64) {
        let position = Position {
            seq,
            ..Position::default()
        };
        let batch = Batch {
            projection,
            generation: GENERATION,
            positions: vec![(shard, position)],
            ..Batch::default()
        };
        self.store.apply(&[batch]).await.expect("positions can be written");
    }

    /// Configures the shop, in its first commit.
    pub(crate) async fn configure(&self, settings: Settings) {
        self.put(&model::shop::ShopView { settings }).await;
        self.advance(model::shop::PROJECTION, StreamId::Shop.shard(PARTITIONS), 1)
            .await;
    }

    pub(crate) fn cart_secret(&self, cart: CartId) -> String {
        self.gate.cart_secret(cart).reveal().to_owned()
    }

    /// The value of `Authorization` for somebody with a fresh token.
    pub(crate) fn bearer(&self, role: Role, subject: &str) -> String {
        let holder = Holder {
            subject: subject.to_owned(),
            role,
        };
        let token = self.secrets.tokens.issue(&holder, 60, crate::http::now());
        format!("Bearer {}", token.expect("a token can be issued"))
    }

    pub(crate) fn seal(&self, cart: CartId, field: &str, plain: &str) -> Sealed {
        self.sealer
            .seal(&cart.to_string(), field, plain)
            .expect("a short field can be sealed")
    }

    /// Asks a query, as nobody in particular.
    pub(crate) async fn ask(&self, query: &str) -> TestAnswer {
        self.ask_with(query, json!({}), &[]).await
    }

    /// Asks a query with variables and headers.
    pub(crate) async fn ask_with(&self, query: &str, variables: Value, headers: &[(&str, &str)]) -> TestAnswer {
        self.post(&json!({ "query": query, "variables": variables }), headers)
            .await
    }

    /// Posts a JSON body with headers.
    pub(crate) async fn post(&self, body: &Value, headers: &[(&str, &str)]) -> TestAnswer {
        let mut request = Request::post("/graphql").header(header::CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(body.to_string().into()).expect("a request"))
            .await
    }

    /// Sends a request as it is.
    pub(crate) async fn send(&self, request: Request<Body>) -> TestAnswer {
        let response = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("the router never fails");
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.expect("the body arrives");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        TestAnswer {
            status: parts.status,
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::String(text)),
        }
    }
}

impl TestAnswer {
    /// The data of an answer without errors.
    #[track_caller]
    pub(crate) fn data(self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.body);
        assert_eq!(self.body.get("errors"), None, "{}", self.body);
        self.body["data"].clone()
    }

    /// The code of its first GraphQL error, or of its problem; empty when nothing is wrong.
    pub(crate) fn code(&self) -> &str {
        let graphql = self.body["errors"][0]["extensions"]["code"].as_str();
        graphql.or(self.body["code"].as_str()).unwrap_or_default()
    }
}
